/* window_test.c: the database says of windows what common/window says. */
#include "common/posix/zone_file.h"
#include "common/window.h"
#include "tests/store/ground.h"
#include "tests/unit/common/mangle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BATCHES 100
#define BATCH 200
#define SQL_MAX ((size_t)1 << 20)

static struct db *fresh(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ASSERT_OK(migrate(db, NULL, &err), &err);
    return db;
}

static PGresult *ask(struct db *db, const char *sql)
{
    struct wg_error err = {0};
    PGresult *rows = db_query_text(db, sql, 0, NULL, &err);
    if (!rows) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
    return rows;
}

static struct wg_windows random_windows(uint64_t *seed)
{
    struct wg_windows windows = {.count = mangle_random(seed) % 5};
    if (mangle_random(seed) % 50 == 0) windows.count = WG_WINDOWS_MAX;
    for (size_t i = 0; i < windows.count; i++) {
        struct wg_window *window = &windows.items[i];
        window->days = 1 + mangle_random(seed) % WG_DAYS_ALL;
        window->from = (int)(mangle_random(seed) % WG_MINUTES_OF_DAY);
        window->to = 1 + (int)(mangle_random(seed) % WG_MINUTES_OF_DAY);
        if (mangle_random(seed) % 8 == 0) window->to = window->from ? window->from : 1;
        if (mangle_random(seed) % 8 == 0) window->from = 0;
        if (mangle_random(seed) % 8 == 0) window->to = WG_MINUTES_OF_DAY;
    }
    return windows;
}

/* Near a change of the clock as a rule, often exactly at an edge of a window. */
static wg_time random_time(const struct wg_windows *windows, const struct wg_tz *tz, uint64_t *seed)
{
    wg_time from = INT64_C(946684800000) + mangle_random(seed) % (50 * 365) * WG_DAY;
    wg_time change = wg_tz_next_change(tz, from);
    wg_time at = (change ? change : from) + mangle_random(seed) % (8 * WG_HOUR) - 4 * WG_HOUR;
    switch (mangle_random(seed) % 8) {
    case 0: /* a day or so later */
        at += mangle_random(seed) % (2 * WG_DAY);
        break;
    case 1:
        at = wg_windows_next(windows, tz, at);
        break;
    case 2:
        at = wg_windows_next(windows, tz, at) - 1;
        break;
    case 3:
        change = wg_windows_closes(windows, tz, at);
        if (change) at = change - mangle_random(seed) % 2;
        break;
    default:
        break;
    }
    return at;
}

static void add_numbers(struct wg_buf *sql, const struct wg_windows *windows, int which)
{
    wg_buf_text(sql, "'{");
    for (size_t i = 0; i < windows->count; i++) {
        const struct wg_window *window = &windows->items[i];
        const int numbers[] = {(int)window->days, window->from, window->to};
        wg_buf_printf(sql, "%s%d", i ? "," : "", numbers[which]);
    }
    wg_buf_text(sql, "}'::int[],");
}

struct question {
    struct wg_windows windows;
    const char *zone;
    wg_time at;
    bool open;
};

/* A text of t and f. */
static PGresult *ask_batch(struct db *db, const struct question *questions, size_t count)
{
    struct wg_buf sql;
    wg_buf_init(&sql, SQL_MAX);
    wg_buf_text(&sql, "select string_agg(case wg_window_open(d, b, e, z, wg_at(t)) when true then "
                      "'t' when false then 'f' else '?' end, '' order by n) from (values ");
    for (size_t i = 0; i < count; i++) {
        wg_buf_printf(&sql, "%s(%zu,", i ? "," : "", i);
        for (int which = 0; which < 3; which++) add_numbers(&sql, &questions[i].windows, which);
        wg_buf_printf(&sql, "'%s',%" PRId64 "::bigint)", questions[i].zone, questions[i].at);
    }
    wg_buf_text(&sql, ") v (n, d, b, e, z, t)");
    CU_ASSERT_FALSE_FATAL(sql.failed);
    PGresult *rows = ask(db, wg_buf_str(&sql));
    wg_buf_clear(&sql);
    return rows;
}

