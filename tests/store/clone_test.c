/* clone_test.c: who shares an identity is found out, offered nothing, and let go again; who only
 * reboots, or whose words come late, is not. */
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/boots.h"
#include "orchestrator/store/device_page.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t all_of_two[] = {2};

/* ---- boots ---- */

struct heard {
    int after; /* seconds behind the one before */
    char boot; /* 'A' .. */
    int64_t link;
};

struct tale {
    const char *name;
    struct heard heard[12];
    size_t count;
    size_t alarm; /* number of the hello that raises it, from 1; 0: none does */
};

static const struct tale tales[] = {
    {"one boot", {{0, 'A', 1}, {60, 'A', 2}, {60, 'A', 2}}, 3, 0},
    {"reboots", {{0, 'A', 1}, {60, 'B', 1}, {60, 'C', 1}, {60, 'D', 1}}, 4, 0},
    {"an earlier boot comes back", {{0, 'A', 1}, {60, 'B', 1}, {31, 'A', 2}}, 3, 3},
    {"over two others", {{0, 'A', 1}, {60, 'B', 1}, {60, 'C', 1}, {31, 'A', 2}}, 4, 4},
    {"too long ago to know",
     {{0, 'A', 1}, {60, 'B', 1}, {1, 'C', 1}, {1, 'D', 1}, {1, 'E', 1}, {1, 'F', 1}, {60, 'A', 2}},
     7,
     0},
    {"that tells no number", {{0, 'A', 0}, {60, 'B', 0}, {31, 'A', 0}}, 3, 3},
    {"a thief who looks in", {{0, 'A', 1}, {60, 'B', 1}, {1, 'A', 2}, {60, 'A', 3}}, 4, 4},
    {"and the owner only says hello again",
     {{0, 'A', 1}, {60, 'B', 1}, {1, 'A', 2}, {60, 'A', 2}},
     4,
     4},
    {"they take turns fast",
     {{0, 'A', 1}, {1, 'B', 1}, {1, 'A', 2}, {1, 'B', 2}, {1, 'A', 3}},
     5,
     5},
    {"a hello comes twice, late", {{0, 'A', 1}, {60, 'B', 1}, {60, 'A', 1}, {60, 'A', 1}}, 4, 0},
    {"and the boot of now says hello again",
     {{0, 'A', 1}, {60, 'B', 1}, {60, 'A', 1}, {1, 'B', 1}, {600, 'B', 2}, {600, 'B', 3}},
     6,
     0},
    {"and the boot of now comes with its next connection",
     {{0, 'A', 1}, {60, 'B', 1}, {60, 'A', 1}, {600, 'B', 2}, {600, 'B', 2}},
     5,
     0},
    {"a last hello overtaken by the next boot",
     {{0, 'A', 1}, {60, 'B', 1}, {5, 'A', 2}, {1, 'B', 1}, {600, 'B', 1}},
     5,
     0},
    {"and the next connection after it",
     {{0, 'A', 1}, {60, 'B', 1}, {5, 'A', 2}, {600, 'B', 2}, {600, 'B', 3}, {60, 'C', 1}},
     6,
     0},
    {"two such hellos, hours apart",
     {{0, 'A', 1}, {60, 'B', 1}, {5, 'A', 2}, {7200, 'B', 2}, {7200, 'A', 3}},
     5,
     0},
};

static void name_boot(char out[WG_BOOT_MAX], char letter)
{
    (void)snprintf(out, WG_BOOT_MAX, "%032x", (unsigned)letter);
}

/* Which hello raises the alarm. Between two all is written down and read again, as intake does. */
static size_t hear(const struct tale *tale)
{
    struct boots boots = {.returns = 0};
    wg_time now = GROUND_NOW;
    for (size_t i = 0; i < tale->count; i++) {
        char boot[WG_BOOT_MAX], text[BOOTS_TEXT];
        struct boots kept = {.now = boots.now,
                             .at = boots.at,
                             .returns = boots.returns,
                             .back_from = boots.back_from};
        boots_text(&boots, text);
        boots_parse(&kept, text);
        now += tale->heard[i].after * WG_SECOND;
        name_boot(boot, tale->heard[i].boot);
        if (boots_hear(&kept, boot, tale->heard[i].link, now)) return i + 1;
        boots = kept;
    }
    return 0;
}

