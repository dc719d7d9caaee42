/* intake_test.c: what becomes of hellos, Last Wills, reports and unreadable messages. */
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t all_of_one[] = {1};
static const int64_t all_of_two[] = {2};
#define NO_ORDER "00000000-0000-4000-8000-000000000000"

struct scene {
    struct db *db;
    int64_t campaign;
    char order[WG_ORDER_ID_MAX]; /* of dev-000 */
    struct intake_item *items;
};

/* One device with one offered order. */
static struct scene scene_open(void)
{
    struct scene scene = {.db = ground_fresh(), .items = ground_items(8)};
    ground_devices(scene.db, 1);
    scene.campaign = ground_campaign(scene.db, "campaign", 1, all_of_one);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 10, GROUND_NOW), 1);
    ground_order(scene.db, scene.campaign, "dev-000", scene.order);
    return scene;
}

static void scene_close(struct scene *scene)
{
    ground_check_counts(scene->db);
    free(scene->items);
    db_close(scene->db);
}

static int64_t take_report(struct scene *scene, int64_t seq, enum wg_state state)
{
    ground_report(&scene->items[0], "dev-000", seq, scene->order, state);
    return ground_answer(ground_take(scene->db, scene->items, 1), "dev-000");
}

static const char *last_remark(struct scene *scene, int64_t seq)
{
    return ground_text(scene->db,
                       "select remark from report where device_id = 'dev-000' and seq = %lld",
                       (long long)seq);
}

