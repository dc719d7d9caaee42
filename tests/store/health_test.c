/* health_test.c: what is kept of each device's habits, who is not well by it, and the fleet day by
 * day. */
#include "orchestrator/show/health.h"
#include "orchestrator/store/device_act.h"
#include "orchestrator/store/health_row.h"
#include "orchestrator/support/finding.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 100
static const int64_t one[] = {1};

static size_t kind_of(const char *text)
{
    for (size_t kind = 0; kind < HEALTH_KINDS; kind++)
        if (strcmp(health_kind_text(kind), text) == 0) return kind;
    CU_FAIL_FATAL("no such kind");
    return 0;
}

/* "dev-000 dev-001", the worst first; *row: the first of them. */
static const char *found(struct db *db, const char *kind, wg_time now, struct health_row *row)
{
    static char names[512];
    struct wg_error err = {0};
    struct health_row *rows = NULL;
    size_t count = 0;
    int64_t devices = 0;
    names[0] = '\0';
    ASSERT_OK(
        health_row_find(db, kind_of(kind), NULL, now, MOST, 10, &rows, &count, &devices, &err),
        &err);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(names);
        (void)snprintf(names + len, sizeof names - len, "%s%s", i ? " " : "", rows[i].device);
    }
    CU_ASSERT_EQUAL(devices, (int64_t)count);
    if (row && count > 0) *row = rows[0];
    free(rows);
    return names;
}

static void hello(struct db *db, const char *device, int64_t seconds, bool online)
{
    struct intake_item *item = ground_items(1);
    if (online)
        ground_hello(item, device);
    else
        ground_will(item, device, GROUND_BOOT);
    item->received = GROUND_NOW + seconds * WG_SECOND;
    (void)ground_take(db, item, 1);
    free(item);
}

/* ---- silence ---- */

/* Half an hour away in every two: it is missed after an hour, the least there is. */
static void who_is_often_away_is_missed_by_its_habit(void)
{
    const int64_t minute = 60, hour = 3600;
    struct db *db = ground_fresh();
    struct health_row row = {.since = 0};
    int64_t at = 0;
    for (int i = 0; i < 6; i++, at += 2 * hour) {
        hello(db, "dev-000", at, true);
        hello(db, "dev-000", at + 90 * minute, false);
    }
    at -= 30 * minute; /* when it went away last */
    CU_ASSERT_EQUAL(ground_number(db, "select absences from device"), 5);
    CU_ASSERT_EQUAL(ground_number(db, "select absence_mean::bigint from device"), 30 * minute);
    wg_time gone = GROUND_NOW + at * WG_SECOND;
    ASSERT_TEXT(found(db, "silent", gone + 59 * WG_MINUTE, NULL), "");
    int64_t due = ground_number(db, "select wg_ms(due_at) from device") - gone;
    CU_ASSERT_TRUE(due >= WG_HOUR && due < 2 * WG_HOUR);
    ASSERT_TEXT(found(db, "silent", gone + 3 * WG_HOUR, &row), "dev-000");
    CU_ASSERT_EQUAL(row.since, gone);
    CU_ASSERT_EQUAL(row.number[1], 5);
    /* it is back, and well */
    hello(db, "dev-000", at + 4 * hour, true);
    ASSERT_TEXT(found(db, "silent", gone + 300 * WG_HOUR, NULL), "");
    CU_ASSERT_TRUE(ground_number(db, "select absence_mean::bigint from device") > 30 * minute);
    db_close(db);
}

/* A long night is a habit too; who was never away is missed after a day. */
static void habits_differ(void)
{
    const int64_t hour = 3600, a_day = 86400;
    struct db *db = ground_fresh();
    for (int64_t day = 0; day < 5; day++) {
        hello(db, "dev-night", day * a_day, true);
        hello(db, "dev-night", day * a_day + 10 * hour, false);
    }
    hello(db, "dev-steady", 0, true);
    hello(db, "dev-steady", 4 * a_day + 10 * hour, false);
    hello(db, "dev-new", 4 * a_day, true);
    wg_time gone = GROUND_NOW + (4 * a_day + 10 * hour) * WG_SECOND;
    ASSERT_TEXT(found(db, "silent", gone + 13 * WG_HOUR, NULL), "");
    ASSERT_TEXT(found(db, "silent", gone + 25 * WG_HOUR, NULL), "dev-steady");
    ASSERT_TEXT(found(db, "silent", gone + 60 * WG_HOUR, NULL), "dev-steady dev-night");
    db_close(db);
}