static void boots_that_take_turns_are_told_apart(void)
{
    for (size_t i = 0; i < sizeof tales / sizeof tales[0]; i++) {
        size_t alarm = hear(&tales[i]);
        if (alarm != tales[i].alarm) printf("\n    %s: hello %zu\n", tales[i].name, alarm);
        CU_ASSERT_EQUAL(alarm, tales[i].alarm);
    }
}

static void a_text_that_is_none_has_no_boots(void)
{
    static const char *const texts[] = {"", "/", "abc", "abc/", "abc/x", "/1x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct boots boots = {.before_count = 3};
        boots_parse(&boots, texts[i]);
        CU_ASSERT_EQUAL(boots.before_count, 0);
    }
}

/* ---- intake ---- */

static void take_hello(struct db *db, char letter, int64_t link, int64_t seconds)
{
    struct intake_item *item = ground_items(1);
    ground_hello(item, "dev-000");
    name_boot(item->as.hello.boot, letter);
    item->as.hello.link = link;
    item->received = GROUND_NOW + seconds * WG_SECOND;
    (void)ground_take(db, item, 1);
    free(item);
}

static int64_t open_alarms(struct db *db, const char *kind)
{
    return ground_number(db,
                         "select coalesce(sum(count), 0) from alarm where kind = '%s' and "
                         "cleared_at is null",
                         kind);
}

static void two_boots_raise_an_alarm(void)
{
    struct db *db = ground_fresh();
    take_hello(db, 'A', 1, 0);
    take_hello(db, 'B', 1, 60);
    CU_ASSERT_EQUAL(open_alarms(db, "cloned"), 0);
    take_hello(db, 'A', 2, 120);
    CU_ASSERT_EQUAL(open_alarms(db, "cloned"), 1);
    ASSERT_TEXT(ground_text(db, "select why from alarm"),
                "two boots take turns: an earlier one has come back");
    CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(first_at) from alarm"),
                    GROUND_NOW + 120 * WG_SECOND);
    db_close(db);
}

static void in_one_batch_too(void)
{
    struct db *db = ground_fresh();
    struct intake_item *items = ground_items(6);
    for (int i = 0; i < 6; i++) {
        ground_hello(&items[i], "dev-000");
        name_boot(items[i].as.hello.boot, i % 2 ? 'B' : 'A');
        items[i].as.hello.link = 1 + i / 2;
    }
    CU_ASSERT_EQUAL(ground_take(db, items, 6)->alarms, 1);
    CU_ASSERT_EQUAL(open_alarms(db, "cloned"), 1);
    free(items);
    db_close(db);
}

static void reboots_raise_none(void)
{
    struct db *db = ground_fresh();
    for (int i = 0; i < 20; i++) take_hello(db, (char)('A' + i), 1, 60 * i);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from alarm"), 0);
    db_close(db);
}

struct scene {
    struct db *db;
    int64_t campaign;
    char order[WG_ORDER_ID_MAX]; /* of dev-000 */
    struct intake_item *items;
};

static struct scene scene_open(void)
{
    struct scene scene = {.db = ground_fresh(), .items = ground_items(4)};
    ground_devices(scene.db, 2);
    scene.campaign = ground_campaign(scene.db, "campaign", 1, all_of_two);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 1, GROUND_NOW), 1);
    ground_order(scene.db, scene.campaign, "dev-000", scene.order);
    return scene;
}

static void scene_close(struct scene *scene)
{
    ground_check_counts(scene->db);
    free(scene->items);
    db_close(scene->db);
}

static void report(struct scene *scene, size_t item, int64_t seq, enum wg_state state)
{
    ground_report(&scene->items[item], "dev-000", seq, scene->order, state);
}