static void a_first_hello_registers(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    struct wg_error err = {0};
    struct device_row *row = calloc(1, sizeof *row);
    ground_hello(item, "dev-000");
    item->as.hello.has_position = true;
    item->as.hello.lat = 48.14;
    item->as.hello.lon = 11.58;
    (void)wg_copy(item->as.hello.attributes, sizeof item->as.hello.attributes,
                  "{\"site\": \"a \\\"quoted\\\" {one}\"}");
    const struct intake_result *taken = ground_take(db, item, 1);
    CU_ASSERT_EQUAL(taken->answer_count, 1);
    CU_ASSERT_TRUE(taken->answers[0].hello);
    CU_ASSERT_EQUAL(ground_answer(taken, "dev-000"), 0);
    ASSERT_OK(device_row_get(db, "dev-000", row, &err), &err);
    CU_ASSERT_TRUE(row->online && row->has_position);
    CU_ASSERT_DOUBLE_EQUAL(row->lat, 48.14, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(row->lon, 11.58, 1e-6);
    CU_ASSERT_EQUAL(row->component_count, 1);
    ASSERT_TEXT(row->components[0].version, "1.0.0");
    CU_ASSERT_PTR_NOT_NULL(strstr(row->attributes, "{one}"));
    CU_ASSERT_EQUAL(row->registered_at, GROUND_NOW);
    free(row);
    free(item);
    db_close(db);
}

static void a_hello_replaces_the_inventory(void)
{
    struct db *db = ground_fresh();
    struct intake_item *items = ground_items(2);
    ground_hello(&items[0], "dev-000");
    (void)wg_copy(items[0].as.hello.components[0].name, WG_NAME_MAX, "old");
    ground_hello(&items[1], "dev-000");
    (void)ground_take(db, items, 1);
    (void)ground_take(db, items + 1, 1);
    ASSERT_TEXT(ground_text(db, "select string_agg(component, ',') from device_software"), "app");
    items[1].as.hello.component_count = 0;
    (void)ground_take(db, items + 1, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_software"), 0);
    free(items);
    db_close(db);
}

static void a_duplicate_changes_nothing_and_is_acknowledged(void)
{
    struct scene scene = scene_open();
    CU_ASSERT_EQUAL(take_report(&scene, 1, WG_ACCEPTED), 1);
    CU_ASSERT_EQUAL(take_report(&scene, 2, WG_DOWNLOADING), 2);
    ground_report(&scene.items[0], "dev-000", 1, scene.order, WG_ACCEPTED);
    const struct intake_result *again = ground_take(scene.db, scene.items, 1);
    CU_ASSERT_EQUAL(ground_answer(again, "dev-000"), 2);
    CU_ASSERT_EQUAL(again->moved + again->remarks, 0);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "downloading");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from report"), 2);
    scene_close(&scene);
}

static void a_duplicate_in_one_batch_counts_once(void)
{
    struct scene scene = scene_open();
    for (int i = 0; i < 3; i++)
        ground_report(&scene.items[i], "dev-000", 1, scene.order, WG_ACCEPTED);
    const struct intake_result *taken = ground_take(scene.db, scene.items, 3);
    CU_ASSERT_EQUAL(taken->moved, 1);
    CU_ASSERT_EQUAL(taken->remarks, 0);
    CU_ASSERT_EQUAL(taken->answer_count, 1);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from report"), 1);
    scene_close(&scene);
}

static void the_acknowledged_number_moves_over_whole_runs_only(void)
{
    struct scene scene = scene_open();
    static const struct {
        int64_t seq, acknowledged;
    } steps[] = {{2, 0}, {3, 0}, {6, 0}, {1, 3}, {5, 3}, {4, 6}, {3, 6}, {8, 6}, {7, 8}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        CU_ASSERT_EQUAL(take_report(&scene, steps[i].seq, WG_ACCEPTED), steps[i].acknowledged);
    scene_close(&scene);
}

static void a_new_journal_starts_again(void)
{
    struct scene scene = scene_open();
    CU_ASSERT_EQUAL(take_report(&scene, 1, WG_ACCEPTED), 1);
    ground_report(&scene.items[0], "dev-000", 1, scene.order, WG_DOWNLOADING);
    memset(scene.items[0].as.report.journal, 'c', WG_JOURNAL_MAX - 1);
    /* before its hello: kept, and the old journal is what is acknowledged */
    const struct intake_result *taken = ground_take(scene.db, scene.items, 1);
    CU_ASSERT_EQUAL(taken->moved, 1);
    ASSERT_TEXT(taken->answers[0].journal, GROUND_JOURNAL);
    ground_hello(&scene.items[1], "dev-000");
    memset(scene.items[1].as.hello.journal, 'c', WG_JOURNAL_MAX - 1);
    taken = ground_take(scene.db, scene.items + 1, 1);
    CU_ASSERT_EQUAL(taken->answers[0].journal[0], 'c');
    CU_ASSERT_EQUAL(taken->answers[0].seq, 1);
    scene_close(&scene);
}

static bool online(struct db *db)
{
    return ground_number(db, "select online::int from device where id = 'dev-000'") == 1;
}

static void a_last_will_counts_for_its_own_boot(void)
{
    struct scene scene = scene_open();
    static const char other[] = "b0000000000000000000000000000002";
    ground_will(&scene.items[0], "dev-000", other);
    (void)ground_take(scene.db, scene.items, 1);
    CU_ASSERT_TRUE(online(scene.db));
    ground_will(&scene.items[0], "dev-000", GROUND_BOOT);
    CU_ASSERT_FALSE(ground_take(scene.db, scene.items, 1)->answers[0].hello);
    CU_ASSERT_FALSE(online(scene.db));
    /* the old boot's will behind the new boot's hello, in one batch */
    ground_hello(&scene.items[0], "dev-000");
    (void)wg_copy(scene.items[0].as.hello.boot, WG_BOOT_MAX, other);
    ground_will(&scene.items[1], "dev-000", GROUND_BOOT);
    (void)ground_take(scene.db, scene.items, 2);
    CU_ASSERT_TRUE(online(scene.db));
    ground_will(&scene.items[1], "dev-000", other);
    (void)ground_take(scene.db, scene.items, 2);
    CU_ASSERT_FALSE(online(scene.db));
    scene_close(&scene);
}

/* The will of the boot that is stored is not lost behind a stale one in the same batch. */
static void two_last_wills_in_one_batch(void)
{
    struct scene scene = scene_open();
    ground_will(&scene.items[0], "dev-000", GROUND_BOOT);
    ground_will(&scene.items[1], "dev-000", "b0000000000000000000000000000002");
    (void)ground_take(scene.db, scene.items, 2);
    CU_ASSERT_FALSE(online(scene.db));
    scene_close(&scene);
}

static void a_late_report_is_a_remark(void)
{
    struct scene scene = scene_open();
    (void)take_report(&scene, 1, WG_SUCCEEDED);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "succeeded");
    CU_ASSERT_EQUAL(take_report(&scene, 2, WG_DOWNLOADING), 2);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "succeeded");
    ASSERT_TEXT(last_remark(&scene, 2), "late: already finished");
    CU_ASSERT_EQUAL(take_report(&scene, 3, WG_FAILED), 3);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "succeeded");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where open"), 0);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select wg_ms(last_finish) from wave"), GROUND_NOW);
    scene_close(&scene);
}

