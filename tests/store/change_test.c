/* change_test.c: what happens has a row of the changes; who reads on behind a row misses none. */
#include "orchestrator/store/change_row.h"

#include "orchestrator/store/audit_row.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 64

/* "kind subject, ..." behind that place, which moves on. */
static const char *told(struct db *db, struct change_place *place)
{
    static char text[MANY * 128];
    struct change_row rows[MANY];
    struct wg_error err = {0};
    size_t count = 0, at = 0;
    ASSERT_OK(change_row_page(db, *place, MANY, rows, &count, &err), &err);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(change_place_compare(*place, rows[i].place) < 0);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s", i ? ", " : "", rows[i].kind,
                               rows[i].subject);
        *place = rows[i].place;
    }
    return text;
}

static void test_intake(void)
{
    struct db *db = ground_fresh();
    struct change_place place = {0};
    static const int64_t sizes[] = {2};
    char order[WG_ORDER_ID_MAX];
    ground_devices(db, 2);
    ASSERT_TEXT(told(db, &place), "device dev-000, device dev-001");
    ground_campaign(db, "c", 1, sizes);
    int64_t id = ground_number(db, "select id from campaign");
    (void)told(db, &place);
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 2, GROUND_NOW), 2);
    ASSERT_TEXT(told(db, &place), "campaign c");
    ground_order(db, id, "dev-001", order);
    struct intake_item *item = ground_items(1);
    ground_report(item, "dev-001", 1, order, WG_ACCEPTED);
    (void)ground_take(db, item, 1);
    ASSERT_TEXT(told(db, &place), "device dev-001, campaign c");
    free(item);
    db_close(db);
}

/* As many devices as a batch holds are one row. */
static void test_many(void)
{
    struct db *db = ground_fresh();
    struct change_place place = {0};
    ground_devices(db, CHANGE_DEVICES_MAX + 1);
    ASSERT_TEXT(told(db, &place), "device ");
    db_close(db);
}

static void test_people(void)
{
    struct db *db = ground_fresh();
    struct change_place place = {0};
    struct wg_error err = {0};
    static const char *const kinds[] = {"tag",         "group",        "approval",
                                        "person-made", "webhook-made", "sign-in"};
    ground_devices(db, 1);
    ASSERT_OK(audit_row_settle(db, &err), &err); /* of other cases */
    (void)told(db, &place);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        ASSERT_OK(audit_row_add(db, kinds[i], "x", json_object(), GROUND_NOW, &err), &err);
    ASSERT_TEXT(told(db, &place), "device x, device , campaign x, people x, people x");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from change c join audit a on a.number = "
                                      "c.audit where a.subject = 'x'"),
                    5);
    ground_run(db, "update device set revoked_at = now()");
    ASSERT_TEXT(told(db, &place), "device dev-000");
    db_close(db);
}

static void test_alarms(void)
{
    struct db *db = ground_fresh();
    struct change_place place = {0};
    ground_devices(db, 1);
    (void)told(db, &place);
    for (int i = 0; i < 2; i++)
        ground_run(db, "insert into alarm as a (device_id, kind, count, first_at, last_at, why) "
                       "values ('dev-000', 'flood', 1, now(), now(), '') on conflict (device_id, "
                       "kind) where cleared_at is null do update set count = a.count + 1");
    ASSERT_TEXT(told(db, &place), "alarm dev-000");
    ground_run(db, "update alarm set cleared_at = now()");
    ASSERT_TEXT(told(db, &place), "alarm dev-000");
    db_close(db);
}

/* One that began first and commits last: until then nothing behind it is told. */
static void test_late(void)
{
    struct db *db = ground_fresh(), *late = ground_open();
    struct change_place place = {0};
    struct wg_error err = {0};
    ASSERT_OK(db_begin(late, &err), &err);
    ground_run(late, "insert into change (kind, subject) values ('device', 'late')");
    ground_run(db, "insert into change (kind, subject) values ('device', 'early')");
    ASSERT_TEXT(told(db, &place), "");
    ASSERT_OK(db_commit(late, &err), &err);
    ASSERT_TEXT(told(db, &place), "device late, device early");
    ASSERT_TEXT(told(db, &place), "");
    db_close(late);
    db_close(db);
}

static void test_sweep(void)
{
    struct db *db = ground_fresh();
    struct change_row rows[3];
    struct wg_error err = {0};
    size_t count;
    bool more = true;
    ground_run(db, "insert into change (kind, at) select 'device', now() - interval '11 minutes' "
                   "from generate_series(1, 1500)");
    ASSERT_OK(change_row_sweep(db, &more, &err), &err);
    CU_ASSERT_FALSE(more);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from change"), 1000);
    ground_run(db, "insert into change (kind, at) select 'device', now() - interval '9 minutes' "
                   "from generate_series(1, 1500)");
    ASSERT_OK(change_row_sweep(db, &more, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from change"), 1500);
    /* what webhooks have not got yet stays */
    ground_run(db, "update change set at = now() - interval '12 minutes'");
    ground_run(db,
               "insert into webhook (name, url, kinds, secret, made_by) values ('w', 'https://x', "
               "'{device}', 's', 'x')");
    ASSERT_OK(change_row_sweep(db, &more, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from change"), 1500);
    ground_run(db, "delete from webhook");
    ASSERT_OK(change_row_newest(db, 3, rows, &count, &err), &err);
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT(change_place_compare(rows[0].place, rows[2].place) < 0);
    ground_run(db, "insert into software_change select now() - n * interval '1 minute', 'dev' from "
                   "generate_series(58, 62) n");
    ASSERT_OK(change_row_sweep(db, &more, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from software_change"), 2);
    db_close(db);
}

static void test_ids(void)
{
    static const char *const bad[] = {"",      "-",    "1",   "1-",   "-1",
                                      "1-2-3", "01-2", "1-x", "1 -2", "1234567890123456789-1"};
    struct change_place place;
    char text[CHANGE_ID_MAX];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(change_place_parse(bad[i], &place));
    CU_ASSERT_TRUE_FATAL(change_place_parse("770-12", &place));
    change_place_text(place, text);
    ASSERT_TEXT(text, "770-12");
    CU_ASSERT(change_place_compare((struct change_place){770, 13}, place) > 0);
    CU_ASSERT(change_place_compare((struct change_place){771, 1}, place) > 0);
}

WG_SUITE("store.change", {"intake", test_intake}, {"many devices are one row", test_many},
         {"people", test_people}, {"alarms", test_alarms}, {"a late commit", test_late},
         {"what is old goes", test_sweep}, {"places as text", test_ids})