static int count_wrong(struct db *db, const struct question *questions, size_t count)
{
    int wrong = 0;
    PGresult *rows = ask_batch(db, questions, count);
    const char *told = PQgetvalue(rows, 0, 0);
    CU_ASSERT_EQUAL_FATAL(strlen(told), count);
    for (size_t i = 0; i < count; i++) {
        if (told[i] == (questions[i].open ? 't' : 'f')) continue;
        char at[WG_TIME_TEXT];
        wg_time_text(questions[i].at, at);
        if (wrong++ < 3)
            printf("\n    %s at %s: %c, not %d\n", questions[i].zone, at, told[i],
                   questions[i].open);
    }
    PQclear(rows);
    return wrong;
}

static void agrees_with_the_c_function(void)
{
    static struct question questions[BATCH];
    struct db *db = fresh();
    struct zone_files *files = zone_files_new(NULL);
    PGresult *zones = ask(db, "select name from pg_timezone_names where name !~ "
                              "'^(posix|right)/|^localtime$|^posixrules$' order by name");
    int zone_count = PQntuples(zones), wrong = 0, open = 0;
    uint64_t seed = 11;
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    CU_ASSERT_TRUE_FATAL(zone_count > 400);
    for (int batch = 0; batch < BATCHES; batch++) {
        for (int i = 0; i < BATCH; i++) {
            struct wg_error err = {0};
            struct question *question = &questions[i];
            question->zone = PQgetvalue(zones, (batch * BATCH + i) % zone_count, 0);
            const struct wg_tz *tz = zone_files_get(files, question->zone, &err);
            if (!tz) printf("\n    %s\n", err.text);
            CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
            question->windows = random_windows(&seed);
            question->at = random_time(&question->windows, tz, &seed);
            question->open = wg_windows_open(&question->windows, tz, question->at);
            open += question->open;
        }
        wrong += count_wrong(db, questions, BATCH);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(open > BATCHES * BATCH / 4 && open < BATCHES * BATCH * 3 / 4);
    PQclear(zones);
    zone_files_free(files);
    db_close(db);
}

static void what_is_no_zone_is_closed_and_no_error(void)
{
    static const char *const zones[] = {"''",
                                        "null",
                                        "'Mars/Base'",
                                        "'Foo/Bar5'",
                                        "'Etc/GMT+99'",
                                        "'PST'",
                                        "'cet'",
                                        "'CET-1CEST,M3.5.0,M10.5.0/3'",
                                        "'+02'",
                                        "'../../etc/passwd'",
                                        "'right/Europe/Berlin'",
                                        "repeat('a/', 200)"};
    struct db *db = fresh();
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        const char *open = ground_text(
            db, "select wg_window_open('{127}', '{0}', '{1440}', %s, '2026-11-21 12:00Z')",
            zones[i]);
        if (strcmp(open, "f") != 0) printf("\n    %s: \"%s\"\n", zones[i], open);
        ASSERT_TEXT(open, "f");
        ASSERT_TEXT(ground_text(db, "select wg_window_open('{}', '{}', '{}', %s, now())", zones[i]),
                    "t");
    }
    ASSERT_TEXT(ground_text(db, "select wg_window_open(null, null, null, 'UTC', now())"), "t");
    ASSERT_TEXT(ground_text(db, "select wg_window_open('{127}', '{0}', '{1440}', 'UTC', null)"),
                "f");
    ASSERT_TEXT(ground_text(db, "select wg_window_open('{127}', '{0}', '{}', 'UTC', now())"), "f");
    ASSERT_TEXT(
        ground_text(db, "select wg_window_open('{127}', '{0}', '{1440}', 'UTC', 'infinity')"), "f");
    db_close(db);
}

/* Trying a zone needs a subtransaction, which a parallel worker may not begin. */
static void a_statement_that_could_run_in_parallel(void)
{
    struct db *db = fresh();
    ground_run(db, "create table zone_list as select 'Europe/Berlin' as zone from "
                   "generate_series(1, 10)");
    ground_run(db, "set force_parallel_mode = on");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from zone_list where wg_window_open('{127}',"
                                      " '{0}', '{1440}', zone, now())"),
                    10);
    ground_run(db, "drop table zone_list");
    db_close(db);
}

WG_SUITE("store.window", {"agrees with the C function", agrees_with_the_c_function},
         {"what is no zone is closed and no error", what_is_no_zone_is_closed_and_no_error},
         {"a statement that could run in parallel", a_statement_that_could_run_in_parallel})