static void an_unknown_order_is_a_remark(void)
{
    struct scene scene = scene_open();
    ground_report(&scene.items[0], "dev-000", 1, NO_ORDER, WG_ACCEPTED);
    const struct intake_result *taken = ground_take(scene.db, scene.items, 1);
    CU_ASSERT_EQUAL(taken->remarks, 1);
    CU_ASSERT_EQUAL(ground_answer(taken, "dev-000"), 1);
    ASSERT_TEXT(last_remark(&scene, 1), "unknown order");
    /* another device's order */
    ground_hello(&scene.items[0], "dev-001");
    ground_report(&scene.items[1], "dev-001", 1, scene.order, WG_SUCCEEDED);
    CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 2)->remarks, 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "offered");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where open"), 1);
    scene_close(&scene);
}

static void a_report_before_any_hello_is_kept(void)
{
    struct db *db = ground_fresh();
    struct intake_item *items = ground_items(2);
    ground_report(&items[0], "dev-000", 1, NO_ORDER, WG_ACCEPTED);
    const struct intake_result *taken = ground_take(db, items, 1);
    CU_ASSERT_EQUAL(taken->answer_count, 0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from report where remark <> ''"), 1);
    ground_hello(&items[0], "dev-000");
    CU_ASSERT_EQUAL(ground_answer(ground_take(db, items, 1), "dev-000"), 1);
    free(items);
    db_close(db);
}

static void a_failure_that_may_be_retried_waits_again(void)
{
    struct scene scene = scene_open();
    char first[WG_ORDER_ID_MAX];
    (void)wg_copy(first, sizeof first, scene.order);
    ground_report(&scene.items[0], "dev-000", 1, scene.order, WG_FAILED);
    scene.items[0].as.report.cause = WG_CAUSE_DOWNLOAD;
    (void)wg_copy(scene.items[0].as.report.detail, WG_DETAIL_MAX, "cut off");
    (void)ground_take(scene.db, scene.items, 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "waiting download");
    ASSERT_TEXT(ground_text(scene.db, "select detail from place"), "cut off");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select wg_ms(retry_at) from place"),
                    GROUND_NOW + WG_MINUTE);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where open"), 0);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 1, GROUND_NOW + WG_MINUTE), 1);
    /* the first attempt's order moves nothing any more */
    (void)take_report(&scene, 2, WG_SUCCEEDED);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "offered");
    ASSERT_TEXT(last_remark(&scene, 2), "other order");
    ground_order(scene.db, scene.campaign, "dev-000", scene.order);
    ground_report(&scene.items[0], "dev-000", 3, scene.order, WG_FAILED);
    scene.items[0].as.report.cause = WG_CAUSE_DOWNLOAD;
    scene.items[0].as.report.attempt = 2;
    (void)ground_take(scene.db, scene.items, 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "failed download");
    scene_close(&scene);
}

static void several_reports_of_one_batch_count_in_order(void)
{
    struct scene scene = scene_open();
    ground_run(scene.db, "delete from software_change");
    static const enum wg_state states[] = {WG_ACCEPTED,  WG_DOWNLOADING, WG_INSTALLING,
                                           WG_REBOOTING, WG_PROBATION,   WG_SUCCEEDED};
    for (size_t i = 0; i < 6; i++)
        ground_report(&scene.items[i], "dev-000", (int64_t)i + 1, scene.order, states[i]);
    scene.items[5].as.report.component_count = 1;
    scene.items[5].as.report.components[0] = (struct wg_component){"app", "2.0.0"};
    const struct intake_result *taken = ground_take(scene.db, scene.items, 6);
    CU_ASSERT_EQUAL(taken->moved, 6);
    CU_ASSERT_EQUAL(taken->answer_count, 1);
    CU_ASSERT_EQUAL(ground_answer(taken, "dev-000"), 6);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "succeeded");
    ASSERT_TEXT(ground_text(scene.db, "select version from device_software"), "2.0.0");
    ASSERT_TEXT(ground_text(scene.db, "select string_agg(device_id, ',') from software_change"),
                "dev-000");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select wg_ms(updated_at) from device"), GROUND_NOW);
    scene_close(&scene);
}