static void a_number_that_forks_raises_an_alarm(void)
{
    struct scene scene = scene_open();
    report(&scene, 0, 1, WG_ACCEPTED);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->alarms, 0);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->alarms, 0); /* the same again */
    report(&scene, 0, 1, WG_DOWNLOADING);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->alarms, 1);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->alarms, 1);
    CU_ASSERT_EQUAL(open_alarms(scene.db, "cloned"), 2);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from alarm"), 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "accepted");
    scene_close(&scene);
}

static void each_part_of_a_report_counts(void)
{
    struct scene scene = scene_open();
    report(&scene, 0, 1, WG_ACCEPTED);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->alarms, 0);
    for (int part = 0; part < 5; part++) {
        struct wg_report *told = &scene.items[0].as.report;
        report(&scene, 0, 1, WG_ACCEPTED);
        if (part == 0)
            (void)wg_copy(told->order, sizeof told->order, "00000000-0000-4000-8000-000000000000");
        if (part == 1) (void)wg_copy(told->campaign, sizeof told->campaign, "another");
        if (part == 2) told->attempt = 2;
        if (part == 3) told->cause = WG_CAUSE_OFFLINE;
        if (part == 4) (void)wg_copy(told->detail, sizeof told->detail, "other words");
        CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->alarms, 1);
    }
    scene_close(&scene);
}

static void a_fork_in_one_batch_too(void)
{
    struct scene scene = scene_open();
    report(&scene, 0, 1, WG_ACCEPTED);
    report(&scene, 1, 1, WG_ACCEPTED);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 2)->alarms, 0);
    report(&scene, 0, 2, WG_DOWNLOADING);
    report(&scene, 1, 2, WG_INSTALLING);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 2)->alarms, 1);
    scene_close(&scene);
}

/* ---- the guard's events ---- */

static void guard(struct intake_item *item, const char *device, enum wg_guard_kind kind,
                  int64_t count)
{
    memset(item, 0, sizeof *item);
    item->kind = INTAKE_GUARD;
    item->received = GROUND_NOW;
    item->as.guard = (struct wg_guard_event){.kind = kind, .count = count, .at = GROUND_NOW};
    (void)wg_copy(item->as.guard.device, sizeof item->as.guard.device, device);
}

static void what_the_guard_tells_becomes_alarms(void)
{
    static const char *const found[WG_GUARD_KINDS] = {[WG_GUARD_TAKEOVER_STORM] = "cloned",
                                                      [WG_GUARD_CONNECT_STORM] = "connect-storm",
                                                      [WG_GUARD_FLOOD] = "flood",
                                                      [WG_GUARD_REVOKED] = "revoked",
                                                      [WG_GUARD_ESCAPE] = "escape"};
    struct scene scene = scene_open();
    for (unsigned kind = 0; kind < WG_GUARD_KINDS; kind++) {
        for (int turn = 0; turn < 2; turn++) {
            guard(&scene.items[0], "dev-001", kind, 5);
            guard(&scene.items[1], "dev-001", kind, 2);
            const struct intake_result *taken = ground_take(scene.db, scene.items, 2);
            CU_ASSERT_EQUAL(taken->alarms, found[kind] != NULL);
            CU_ASSERT_EQUAL(taken->answer_count, 0);
        }
        if (found[kind]) CU_ASSERT_EQUAL(open_alarms(scene.db, found[kind]), 14);
    }
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from alarm"), ALARM_KINDS - 2);
    guard(&scene.items[0], "nobody", WG_GUARD_FLOOD, 5);
    (void)ground_take(scene.db, scene.items, 1);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from alarm"), ALARM_KINDS - 2);
    scene_close(&scene);
}

/* ---- quarantine ---- */

static bool quarantine(struct db *db, bool tolerate)
{
    struct wg_error err = {0};
    bool any = false;
    const struct alarm_quarantine policy = {.cloned = !tolerate, .tampered = true};
    ASSERT_OK(alarm_row_quarantine(db, &policy, GROUND_NOW, &any, &err), &err);
    return any;
}

