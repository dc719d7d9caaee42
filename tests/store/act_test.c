/* act_test.c: what a person does to one device: the place, the counters, the orders, the log. */
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/device_act.h"
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t three[] = {3};

struct scene {
    struct db *db;
    int64_t campaign;
    int64_t logged; /* rows of the audit log, which outlives a case */
    struct device_act act;
    struct device_act_place was;
    struct wg_error err;
};

static void open_scene(struct scene *scene)
{
    *scene = (struct scene){.db = ground_fresh()};
    ground_devices(scene->db, 3);
    scene->campaign = ground_campaign(scene->db, "campaign", 1, three);
    scene->act = (struct device_act){.device = "dev-000",
                                     .campaign = "campaign",
                                     .by = "sue",
                                     .reason = "its owner asked",
                                     .now = GROUND_NOW};
    scene->logged = ground_number(scene->db, "select coalesce(max(number), 0) from audit");
}

static void close_scene(struct scene *scene)
{
    ground_check_counts(scene->db);
    db_close(scene->db);
}

typedef bool (*act_fn)(struct db *db, const struct device_act *act, struct device_act_place *out,
                       struct wg_error *err);

/* In a transaction, which is kept when it went well. */
static bool act(struct scene *scene, act_fn run)
{
    scene->err = (struct wg_error){0};
    ASSERT_OK(db_begin(scene->db, &scene->err), &scene->err);
    bool ok = run(scene->db, &scene->act, &scene->was, &scene->err);
    if (ok) ASSERT_OK(db_commit(scene->db, &scene->err), &scene->err);
    db_rollback(scene->db);
    return ok;
}

static void report(struct scene *scene, int64_t seq, enum wg_state state, enum wg_cause cause)
{
    char order[WG_ORDER_ID_MAX];
    struct intake_item *item = ground_items(1);
    ground_order(scene->db, scene->campaign, "dev-000", order);
    ground_report(item, "dev-000", seq, order, state);
    item->as.report.cause = cause;
    (void)ground_take(scene->db, item, 1);
    free(item);
}

static int64_t told(struct scene *scene, const char *kind)
{
    return ground_number(scene->db,
                         "select count(*) from audit where kind = '%s' and subject = 'dev-000' and "
                         "actor = 'sue' and detail ->> 'reason' = 'its owner asked' and "
                         "number > %lld",
                         kind, (long long)scene->logged);
}

static void claim_all(struct scene *scene)
{
    CU_ASSERT_EQUAL(ground_claim(scene->db, scene->campaign, 0, 3, GROUND_NOW), 3);
}

static void a_back_off_is_cut_short(void)
{
    struct scene scene;
    open_scene(&scene);
    claim_all(&scene);
    report(&scene, 1, WG_FAILED, WG_CAUSE_DOWNLOAD);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "waiting download");
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 3, GROUND_NOW), 0);
    CU_ASSERT_TRUE(act(&scene, device_act_retry));
    CU_ASSERT_EQUAL(scene.was.state, WG_WAITING);
    CU_ASSERT_TRUE(scene.was.retry_at > GROUND_NOW);
    CU_ASSERT_FALSE(scene.was.needs_campaign);
    ASSERT_TEXT(scene.was.campaign_state, "running");
    CU_ASSERT_EQUAL(told(&scene, "retry"), 1);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 3, GROUND_NOW), 1);
    /* in hand: nothing to cut short */
    CU_ASSERT_FALSE(act(&scene, device_act_retry));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_CONFLICT);
    close_scene(&scene);
}

static void a_place_that_has_ended_needs_a_campaign(void)
{
    struct scene scene;
    open_scene(&scene);
    CU_ASSERT_FALSE(act(&scene, device_act_retry)); /* waits for its turn */
    CU_ASSERT_EQUAL(scene.err.code, WG_E_CONFLICT);
    claim_all(&scene);
    report(&scene, 1, WG_ROLLED_BACK, WG_CAUSE_HEALTH);
    CU_ASSERT_TRUE(act(&scene, device_act_retry));
    CU_ASSERT_TRUE(scene.was.needs_campaign);
    CU_ASSERT_EQUAL(told(&scene, "retry"), 0);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "rolled-back health");
    close_scene(&scene);
}