/* A reboot, or a blink of the network, is no absence. */
static void short_absences_are_no_habit(void)
{
    struct db *db = ground_fresh();
    for (int64_t i = 0; i < 8; i++) {
        hello(db, "dev-000", i * 600, true);
        hello(db, "dev-000", i * 600 + 100, false);
    }
    CU_ASSERT_EQUAL(ground_number(db, "select absences from device"), 0);
    db_close(db);
}

static void who_is_never_heard_is_not_used(void)
{
    struct db *db = ground_fresh();
    struct health_row row = {.since = 0};
    hello(db, "dev-gone", 0, true);
    hello(db, "dev-gone", 60, false);
    hello(db, "dev-here", 0, true);
    ground_run(db,
               "insert into device (id, registered_at) values ('dev-shelf', wg_at(%lld)), "
               "('dev-fresh', wg_at(%lld))",
               (long long)GROUND_NOW, (long long)(GROUND_NOW + 95 * WG_DAY));
    ASSERT_TEXT(found(db, "unused", GROUND_NOW + 6 * WG_DAY, NULL), "");
    ASSERT_TEXT(found(db, "unused", GROUND_NOW + 8 * WG_DAY, &row), "dev-shelf");
    CU_ASSERT_EQUAL(row.number[0], 0);
    ASSERT_TEXT(found(db, "silent", GROUND_NOW + 80 * WG_DAY, NULL), "dev-gone");
    ASSERT_TEXT(found(db, "unused", GROUND_NOW + 100 * WG_DAY, NULL), "dev-shelf dev-gone");
    ASSERT_TEXT(found(db, "silent", GROUND_NOW + 100 * WG_DAY, NULL), "");
    db_close(db);
}

/* ---- boots ---- */

static void boot(struct db *db, int number, int64_t seconds)
{
    struct intake_item *item = ground_items(1);
    ground_hello(item, "dev-000");
    (void)snprintf(item->as.hello.boot, WG_BOOT_MAX, "%032x", (unsigned)number + 1);
    item->as.hello.link = 1;
    item->received = GROUND_NOW + seconds * WG_SECOND;
    (void)ground_take(db, item, 1);
    free(item);
}

static void boots_in_a_row_are_a_loop(void)
{
    struct db *db = ground_fresh();
    struct health_row row = {.since = 0};
    wg_time now = GROUND_NOW + 400 * WG_SECOND;
    for (int i = 0; i < 3; i++) boot(db, i, (int64_t)i * 100);
    ASSERT_TEXT(found(db, "crash-looping", now, NULL), ""); /* an update that falls back: two */
    boot(db, 3, 300);
    boot(db, 3, 310); /* the same, again */
    ASSERT_TEXT(found(db, "crash-looping", now, &row), "dev-000");
    CU_ASSERT_EQUAL(row.number[0], 4);
    /* it has come to rest */
    ASSERT_TEXT(found(db, "crash-looping", now + WG_HOUR, NULL), "");
    boot(db, 4, 300 + 700);
    CU_ASSERT_EQUAL(ground_number(db, "select boot_run from device"), 0);
    db_close(db);
}

/* ---- clocks ---- */

static void report(struct db *db, int64_t seq, int64_t off_seconds)
{
    struct intake_item *item = ground_items(1);
    ground_report(item, "dev-000", seq, "00000000-0000-0000-0000-000000000001", WG_ACCEPTED);
    item->as.report.at = item->received + off_seconds * WG_SECOND;
    (void)ground_take(db, item, 1);
    free(item);
}

static int64_t clock_off(struct db *db)
{
    return ground_number(db, "select clock_off from device where id = 'dev-000'");
}

static void a_clock_is_held_against_what_came_at_once(void)
{
    struct db *db = ground_fresh();
    struct health_row row = {.since = 0};
    struct intake_item *items = ground_items(1);
    ground_hello(&items[0], "dev-000");
    items[0].as.hello.seq = 5;
    (void)ground_take(db, items, 1);
    free(items);
    report(db, 4, -259200); /* from before the hello: it waited */
    CU_ASSERT_EQUAL(clock_off(db), 0);
    report(db, 6, 59);
    CU_ASSERT_EQUAL(clock_off(db), 0);
    report(db, 7, -3600);
    CU_ASSERT_EQUAL(clock_off(db), -60);
    ASSERT_TEXT(found(db, "wrong-clock", GROUND_NOW, &row), "dev-000");
    CU_ASSERT_EQUAL(row.number[0], -60);
    report(db, 8, 200);
    CU_ASSERT_EQUAL(clock_off(db), 3);
    ASSERT_TEXT(found(db, "wrong-clock", GROUND_NOW, NULL), "");
    report(db, 9, -20);
    CU_ASSERT_EQUAL(clock_off(db), 0);
    db_close(db);
}

