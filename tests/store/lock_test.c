/* lock_test.c: two connections at once, and the order in which they hold what both want: nobody
 * waits for counters, nobody waits in a circle, and what was decided before a wait is looked at
 * again behind it. */
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/group_row.h"
#include "orchestrator/store/tally.h"
#include "tests/store/racer.h"

#include <stdlib.h>

static const int64_t all_of_two[] = {2};
static const int64_t all_of_three[] = {3};

struct scene {
    struct db *db, *watch;
    struct racer racer;
    struct intake_item *item;
    int64_t campaign;
    struct wg_error err;
};

/* dev-000 .. of a running campaign; so many have the update in hand. */
static struct scene scene_open(const int64_t *devices, int64_t in_hand)
{
    struct scene scene = {.db = ground_fresh(), .watch = ground_open(), .item = ground_items(1)};
    scene.racer.db = ground_open();
    scene.racer.taken = calloc(1, sizeof *scene.racer.taken);
    scene.racer.item = scene.item;
    ground_devices(scene.db, (int)*devices);
    scene.racer.campaign = scene.campaign = ground_campaign(scene.db, "campaign", 1, devices);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, in_hand, GROUND_NOW), in_hand);
    return scene;
}

static void scene_close(struct scene *scene)
{
    ground_check_counts(scene->watch);
    db_close(scene->db);
    db_close(scene->watch);
    db_close(scene->racer.db);
    free(scene->racer.taken);
    free(scene->item);
}

static void begin(struct scene *scene)
{
    ASSERT_OK(db_begin(scene->db, &scene->err), &scene->err);
}

static void commit(struct scene *scene)
{
    ASSERT_OK(db_commit(scene->db, &scene->err), &scene->err);
}

/* Two of three are in hand: of the one that is not in the racer's hands. */
static void say(struct scene *scene, const char *device, enum wg_state state)
{
    char order[WG_ORDER_ID_MAX];
    ground_order(scene->db, scene->campaign, device, order);
    ground_report(scene->item, device, 1, order, state);
    scene->racer.run = racer_reports;
}

static const char *device_in(struct scene *scene, const char *state, int number)
{
    static char device[WG_NAME_MAX + 1];
    (void)wg_copy(device, sizeof device,
                  ground_text(scene->watch,
                              "select device_id from place where state = '%s' order by device_id "
                              "offset %d limit 1",
                              state, number));
    return device;
}

/* ---- counters ---- */

/* A look that claims and goes on to other things, beside reports of the same states. */
static void nobody_waits_for_the_counters_of_a_claim(void)
{
    struct scene it = scene_open(all_of_three, 1), *scene = &it;
    struct place_claimed claimed;
    const struct place_claim claim = {.campaign = scene->campaign, .limit = 1};
    say(scene, device_in(scene, "offered", 0), WG_ACCEPTED);
    begin(scene);
    ASSERT_OK(place_claim(scene->db, &claim, GROUND_NOW, &claimed, &scene->err), &scene->err);
    CU_ASSERT_EQUAL(claimed.offered, 1);
    CU_ASSERT_FALSE(racer_start(&scene->racer, scene->watch));
    commit(scene);
    racer_join(&scene->racer);
    scene_close(scene);
}

static void who_counts_holds_nothing(void)
{
    struct scene it = scene_open(all_of_two, 1), *scene = &it;
    const char *rows = "select count(*) from (select from wave for update skip locked) w, "
                       "(select from wave_count where state = 'offered' for update skip locked) c";
    begin(scene);
    ASSERT_OK(tally_finish(scene->db, scene->campaign, 0, GROUND_NOW, &scene->err), &scene->err);
    ASSERT_OK(tally_count(scene->db, scene->campaign, 0, WG_OFFERED, WG_CAUSE_NONE, 1, &scene->err),
              &scene->err);
    ASSERT_OK(
        tally_count(scene->db, scene->campaign, 0, WG_OFFERED, WG_CAUSE_NONE, -1, &scene->err),
        &scene->err);
    CU_ASSERT_EQUAL(ground_number(scene->watch, "%s", rows), 1);
    commit(scene);
    CU_ASSERT_EQUAL(ground_number(scene->watch, "select wg_ms(last_finish) from wave"), GROUND_NOW);
    scene_close(scene);
}

static void end_late(void *ctx, const struct intake_place *place, enum wg_state to,
                     enum wg_cause cause, wg_time now, struct intake_change *out)
{
    (void)ctx, (void)place, (void)now;
    *out = (struct intake_change){.moves = true, .state = to, .cause = cause};
}