static void who_has_succeeded_is_not_retried(void)
{
    struct scene scene;
    open_scene(&scene);
    claim_all(&scene);
    report(&scene, 1, WG_SUCCEEDED, WG_CAUSE_NONE);
    CU_ASSERT_FALSE(act(&scene, device_act_retry));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_CONFLICT);
    CU_ASSERT_FALSE(act(&scene, device_act_cancel));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_CONFLICT);
    close_scene(&scene);
}

static int64_t withdrawals(struct scene *scene)
{
    return ground_number(scene->db, "select count(*) from update_order where open and kind = "
                                    "'withdraw' and device_id = 'dev-000'");
}

static void who_waits_is_cancelled_at_once(void)
{
    struct scene scene;
    open_scene(&scene);
    CU_ASSERT_TRUE(act(&scene, device_act_cancel));
    CU_ASSERT_EQUAL(scene.was.state, WG_WAITING);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "withdrawn withdrawn");
    ASSERT_TEXT(ground_text(scene.db, "select detail from place where device_id = 'dev-000'"),
                "cancelled by sue: its owner asked");
    CU_ASSERT_EQUAL(withdrawals(&scene), 0);
    CU_ASSERT_EQUAL(told(&scene, "cancel"), 1);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 3, GROUND_NOW), 2);
    CU_ASSERT_FALSE(act(&scene, device_act_cancel));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_CONFLICT);
    close_scene(&scene);
}

/* Each state on the way: what is in hand is taken back; who asks then gets no word. */
static void what_is_in_hand_is_taken_back(void)
{
    static const enum wg_state way[] = {WG_OFFERED, WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING};
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        struct scene scene;
        open_scene(&scene);
        claim_all(&scene);
        if (way[i] != WG_OFFERED) report(&scene, 1, way[i], WG_CAUSE_NONE);
        CU_ASSERT_TRUE(act(&scene, device_act_cancel));
        CU_ASSERT_EQUAL(scene.was.state, way[i]);
        ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "withdrawn withdrawn");
        CU_ASSERT_EQUAL(withdrawals(&scene), 1);
        CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where open and "
                                                "kind = 'install' and device_id = 'dev-000'"),
                        0);
        report(&scene, 2, WG_REBOOTING, WG_CAUSE_NONE);
        ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "withdrawn withdrawn");
        close_scene(&scene);
    }
}

static void who_has_switched_over_cannot_be_recalled(void)
{
    struct scene scene;
    open_scene(&scene);
    claim_all(&scene);
    report(&scene, 1, WG_REBOOTING, WG_CAUSE_NONE);
    CU_ASSERT_FALSE(act(&scene, device_act_cancel));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.err.text, "cannot be recalled"));
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "rebooting");
    CU_ASSERT_EQUAL(told(&scene, "cancel"), 0);
    close_scene(&scene);
}

static bool quarantine(struct scene *scene, bool *fresh)
{
    scene->err = (struct wg_error){0};
    ASSERT_OK(db_begin(scene->db, &scene->err), &scene->err);
    bool ok = device_act_quarantine(scene->db, &scene->act, fresh, &scene->err);
    if (ok) ASSERT_OK(db_commit(scene->db, &scene->err), &scene->err);
    db_rollback(scene->db);
    return ok;
}

static int64_t in_quarantine(struct scene *scene)
{
    return ground_number(scene->db, "select count(*) from device where id = 'dev-000' and "
                                    "quarantined_at is not null");
}