/* The hello of the same batch counts, and of several reports the one that waited least. */
static void a_batch_is_read_as_a_whole(void)
{
    struct db *db = ground_fresh();
    struct intake_item *items = ground_items(4);
    static const int64_t seqs[] = {0, 9, 11, 12}, offs[] = {0, -90000, -1200, -600};
    for (int i = 1; i < 4; i++) {
        ground_report(&items[i], "dev-000", seqs[i], "00000000-0000-0000-0000-000000000001",
                      WG_ACCEPTED);
        items[i].as.report.at = GROUND_NOW + offs[i] * WG_SECOND;
    }
    ground_hello(&items[0], "dev-000");
    items[0].as.hello.seq = 10;
    (void)ground_take(db, items, 4);
    CU_ASSERT_EQUAL(clock_off(db), -10);
    free(items);
    db_close(db);
}

/* ---- the others ---- */

static void a_certificate_ends(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    ground_hello(item, "dev-000");
    item->as.hello.certificate_ends = GROUND_NOW + 20 * WG_DAY;
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(found(db, "certificate-ending", GROUND_NOW + 5 * WG_DAY, NULL), "");
    ASSERT_TEXT(found(db, "certificate-ending", GROUND_NOW + 7 * WG_DAY, NULL), "dev-000");
    /* one that says nothing has not lost it; a renewed one has another */
    item->as.hello.certificate_ends = 0;
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(found(db, "certificate-ending", GROUND_NOW + 7 * WG_DAY, NULL), "dev-000");
    item->as.hello.certificate_ends = GROUND_NOW + 90 * WG_DAY;
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(found(db, "certificate-ending", GROUND_NOW + 7 * WG_DAY, NULL), "");
    free(item);
    db_close(db);
}

static void who_never_got_an_update_is_found(void)
{
    char order[WG_ORDER_ID_MAX];
    struct db *db = ground_fresh();
    struct health_row row = {.since = 0};
    struct intake_item *item = ground_items(1);
    ground_devices(db, 1);
    int64_t campaign = ground_campaign(db, "campaign", 1, one);
    ground_run(db, "update campaign set started_at = wg_at(%lld)", (long long)GROUND_NOW);
    CU_ASSERT_EQUAL(ground_claim(db, campaign, 0, 1, GROUND_NOW), 1);
    ASSERT_TEXT(found(db, "never-updated", GROUND_NOW + 6 * WG_DAY, NULL), "");
    ASSERT_TEXT(found(db, "never-updated", GROUND_NOW + 8 * WG_DAY, &row), "dev-000");
    CU_ASSERT_EQUAL(row.number[0], 1);
    ASSERT_TEXT(row.text, "campaign");
    ground_order(db, campaign, "dev-000", order);
    ground_report(item, "dev-000", 1, order, WG_SUCCEEDED);
    item->as.report.component_count = 1;
    (void)wg_copy(item->as.report.components[0].name, 4, "app");
    (void)wg_copy(item->as.report.components[0].version, 6, "2.0.0");
    (void)ground_take(db, item, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(updated_at) from device"), GROUND_NOW);
    ASSERT_TEXT(found(db, "never-updated", GROUND_NOW + 8 * WG_DAY, NULL), "");
    free(item);
    db_close(db);
}

static void publish(struct db *db, const char *version)
{
    struct wg_error err = {0};
    bool added = false;
    struct release_row row = {.length = 1000, .added_at = GROUND_NOW};
    (void)wg_copy(row.component, sizeof row.component, "app");
    (void)wg_copy(row.version, sizeof row.version, version);
    (void)wg_copy(row.added_by, sizeof row.added_by, "rita");
    memset(row.sha256, 'a', sizeof row.sha256 - 1);
    ASSERT_OK(release_row_add(db, &row, NULL, &added, &err), &err);
}

static void three_releases_are_far(void)
{
    struct db *db = ground_fresh();
    struct health_row row = {.since = 0};
    ground_devices(db, 1); /* runs 1.0.0 */
    publish(db, "1.0.0");
    publish(db, "1.1.0");
    publish(db, "1.9.0");
    ASSERT_TEXT(found(db, "behind", GROUND_NOW, NULL), "");
    publish(db, "1.10.0");
    ASSERT_TEXT(found(db, "behind", GROUND_NOW, &row), "dev-000");
    CU_ASSERT_EQUAL(row.number[0], 3);
    ASSERT_TEXT(row.text, "app 1.0.0");
    db_close(db);
}

static void alarms_and_quarantine_are_told(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    struct health_row row = {.since = 0};
    bool fresh = false;
    const struct device_act act = {
        .device = "dev-001", .by = "sue", .reason = "it smokes", .now = GROUND_NOW};
    ground_devices(db, 2);
    ground_run(db, "insert into alarm (device_id, kind, count, first_at, last_at, why) values "
                   "('dev-000', 'flood', 1, now(), now(), ''), ('dev-000', 'escape', 1, now(), "
                   "now(), '')");
    ASSERT_OK(device_act_quarantine(db, &act, &fresh, &err), &err);
    ASSERT_TEXT(found(db, "alarm", GROUND_NOW, &row), "dev-000");
    CU_ASSERT_EQUAL(row.number[0], 2);
    ASSERT_TEXT(row.text, "escape, flood");
    ASSERT_TEXT(found(db, "quarantine", GROUND_NOW, &row), "dev-001");
    ASSERT_TEXT(row.text, "quarantine: by sue: it smokes");
    db_close(db);
}

/* ---- day by day ---- */

static json_t *health(struct db *db, const char *kind, wg_time now)
{
    struct wg_error err = {0};
    json_t *out = health_document(db, &(struct health_query){.kind = kind}, now, &err);
    if (!out) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    return out;
}

static void days_are_written_once_and_held_against(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    bool made = false;
    ground_devices(db, 3);
    hello(db, "dev-000", 10, false);
    wg_time later = GROUND_NOW + 8 * WG_DAY;
    ASSERT_OK(health_row_snapshot(db, GROUND_NOW + WG_DAY, MOST, &made, &err), &err);
    CU_ASSERT_TRUE(made);
    ASSERT_OK(health_row_snapshot(db, GROUND_NOW + WG_DAY + WG_HOUR, MOST, &made, &err), &err);
    CU_ASSERT_FALSE(made);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from fleet_day_finding"), HEALTH_KINDS);
    json_t *none = health(db, "silent", GROUND_NOW + 2 * WG_DAY);
    const json_t *finding = json_array_get(json_object_get(none, "findings"), 0);
    CU_ASSERT_TRUE(json_is_null(json_object_get(none, "compared_with")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(finding, "change")));
    json_decref(none);
    json_t *then = health(db, "silent", later);
    finding = json_array_get(json_object_get(then, "findings"), 0);
    ASSERT_TEXT(json_string_value(json_object_get(then, "compared_with")), "2025-12-02");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(finding, "devices")), 1);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(finding, "week_ago")), 0);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(finding, "change")), 1);
    json_decref(then);
    ASSERT_OK(health_row_snapshot(db, later, MOST, &made, &err), &err);
    json_t *days = versions_document(db, "app", 0, &err);
    char *text = days ? json_dumps(days, JSON_COMPACT) : NULL;
    ASSERT_TEXT(text ? text : err.text,
                "{\"component\":\"app\",\"days\":[{\"day\":\"2025-12-02\",\"devices\":3,\"online\":"
                "2,\"versions\":{\"1.0.0\":3}},{\"day\":\"2025-12-09\",\"devices\":3,\"online\":2,"
                "\"versions\":{\"1.0.0\":3}}]}");
    free(text);
    json_decref(days);
    db_close(db);
}