/* One that is late, another that succeeds: the wave's last finish is written with the counters. */
static void nobody_waits_for_the_counters_of_a_time_out(void)
{
    struct scene it = scene_open(all_of_three, 2), *scene = &it;
    int64_t moved = 0;
    const struct place_lateness late = {
        .campaign = scene->campaign,
        .count = 1,
        .rules = {{WG_OFFERED, WG_FAILED, WG_CAUSE_TIMEOUT, GROUND_NOW + WG_HOUR}},
        .decide = end_late};
    say(scene, device_in(scene, "offered", 1), WG_REBOOTING);
    CU_ASSERT_EQUAL(ground_take(scene->db, scene->item, 1)->moved, 1);
    say(scene, device_in(scene, "rebooting", 0), WG_SUCCEEDED);
    scene->item->as.report.seq = 2;
    begin(scene);
    ASSERT_OK(place_expire(scene->db, &late, GROUND_NOW + WG_HOUR, &moved, &scene->err),
              &scene->err);
    CU_ASSERT_EQUAL(moved, 1);
    CU_ASSERT_FALSE(racer_start(&scene->racer, scene->watch));
    commit(scene);
    racer_join(&scene->racer);
    CU_ASSERT_EQUAL(
        ground_number(scene->watch, "select wg_ms(last_finish) from wave where number = 0"),
        GROUND_NOW);
    scene_close(scene);
}

/* What was counted goes with the transaction that it was counted in. */
static void what_is_rolled_back_was_not_counted(void)
{
    struct scene it = scene_open(all_of_two, 1), *scene = &it;
    struct place_claimed claimed;
    const struct place_claim claim = {.campaign = scene->campaign, .limit = 1};
    begin(scene);
    ASSERT_OK(place_claim(scene->db, &claim, GROUND_NOW, &claimed, &scene->err), &scene->err);
    db_rollback(scene->db);
    ground_check_counts(scene->watch);
    begin(scene);
    commit(scene);
    ground_check_counts(scene->watch);
    scene_close(scene);
}

/* ---- a campaign that is stopped ---- */

static void a_question_meets_a_stop(void)
{
    struct scene it = scene_open(all_of_two, 1), *scene = &it;
    const char *device = device_in(scene, "offered", 0);
    int64_t moved = 0;
    say(scene, device, WG_REBOOTING);
    begin(scene);
    ground_run(scene->db, "select device_id from place for update");
    ground_run(scene->db, "update campaign set state = 'stopping', stop = 'abort', held = true");
    ASSERT_OK(place_withdraw(scene->db, scene->campaign, true, GROUND_NOW, &moved, &scene->err),
              &scene->err);
    CU_ASSERT_TRUE(racer_start(&scene->racer, scene->watch));
    commit(scene);
    racer_join(&scene->racer);
    CU_ASSERT_FALSE(scene->racer.taken->answers[0].go);
    CU_ASSERT_NOT_EQUAL(
        ground_number(scene->watch, "select count(*) from place where state = 'rebooting'"), 1);
    scene_close(scene);
}

/* Its report is being taken in: it may be at its end, and is called back by the next look. */
static void who_reports_is_not_called_back(void)
{
    struct scene it = scene_open(all_of_two, 2), *scene = &it;
    int64_t moved = 0;
    ground_run(scene->watch, "begin");
    ground_run(scene->watch, "select device_id from place where device_id = 'dev-000' for update");
    for (int look = 0; look < 2; look++) {
        begin(scene);
        ASSERT_OK(place_withdraw(scene->db, scene->campaign, true, GROUND_NOW, &moved, &scene->err),
                  &scene->err);
        commit(scene);
        CU_ASSERT_EQUAL(ground_number(scene->db, "select count(*) from update_order where kind = "
                                                 "'withdraw' and open"),
                        1 + look);
        if (look == 0) ground_run(scene->watch, "rollback");
    }
    scene_close(scene);
}

/* Another campaign, or a person, was quicker to call the same order back. */
static bool withdraws(struct racer *racer, struct wg_error *err)
{
    return db_begin(racer->db, err) && racer_ending(racer->db,
                                                    place_withdraw(racer->db, racer->campaign, true,
                                                                   GROUND_NOW, &racer->number, err),
                                                    err);
}