static void progress_is_kept_without_a_report(void)
{
    struct scene scene = scene_open();
    for (int round = 0; round < 2; round++) {
        ground_report(&scene.items[0], "dev-000", 0, scene.order, WG_DOWNLOADING);
        scene.items[0].as.report.bytes = 400 + round;
        scene.items[0].as.report.bytes_total = 1000;
        CU_ASSERT_EQUAL(ground_take(scene.db, scene.items, 1)->progress, 1);
        /* an offered device does not download yet */
        CU_ASSERT_EQUAL(ground_number(scene.db, "select bytes from place"), round ? 401 : 0);
        if (round == 0) (void)take_report(&scene, 1, WG_DOWNLOADING);
    }
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from report"), 1);
    scene_close(&scene);
}

static const struct intake_result *report_of(struct scene *scene, int64_t seq, enum wg_state state)
{
    ground_report(&scene->items[0], "dev-000", seq, scene->order, state);
    return ground_take(scene->db, scene->items, 1);
}

/* The slot was given back: only an offer gives it another one, and the same order is offered. */
static void a_slot_given_back_is_not_taken_by_a_report(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    char again[WG_ORDER_ID_MAX];
    int64_t moved = 0;
    (void)report_of(&scene, 1, WG_DOWNLOADING);
    ground_run(scene.db, "update device set online = false");
    ASSERT_OK(db_begin(scene.db, &err), &err);
    ASSERT_OK(place_give_back(scene.db, scene.campaign, GROUND_NOW, &moved, &err), &err);
    ASSERT_OK(db_commit(scene.db, &err), &err);
    CU_ASSERT_EQUAL(moved, 1);
    ground_check_counts(scene.db);
    ground_run(scene.db, "update device set online = true");
    const struct intake_result *taken = report_of(&scene, 2, WG_REBOOTING);
    CU_ASSERT_EQUAL(taken->moved, 0);
    ASSERT_TEXT(taken->answers[0].order, scene.order);
    CU_ASSERT_FALSE(taken->answers[0].go);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "waiting offline");
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 1, GROUND_NOW), 1);
    ground_order(scene.db, scene.campaign, "dev-000", again);
    ASSERT_TEXT(again, scene.order);
    taken = report_of(&scene, 3, WG_REBOOTING);
    CU_ASSERT_TRUE(taken->answers[0].go);
    ASSERT_TEXT(taken->answers[0].order, scene.order);
    scene_close(&scene);
}

/* It says that it is ready while it has no slot, and is offered the order again: what it said
 * before comes late, and must not stand for the answer to the offer. */
static void what_was_said_before_it_asked_moves_nothing(void)
{
    struct scene scene = scene_open();
    struct wg_error err = {0};
    int64_t moved = 0;
    (void)report_of(&scene, 1, WG_DOWNLOADING);
    ASSERT_TEXT(ground_text(scene.db, "select again from place"), "f");
    ground_run(scene.db, "update device set online = false");
    ASSERT_OK(db_begin(scene.db, &err), &err);
    ASSERT_OK(place_give_back(scene.db, scene.campaign, GROUND_NOW, &moved, &err), &err);
    ASSERT_OK(db_commit(scene.db, &err), &err);
    ground_run(scene.db, "update device set online = true");
    (void)report_of(&scene, 3, WG_REBOOTING);
    CU_ASSERT_EQUAL(ground_claim(scene.db, scene.campaign, 0, 1, GROUND_NOW), 1);
    (void)report_of(&scene, 2, WG_INSTALLING);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "offered");
    ASSERT_TEXT(last_remark(&scene, 2), "stale: it has asked to switch over since");
    CU_ASSERT_TRUE(report_of(&scene, 4, WG_REBOOTING)->answers[0].go);
    scene_close(&scene);
}