static void raise_alarm(struct db *db, const char *device)
{
    struct wg_error err = {0};
    struct alarm alarm = {.kind = ALARM_CLONED, .count = 1, .at = GROUND_NOW, .why = "it was seen"};
    (void)wg_copy(alarm.device, sizeof alarm.device, device);
    ASSERT_OK(alarm_row_raise(db, &alarm, 1, &err), &err);
}

static unsigned clear(struct db *db, const char *device, const char *kind)
{
    struct wg_error err = {0};
    unsigned kinds = 0;
    const struct alarm_clearing clearing = {
        .device = device, .kind = kind, .by = "dora", .why = "the copy was found"};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(alarm_row_clear(db, &clearing, GROUND_NOW, &kinds, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    return kinds;
}

static int64_t withdraw_quarantined(struct scene *scene)
{
    struct wg_error err = {0};
    int64_t moved = 0;
    ASSERT_OK(db_begin(scene->db, &err), &err);
    ASSERT_OK(place_quarantine(scene->db, scene->campaign, GROUND_NOW, &moved, &err), &err);
    ASSERT_OK(db_commit(scene->db, &err), &err);
    return moved;
}

static void nothing_is_offered_in_quarantine(void)
{
    struct scene scene = scene_open();
    CU_ASSERT_FALSE(quarantine(scene.db, false));
    raise_alarm(scene.db, "dev-001");
    CU_ASSERT_TRUE(quarantine(scene.db, false));
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 10, GROUND_NOW), 0);
    CU_ASSERT_EQUAL(clear(scene.db, "dev-001", "flood"), 0);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 10, GROUND_NOW), 0);
    CU_ASSERT_EQUAL(clear(scene.db, "dev-001", NULL), 1U << ALARM_CLONED);
    CU_ASSERT_FALSE(quarantine(scene.db, false));
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 10, GROUND_NOW), 1);
    scene_close(&scene);
}

static void the_one_behind_it_takes_the_slot(void)
{
    struct scene scene = {.db = ground_fresh(), .items = ground_items(1)};
    char first[WG_NAME_MAX + 1];
    ground_devices(scene.db, 2);
    scene.campaign = ground_campaign(scene.db, "campaign", 1, all_of_two);
    (void)wg_copy(first, sizeof first,
                  ground_text(scene.db, "select device_id from place order by rank limit 1"));
    raise_alarm(scene.db, first);
    (void)quarantine(scene.db, false);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 1, GROUND_NOW), 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, first), "waiting");
    scene_close(&scene);
}

static void who_tolerates_clones_offers_all_the_same(void)
{
    struct scene scene = scene_open();
    raise_alarm(scene.db, "dev-001");
    (void)quarantine(scene.db, false);
    CU_ASSERT_FALSE(quarantine(scene.db, true));
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 10, GROUND_NOW), 1);
    CU_ASSERT_EQUAL(open_alarms(scene.db, "cloned"), 1);
    scene_close(&scene);
}

static void what_is_in_hand_is_withdrawn(void)
{
    static const enum wg_state before[] = {WG_OFFERED, WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        struct scene scene = scene_open();
        if (before[i] != WG_OFFERED) {
            report(&scene, 0, 1, before[i]);
            (void)ground_take(scene.db, scene.items, 1);
        }
        CU_ASSERT_EQUAL(withdraw_quarantined(&scene), 0);
        raise_alarm(scene.db, "dev-000");
        (void)quarantine(scene.db, false);
        CU_ASSERT_EQUAL(withdraw_quarantined(&scene), 1);
        ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "waiting shed");
        CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where open and "
                                                "kind = 'withdraw' and device_id = 'dev-000'"),
                        1);
        CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where open and "
                                                "kind = 'install'"),
                        0);
        scene_close(&scene);
    }
}

static void who_switches_over_is_left_alone(void)
{
    struct scene scene = scene_open();
    report(&scene, 0, 1, WG_INSTALLING);
    report(&scene, 1, 2, WG_REBOOTING);
    CU_ASSERT_TRUE(ground_take(scene.db, scene.items, 2)->answers[0].go);
    raise_alarm(scene.db, "dev-000");
    (void)quarantine(scene.db, false);
    CU_ASSERT_EQUAL(withdraw_quarantined(&scene), 0);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "rebooting");
    scene_close(&scene);
}