static void who_is_called_back_already(void)
{
    struct scene it = scene_open(all_of_two, 1), *scene = &it;
    scene->racer.run = withdraws;
    begin(scene);
    ground_run(scene->db,
               "insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, "
               "withdraws) select wg_order_id(c.name, c.created_at, p.device_id, p.attempt, "
               "'withdraw'), c.id, p.device_id, 'withdraw', p.attempt, now(), p.order_id from "
               "place p join campaign c on c.id = p.campaign_id where p.state = 'offered'");
    CU_ASSERT_TRUE(racer_start(&scene->racer, scene->watch));
    commit(scene);
    racer_join(&scene->racer);
    scene_close(scene);
}

/* ---- what people do to devices ---- */

static bool clears(struct racer *racer, struct wg_error *err)
{
    unsigned kinds = 0;
    const struct alarm_clearing clearing = {
        .device = "dev-000", .by = "dora", .why = "the copy was found"};
    bool ok = db_begin(racer->db, err) &&
              racer_ending(racer->db,
                           alarm_row_clear(racer->db, &clearing, GROUND_NOW, &kinds, err), err);
    racer->number = kinds;
    return ok;
}

static void an_alarm_is_cleared_while_it_is_raised(void)
{
    struct scene it = scene_open(all_of_two, 1), *scene = &it;
    const struct alarm alarm = {
        .device = "dev-000", .kind = ALARM_CLONED, .count = 1, .at = GROUND_NOW, .why = "twice"};
    begin(scene);
    ASSERT_OK(alarm_row_raise(scene->db, &alarm, 1, &scene->err), &scene->err);
    commit(scene);
    begin(scene);
    ground_run(scene->db, "select id from device where id = 'dev-000' for no key update");
    scene->racer.run = clears;
    CU_ASSERT_TRUE(racer_start(&scene->racer, scene->watch));
    ASSERT_OK(alarm_row_raise(scene->db, &alarm, 1, &scene->err), &scene->err);
    commit(scene);
    racer_join(&scene->racer);
    CU_ASSERT_EQUAL(scene->racer.number, 1u << ALARM_CLONED);
    scene_close(scene);
}

static const char *const both[] = {"dev-001", "dev-000"};

static bool empties(struct racer *racer, struct wg_error *err)
{
    return group_row_remove(racer->db, "yard", both, 2, &racer->number, err);
}

static bool deletes(struct racer *racer, struct wg_error *err)
{
    return group_row_delete(racer->db, "yard", &racer->number, err);
}

static bool fills(struct racer *racer, struct wg_error *err)
{
    return group_row_add(racer->db, "field", both, 2, &racer->number, err);
}

/* A batch of reports holds devices in the order of their ids; the rows here come in another. */
static void groups_are_changed_beside_reports(void)
{
    static bool (*const changes[])(struct racer *, struct wg_error *) = {fills, empties, deletes};
    struct scene it = scene_open(all_of_two, 1), *scene = &it;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        ground_run(scene->db, "delete from device_group where name = 'yard'");
        for (int d = 0; d < 2; d++)
            ground_run(scene->db,
                       "insert into device_group (device_id, name) values ('%s', 'yard')", both[d]);
        ground_run(scene->db, "update device set updated_at = now() where id = 'dev-000'");
        scene->racer.run = changes[i];
        begin(scene);
        ground_run(scene->db, "select id from device where id = 'dev-000' for no key update");
        CU_ASSERT_TRUE(racer_start(&scene->racer, scene->watch));
        ground_run(scene->db, "select id from device where id = 'dev-001' for no key update");
        commit(scene);
        racer_join(&scene->racer);
        CU_ASSERT_EQUAL(scene->racer.number, 2);
    }
    scene_close(scene);
}

WG_SUITE("store.lock",
         {"nobody waits for the counters of a claim", nobody_waits_for_the_counters_of_a_claim},
         {"nobody waits for the counters of a time-out",
          nobody_waits_for_the_counters_of_a_time_out},
         {"who counts holds nothing", who_counts_holds_nothing},
         {"what is rolled back was not counted", what_is_rolled_back_was_not_counted},
         {"a question meets a stop", a_question_meets_a_stop},
         {"who reports is not called back", who_reports_is_not_called_back},
         {"who is called back already", who_is_called_back_already},
         {"an alarm is cleared while it is raised", an_alarm_is_cleared_while_it_is_raised},
         {"groups are changed beside reports", groups_are_changed_beside_reports})