static void a_will_of_an_earlier_connection_comes_late(void)
{
    struct db *db = ground_fresh();
    struct intake_item *items = ground_items(2);
    ground_hello(&items[0], "dev-000");
    items[0].as.hello.link = 2;
    (void)ground_take(db, items, 1);
    ground_will(&items[0], "dev-000", GROUND_BOOT);
    items[0].as.hello.link = 1;
    (void)ground_take(db, items, 1);
    ASSERT_TEXT(ground_text(db, "select online from device"), "t");
    /* in one batch with the hello too */
    ground_hello(&items[0], "dev-000");
    items[0].as.hello.link = 3;
    ground_will(&items[1], "dev-000", GROUND_BOOT);
    items[1].as.hello.link = 2;
    (void)ground_take(db, items, 2);
    ASSERT_TEXT(ground_text(db, "select online from device"), "t");
    ground_will(&items[0], "dev-000", GROUND_BOOT);
    items[0].as.hello.link = 3;
    (void)ground_take(db, items, 1);
    ASSERT_TEXT(ground_text(db, "select online from device"), "f");
    free(items);
    db_close(db);
}

/* Its window closed meanwhile; what it said before it asked comes late and says nothing. */
static void a_device_may_put_off_after_it_asked(void)
{
    struct scene scene = scene_open();
    (void)report_of(&scene, 2, WG_REBOOTING);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "rebooting");
    ground_report(&scene.items[0], "dev-000", 1, scene.order, WG_DEFERRED);
    scene.items[0].as.report.cause = WG_CAUSE_DEFERRED;
    (void)ground_take(scene.db, scene.items, 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "rebooting");
    scene.items[0].as.report.seq = 3;
    const struct intake_result *taken = ground_take(scene.db, scene.items, 1);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "waiting deferred");
    ASSERT_TEXT(taken->answers[0].order, scene.order);
    CU_ASSERT_FALSE(taken->answers[0].go);
    scene_close(&scene);
}

/* Held: it asked to switch over, and waits. */
static void a_held_device_waits_for_the_word(void)
{
    struct scene scene = scene_open();
    char told[2][WG_NAME_MAX + 1];
    const char *ids[] = {"dev-000"};
    struct wg_error err = {0};
    static struct intake_result tell;
    size_t count = 0;
    int64_t moved = 0;
    ground_run(scene.db, "update campaign set held = true, state = 'paused'");
    const struct intake_result *taken = report_of(&scene, 1, WG_REBOOTING);
    ASSERT_TEXT(taken->answers[0].order, scene.order);
    CU_ASSERT_FALSE(taken->answers[0].go);
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "installing");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select wg_ms(ready_at) from place"), GROUND_NOW);
    ground_check_counts(scene.db);
    ground_run(scene.db, "update campaign set held = false, state = 'running'");
    ASSERT_OK(db_begin(scene.db, &err), &err);
    ASSERT_OK(place_release(scene.db, scene.campaign, GROUND_NOW, told, &count, 2, &moved, &err),
              &err);
    ASSERT_OK(db_commit(scene.db, &err), &err);
    CU_ASSERT_EQUAL(moved, 1);
    ASSERT_TEXT(told[0], "dev-000");
    ASSERT_TEXT(ground_state(scene.db, scene.campaign, "dev-000"), "rebooting");
    ASSERT_OK(intake_tell(scene.db, ids, 1, &tell, &err), &err);
    CU_ASSERT_TRUE(tell.answers[0].go);
    CU_ASSERT_EQUAL(tell.answers[0].seq, 1);
    scene_close(&scene);
}

/* The database was away: the word to switch over is given now, and so is its time. */
static void time_outs_count_from_the_answer(void)
{
    struct scene scene = scene_open();
    ground_report(&scene.items[0], "dev-000", 1, scene.order, WG_REBOOTING);
    scene.items[0].received = GROUND_NOW - WG_HOUR;
    (void)ground_take(scene.db, scene.items, 1);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select wg_ms(state_at) from place"), GROUND_NOW);
    scene_close(&scene);
}

