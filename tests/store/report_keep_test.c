/* report_keep_test.c: months of reports are made, dropped when old, and do not let a report be kept
 * twice. */
#include "orchestrator/store/report_keep.h"
#include "tests/store/ground.h"

#include <stdlib.h>

#define JANUARY ((wg_time)1767225600000) /* 2026-01-01 */
#define DAYS(n) ((wg_duration)(n)*WG_DAY)

static void keep(struct db *db, wg_time now, wg_duration kept, const char *expected)
{
    struct wg_error err = {0};
    char dropped[REPORT_DROPPED_TEXT];
    ASSERT_OK(report_keep(db, now, kept, dropped, &err), &err);
    ASSERT_TEXT(dropped, expected);
}

static int64_t tables(struct db *db)
{
    return ground_number(db,
                         "select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid "
                         "where i.inhparent = 'report'::regclass and c.relname ~ '^report_2026'");
}

/* A device's report that came then; what it is acknowledged up to. */
static int64_t take(struct db *db, int64_t seq, enum wg_state state, wg_time at)
{
    struct wg_error err = {0};
    static struct intake_result out;
    struct intake_item *item = ground_items(1);
    ground_report(item, "dev-000", seq, "00000000-0000-4000-8000-000000000000", state);
    item->received = at;
    ASSERT_OK(intake_commit(db, item, 1, NULL, NULL, at, &out, &err), &err);
    free(item);
    return ground_answer(&out, "dev-000");
}

static void months_are_made_once(void)
{
    struct db *db = ground_fresh();
    keep(db, JANUARY + DAYS(3), 0, "");
    CU_ASSERT_EQUAL(tables(db),
                    ground_number(db, "select 3 + count(*) from pg_class where relname "
                                      "~ '^report_2026(0[4-9]|1[0-2])$' and relkind = 'r'"));
    int64_t made = tables(db);
    keep(db, JANUARY + DAYS(20), 0, "");
    CU_ASSERT_EQUAL(tables(db), made);
    db_close(db);
}

static void what_is_old_goes_as_a_table(void)
{
    struct db *db = ground_fresh();
    keep(db, JANUARY, 0, "");
    ground_devices(db, 1);
    for (int64_t month = 0; month < 3; month++)
        CU_ASSERT_EQUAL(take(db, month + 1, WG_DOWNLOADING, JANUARY + DAYS(10 + 31 * month)),
                        month + 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from report_202602"), 1);
    ground_run(db, "insert into rejected (received_at, topic, device_id, reason, bytes, length) "
                   "values ('2026-01-05', 't', '', '', '', 0), ('2026-03-25', 't', '', '', '', 0)");
    keep(db, JANUARY + DAYS(150), 0, "");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from report"), 3);
    keep(db, JANUARY + DAYS(150), DAYS(90), "report_202601 report_202602");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from report"), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from rejected"), 1);
    keep(db, JANUARY + DAYS(150), DAYS(90), "");
    db_close(db);
}

/* Also where its row is of another month than its repetition, or is gone. */
static void a_number_is_known_once(void)
{
    struct db *db = ground_fresh();
    keep(db, JANUARY, 0, "");
    ground_devices(db, 1);
    CU_ASSERT_EQUAL(take(db, 1, WG_ACCEPTED, JANUARY + DAYS(30)), 1);
    CU_ASSERT_EQUAL(take(db, 1, WG_ACCEPTED, JANUARY + DAYS(32)), 1);
    CU_ASSERT_EQUAL(take(db, 3, WG_INSTALLING, JANUARY + DAYS(30)), 1); /* behind a gap */
    CU_ASSERT_EQUAL(take(db, 3, WG_INSTALLING, JANUARY + DAYS(60)), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from report"), 2);
    CU_ASSERT_EQUAL(take(db, 2, WG_DOWNLOADING, JANUARY + DAYS(60)), 3);
    keep(db, JANUARY + DAYS(150), DAYS(90), "report_202601 report_202602");
    CU_ASSERT_EQUAL(take(db, 2, WG_DOWNLOADING, JANUARY + DAYS(150)), 3);
    CU_ASSERT_EQUAL(
        ground_number(db,
                      "select count(*) from report where seq = 2 and received_at > '2026-04-01'"),
        0);
    db_close(db);
}

WG_SUITE("store.report_keep", {"months are made once", months_are_made_once},
         {"what is old goes as a table", what_is_old_goes_as_a_table},
         {"a number is known once", a_number_is_known_once})