static void nobody_in_quarantine_gets_the_word(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    char told[4][WG_NAME_MAX + 1];
    size_t count = 0;
    int64_t moved = 0;
    report(&scene, 0, 1, WG_INSTALLING);
    (void)ground_take(scene.db, scene.items, 1);
    raise_alarm(scene.db, "dev-000");
    (void)quarantine(scene.db, false);
    report(&scene, 0, 2, WG_REBOOTING);
    CU_ASSERT_FALSE(ground_take(scene.db, scene.items, 1)->answers[0].go);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "installing");
    ASSERT_OK(db_begin(scene.db, &err), &err);
    ASSERT_OK(place_release(scene.db, scene.campaign, GROUND_NOW, told, &count, 4, &moved, &err),
              &err);
    ASSERT_OK(db_commit(scene.db, &err), &err);
    CU_ASSERT_EQUAL(moved, 0);
    CU_ASSERT_EQUAL(count, 0);
    scene_close(&scene);
}

static void its_orders_are_not_sent_again(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    struct order_lot lot;
    size_t count = 0;
    const struct order_times times = {GROUND_NOW, WG_SECOND, WG_DAY};
    raise_alarm(scene.db, "dev-000");
    (void)quarantine(scene.db, false);
    ASSERT_OK(order_take_due(scene.db, &times, 10, &lot, &err), &err);
    CU_ASSERT_EQUAL(lot.count, 0);
    CU_ASSERT_EQUAL(withdraw_quarantined(&scene), 1);
    ASSERT_OK(order_take_due(scene.db, &times, 10, &lot, &err), &err);
    struct order_due *due = ground_orders(&lot, &count);
    CU_ASSERT_EQUAL(count, 1);
    if (count == 1) CU_ASSERT_EQUAL(due[0].order.kind, WG_ORDER_WITHDRAW);
    free(due);
    scene_close(&scene);
}

/* ---- alarms ---- */