static void what_cannot_be_read_is_kept(void)
{
    struct scene scene = scene_open();
    struct intake_item *item = &scene.items[0];
    memset(item, 0, sizeof *item);
    item->kind = INTAKE_REJECTED;
    item->received = GROUND_NOW;
    (void)wg_copy(item->as.rejected.topic, WG_TOPIC_MAX, "wg/v1/d/dev-000/up/report");
    (void)wg_copy(item->as.rejected.reason, 256, "it's \"no\" {JSON}\\");
    memcpy(item->as.rejected.bytes, "\x00\xff\x01", 3);
    item->as.rejected.kept = 3;
    item->as.rejected.length = 5000;
    ground_report(&scene.items[1], "dev-000", 1, scene.order, WG_ACCEPTED);
    const struct intake_result *taken = ground_take(scene.db, scene.items, 2);
    CU_ASSERT_EQUAL(taken->rejected, 1);
    CU_ASSERT_EQUAL(taken->moved, 1);
    ASSERT_TEXT(ground_text(scene.db, "select encode(bytes, 'hex') from rejected"), "00ff01");
    ASSERT_TEXT(ground_text(scene.db, "select reason from rejected"), "it's \"no\" {JSON}\\");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select length from rejected"), 5000);
    scene_close(&scene);
}

static void many_devices_in_one_batch(void)
{
    struct db *db = ground_fresh();
    struct intake_item *items = ground_items(2);
    char order[WG_ORDER_ID_MAX];
    ground_devices(db, 2);
    int64_t campaign = ground_campaign(db, "campaign", 1, all_of_two);
    CU_ASSERT_EQUAL(ground_claim(db, campaign, 0, 10, GROUND_NOW), 2);
    for (int i = 0; i < 2; i++) {
        const char *device = i ? "dev-001" : "dev-000";
        ground_order(db, campaign, device, order);
        ground_report(&items[i], device, 1, order, i ? WG_ACCEPTED : WG_DOWNLOADING);
    }
    const struct intake_result *taken = ground_take(db, items, 2);
    CU_ASSERT_EQUAL(taken->answer_count, 2);
    CU_ASSERT_EQUAL(taken->moved, 2);
    ASSERT_TEXT(ground_state(db, campaign, "dev-000"), "downloading");
    ASSERT_TEXT(ground_state(db, campaign, "dev-001"), "accepted");
    ground_check_counts(db);
    free(items);
    db_close(db);
}

WG_SUITE("store.intake", {"a first hello registers", a_first_hello_registers},
         {"a hello replaces the inventory", a_hello_replaces_the_inventory},
         {"a duplicate changes nothing and is acknowledged",
          a_duplicate_changes_nothing_and_is_acknowledged},
         {"a duplicate in one batch counts once", a_duplicate_in_one_batch_counts_once},
         {"the acknowledged number moves over whole runs only",
          the_acknowledged_number_moves_over_whole_runs_only},
         {"a new journal starts again", a_new_journal_starts_again},
         {"a Last Will counts for its own boot", a_last_will_counts_for_its_own_boot},
         {"two Last Wills in one batch", two_last_wills_in_one_batch},
         {"a late report is a remark", a_late_report_is_a_remark},
         {"an unknown order is a remark", an_unknown_order_is_a_remark},
         {"a report before any hello is kept", a_report_before_any_hello_is_kept},
         {"a failure that may be retried waits again", a_failure_that_may_be_retried_waits_again},
         {"several reports of one batch count in order",
          several_reports_of_one_batch_count_in_order},
         {"progress is kept without a report", progress_is_kept_without_a_report},
         {"a slot given back is not taken by a report", a_slot_given_back_is_not_taken_by_a_report},
         {"time-outs count from the answer", time_outs_count_from_the_answer},
         {"a will of an earlier connection comes late", a_will_of_an_earlier_connection_comes_late},
         {"a device may put off after it asked", a_device_may_put_off_after_it_asked},
         {"what was said before it asked moves nothing",
          what_was_said_before_it_asked_moves_nothing},
         {"a held device waits for the word", a_held_device_waits_for_the_word},
         {"what cannot be read is kept", what_cannot_be_read_is_kept},
         {"many devices in one batch", many_devices_in_one_batch})