static void every_kind_has_words(void)
{
    struct wg_error err = {0};
    const struct finding_facts facts = {
        .since = GROUND_NOW - WG_DAY, .now = GROUND_NOW, .number = {4, 4}, .text = "x 1"};
    for (size_t kind = 0; kind < HEALTH_KINDS; kind++) {
        char words[FINDING_TEXT];
        const struct finding *finding = finding_of(health_kind_text(kind));
        CU_ASSERT_PTR_NOT_NULL_FATAL(finding);
        finding->words(&facts, words);
        CU_ASSERT_TRUE(words[0] && finding->title[0] && finding->next[0]);
    }
    struct db *db = ground_fresh();
    json_t *all = health(db, NULL, GROUND_NOW);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(all, "findings")), HEALTH_KINDS);
    json_decref(all);
    CU_ASSERT_PTR_NULL(
        health_document(db, &(struct health_query){.kind = "hungry"}, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    db_close(db);
}

WG_SUITE("store.health",
         {"who is often away is missed by its habit", who_is_often_away_is_missed_by_its_habit},
         {"habits differ", habits_differ},
         {"short absences are no habit", short_absences_are_no_habit},
         {"who is never heard is not used", who_is_never_heard_is_not_used},
         {"boots in a row are a loop", boots_in_a_row_are_a_loop},
         {"a clock is held against what came at once", a_clock_is_held_against_what_came_at_once},
         {"a batch is read as a whole", a_batch_is_read_as_a_whole},
         {"a certificate ends", a_certificate_ends},
         {"who never got an update is found", who_never_got_an_update_is_found},
         {"three releases are far", three_releases_are_far},
         {"alarms and quarantine are told", alarms_and_quarantine_are_told},
         {"days are written once and held against", days_are_written_once_and_held_against},
         {"every kind has words", every_kind_has_words})