static void alarms_are_listed_and_bounded(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    struct alarm_row *rows = NULL;
    size_t count = 0;
    for (int i = 0; i < 25; i++) {
        raise_alarm(scene.db, "dev-000");
        raise_alarm(scene.db, "dev-000");
        CU_ASSERT_EQUAL(clear(scene.db, "dev-000", "cloned"), 1U << ALARM_CLONED);
    }
    raise_alarm(scene.db, "dev-000");
    raise_alarm(scene.db, "dev-001");
    ASSERT_OK(alarm_row_list(scene.db, NULL, false, 100, &rows, &count, &err), &err);
    CU_ASSERT_EQUAL(count, 2);
    free(rows);
    ASSERT_OK(alarm_row_list(scene.db, "dev-000", true, 100, &rows, &count, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 21); /* the twenty newest that were cleared are kept */
    CU_ASSERT_EQUAL(rows[0].cleared_at, 0);
    CU_ASSERT_EQUAL(rows[1].count, 2);
    ASSERT_TEXT(rows[1].cleared_by, "dora");
    ASSERT_TEXT(rows[1].cleared_why, "the copy was found");
    free(rows);
    scene_close(&scene);
}

static void devices_show_their_alarms(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    struct device_row *rows = NULL;
    size_t count = 0;
    const struct device_query query = {.alarm = "any", .limit = 10};
    ASSERT_OK(device_page(scene.db, &query, &rows, &count, &err), &err);
    CU_ASSERT_EQUAL(count, 0);
    free(rows);
    raise_alarm(scene.db, "dev-001");
    guard(&scene.items[0], "dev-001", WG_GUARD_FLOOD, 1);
    (void)ground_take(scene.db, scene.items, 1);
    (void)quarantine(scene.db, false);
    ASSERT_OK(device_page(scene.db, &query, &rows, &count, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    ASSERT_TEXT(rows[0].alarms, "cloned, flood");
    ASSERT_TEXT(rows[0].cloned_why, "it was seen");
    CU_ASSERT_EQUAL(rows[0].quarantined_at, GROUND_NOW);
    free(rows);
    scene_close(&scene);
}

/* ---- tampered with ---- */

static void tell_tampered(struct scene *scene, const char *device, const char *why)
{
    ground_hello(&scene->items[0], device);
    (void)wg_copy(scene->items[0].as.hello.tampered, sizeof scene->items[0].as.hello.tampered, why);
    (void)ground_take(scene->db, scene->items, 1);
}

static bool quarantine_of(struct db *db, bool cloned, bool tampered)
{
    struct wg_error err = {0};
    bool any = false;
    const struct alarm_quarantine policy = {.cloned = cloned, .tampered = tampered};
    ASSERT_OK(alarm_row_quarantine(db, &policy, GROUND_NOW, &any, &err), &err);
    return any;
}

static int64_t quarantined(struct db *db)
{
    return ground_number(db, "select count(*) from device where quarantined_at is not null");
}

/* For as long as it says so, and by its own policy. */
static void who_was_tampered_with_is_held(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    struct device_row row;
    tell_tampered(&scene, "dev-001", "");
    CU_ASSERT_EQUAL(open_alarms(scene.db, "tampered"), 0);
    tell_tampered(&scene, "dev-001", "case opened");
    tell_tampered(&scene, "dev-001", "case opened");
    CU_ASSERT_EQUAL(open_alarms(scene.db, "tampered"), 2); /* it was said twice */
    CU_ASSERT_FALSE(quarantine_of(scene.db, true, false));
    CU_ASSERT_TRUE(quarantine_of(scene.db, false, true));
    CU_ASSERT_EQUAL(quarantined(scene.db), 1);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 10, GROUND_NOW), 0);
    ASSERT_OK(device_row_get(scene.db, "dev-001", &row, &err), &err);
    ASSERT_TEXT(row.alarms, "tampered");
    ASSERT_TEXT(row.tampered_why, "case opened");
    ASSERT_TEXT(row.cloned_why, "");
    (void)quarantine_of(scene.db, true, false); /* tolerated from now on */
    CU_ASSERT_EQUAL(quarantined(scene.db), 0);
    raise_alarm(scene.db, "dev-001");
    CU_ASSERT_TRUE(quarantine_of(scene.db, true, true));
    (void)clear(scene.db, "dev-001", "cloned"); /* the other alarm still holds it */
    CU_ASSERT_EQUAL(quarantined(scene.db), 1);
    (void)clear(scene.db, "dev-001", "tampered");
    CU_ASSERT_EQUAL(quarantined(scene.db), 0);
    tell_tampered(&scene, "dev-001", "case opened");
    CU_ASSERT_TRUE(quarantine_of(scene.db, true, true));
    scene_close(&scene);
}

WG_SUITE("store.clone",
         {"boots that take turns are told apart", boots_that_take_turns_are_told_apart},
         {"a text that is none has no boots", a_text_that_is_none_has_no_boots},
         {"two boots raise an alarm", two_boots_raise_an_alarm},
         {"in one batch too", in_one_batch_too}, {"reboots raise none", reboots_raise_none},
         {"a number that forks raises an alarm", a_number_that_forks_raises_an_alarm},
         {"each part of a report counts", each_part_of_a_report_counts},
         {"a fork in one batch too", a_fork_in_one_batch_too},
         {"what the guard tells becomes alarms", what_the_guard_tells_becomes_alarms},
         {"nothing is offered in quarantine", nothing_is_offered_in_quarantine},
         {"the one behind it takes the slot", the_one_behind_it_takes_the_slot},
         {"who tolerates clones offers all the same", who_tolerates_clones_offers_all_the_same},
         {"what is in hand is withdrawn", what_is_in_hand_is_withdrawn},
         {"who switches over is left alone", who_switches_over_is_left_alone},
         {"nobody in quarantine gets the word", nobody_in_quarantine_gets_the_word},
         {"its orders are not sent again", its_orders_are_not_sent_again},
         {"alarms are listed and bounded", alarms_are_listed_and_bounded},
         {"devices show their alarms", devices_show_their_alarms},
         {"who was tampered with is held", who_was_tampered_with_is_held})