/* Whatever policy says of clones, until somebody clears it. */
static void a_quarantine_lasts_until_it_is_cleared(void)
{
    static const struct alarm_quarantine tolerant = {.cloned = false, .tampered = false};
    const struct alarm_clearing clearing = {.device = "dev-000", .by = "dave", .why = "found"};
    struct scene scene;
    bool fresh = false, any = false;
    unsigned kinds = 0;
    open_scene(&scene);
    CU_ASSERT_TRUE(quarantine(&scene, &fresh));
    CU_ASSERT_TRUE(fresh);
    CU_ASSERT_EQUAL(in_quarantine(&scene), 1);
    CU_ASSERT_EQUAL(told(&scene, "quarantine"), 1);
    ASSERT_OK(alarm_row_quarantine(scene.db, &tolerant, GROUND_NOW, &any, &scene.err), &scene.err);
    CU_ASSERT_TRUE(any);
    CU_ASSERT_EQUAL(in_quarantine(&scene), 1);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 3, GROUND_NOW), 2);
    CU_ASSERT_TRUE(quarantine(&scene, &fresh));
    CU_ASSERT_FALSE(fresh);
    struct device_row *row = calloc(1, sizeof *row);
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    ASSERT_OK(device_row_get(scene.db, "dev-000", row, &scene.err), &scene.err);
    ASSERT_TEXT(row->held_why, "by sue: its owner asked");
    free(row);
    ASSERT_OK(alarm_row_clear(scene.db, &clearing, GROUND_NOW, &kinds, &scene.err), &scene.err);
    CU_ASSERT_EQUAL(kinds, 1U << ALARM_QUARANTINE);
    CU_ASSERT_EQUAL(in_quarantine(&scene), 0);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 3, GROUND_NOW), 1);
    close_scene(&scene);
}

/* Nothing is written without a reason that others can read. */
static void a_reason_is_needed(void)
{
    char much[DEVICE_ACT_REASON_MAX + 2];
    memset(much, 'x', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    const char *const bad[] = {"", NULL, "two\nlines", "\x1b[31m", "\xff", much};
    struct scene scene;
    bool fresh = false;
    open_scene(&scene);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        scene.act.reason = bad[i];
        CU_ASSERT_FALSE(act(&scene, device_act_cancel));
        CU_ASSERT_EQUAL(scene.err.code, WG_E_USAGE);
        CU_ASSERT_FALSE(act(&scene, device_act_retry));
        CU_ASSERT_EQUAL(scene.err.code, WG_E_USAGE);
        CU_ASSERT_FALSE(quarantine(&scene, &fresh));
        CU_ASSERT_EQUAL(scene.err.code, WG_E_USAGE);
    }
    CU_ASSERT_EQUAL(ground_number(scene.db, "select coalesce(max(number), 0) from audit"),
                    scene.logged);
    close_scene(&scene);
}

static void what_is_not_there_is_said(void)
{
    struct scene scene;
    bool fresh = false;
    open_scene(&scene);
    scene.act.device = "dev-999";
    CU_ASSERT_FALSE(act(&scene, device_act_cancel));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_NOT_FOUND);
    CU_ASSERT_FALSE(quarantine(&scene, &fresh));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_NOT_FOUND);
    scene.act.device = "dev-000";
    scene.act.campaign = "nothing";
    CU_ASSERT_FALSE(act(&scene, device_act_retry));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_NOT_FOUND);
    ground_run(scene.db, "insert into device (id, registered_at) values ('dev-late', now())");
    scene.act.device = "dev-late";
    scene.act.campaign = "campaign";
    CU_ASSERT_FALSE(act(&scene, device_act_cancel));
    CU_ASSERT_EQUAL(scene.err.code, WG_E_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.err.text, "has no place"));
    close_scene(&scene);
}

WG_SUITE("store.act", {"a back-off is cut short", a_back_off_is_cut_short},
         {"a place that has ended needs a campaign", a_place_that_has_ended_needs_a_campaign},
         {"who has succeeded is not retried", who_has_succeeded_is_not_retried},
         {"who waits is cancelled at once", who_waits_is_cancelled_at_once},
         {"what is in hand is taken back", what_is_in_hand_is_taken_back},
         {"who has switched over cannot be recalled", who_has_switched_over_cannot_be_recalled},
         {"a quarantine lasts until it is cleared", a_quarantine_lasts_until_it_is_cleared},
         {"a reason is needed", a_reason_is_needed},
         {"what is not there is said", what_is_not_there_is_said})
