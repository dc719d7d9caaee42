/* window_test.c: windows over days, midnights and changes of the clock, by tables and against a
 * walk from minute to minute. */
#include "common/window.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/common/zones.h"

/* "02:00-05:00 sat,sun; 12:00-13:00"; no days: all. */
static struct wg_windows windows_of(const char *text)
{
    struct wg_windows windows = {0};
    char copy[256], *rest = NULL;
    CU_ASSERT_TRUE_FATAL(wg_copy(copy, sizeof copy, text));
    for (char *part = strtok_r(copy, ";", &rest); part; part = strtok_r(NULL, ";", &rest)) {
        struct wg_window *window = &windows.items[windows.count++];
        char *days = NULL, *daily = strtok_r(part, " ", &days), *more = NULL;
        CU_ASSERT_TRUE_FATAL(wg_window_parse_daily(daily, window));
        if (*days) window->days = 0;
        for (char *name = strtok_r(days, ",", &more); name; name = strtok_r(NULL, ",", &more)) {
            int day = 0;
            CU_ASSERT_TRUE_FATAL(wg_day_parse(name, &day));
            window->days |= 1U << day;
        }
    }
    return windows;
}

/* At now: next is "" when never, closes is "" when closed or always open; open when next is now. */
struct row {
    const char *zone, *windows, *now, *next, *closes;
};

static void check_rows(const struct row *rows, size_t count)
{
    struct zone_files *files = zone_files_new(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    for (size_t i = 0; i < count; i++) {
        char what[256];
        const struct wg_tz *tz = zone_named(files, rows[i].zone);
        struct wg_windows windows = windows_of(rows[i].windows);
        wg_time now = time_of(rows[i].now);
        const char *next = *rows[i].next == '=' ? rows[i].now : rows[i].next;
        (void)wg_format(what, sizeof what, "%s: %s at %s", rows[i].zone, rows[i].windows,
                        rows[i].now);
        same_time(wg_windows_next(&windows, tz, now), next, what);
        same_time(wg_windows_closes(&windows, tz, now), rows[i].closes, what);
        CU_ASSERT_EQUAL(wg_windows_open(&windows, tz, now), *rows[i].next == '=');
    }
    zone_files_free(files);
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

/* 2026-11-21 is a Saturday. */
static void days_and_midnights(void)
{
    static const struct row rows[] = {
        {"UTC", "", "2026-11-21T12:00:00Z", "=", ""},
        {"UTC", "02:00-05:00", "2026-11-21T01:59:59.999Z", "2026-11-21T02:00:00Z", ""},
        {"UTC", "02:00-05:00", "2026-11-21T02:00:00Z", "=", "2026-11-21T05:00:00Z"},
        {"UTC", "02:00-05:00", "2026-11-21T04:59:59.999Z", "=", "2026-11-21T05:00:00Z"},
        {"UTC", "02:00-05:00", "2026-11-21T05:00:00Z", "2026-11-22T02:00:00Z", ""},
        {"UTC", "02:00-05:00 sat,sun", "2026-11-22T06:00:00Z", "2026-11-28T02:00:00Z", ""},
        {"UTC", "02:00-05:00 sat,sun", "2026-11-20T03:00:00Z", "2026-11-21T02:00:00Z", ""},
        {"UTC", "02:00-05:00 sat", "2026-11-21T05:00:00Z", "2026-11-28T02:00:00Z", ""},
        /* the day is that of the beginning */
        {"UTC", "23:30-00:30 sat", "2026-11-21T00:10:00Z", "2026-11-21T23:30:00Z", ""},
        {"UTC", "23:30-00:30 sat", "2026-11-21T23:30:00Z", "=", "2026-11-22T00:30:00Z"},
        {"UTC", "23:30-00:30 sat", "2026-11-22T00:29:59.999Z", "=", "2026-11-22T00:30:00Z"},
        {"UTC", "23:30-00:30 sat", "2026-11-22T00:30:00Z", "2026-11-28T23:30:00Z", ""},
        {"UTC", "23:30-00:30 sat", "2026-11-22T23:45:00Z", "2026-11-28T23:30:00Z", ""},
        {"UTC", "23:30-00:30 sun", "2026-11-23T00:10:00Z", "=", "2026-11-23T00:30:00Z"},
        /* several, overlapping, joining */
        {"UTC", "02:00-03:00;12:00-13:00", "2026-11-21T03:00:00Z", "2026-11-21T12:00:00Z", ""},
        {"UTC", "12:00-13:00;02:00-03:00", "2026-11-21T13:00:00Z", "2026-11-22T02:00:00Z", ""},
        {"UTC", "02:00-04:00;03:00-05:00", "2026-11-21T03:30:00Z", "=", "2026-11-21T05:00:00Z"},
        {"UTC", "02:00-04:00;04:00-05:00", "2026-11-21T03:30:00Z", "=", "2026-11-21T05:00:00Z"},
        {"UTC", "22:00-24:00 sat;00:00-02:00 sun", "2026-11-21T23:00:00Z", "=",
         "2026-11-22T02:00:00Z"},
        {"UTC", "22:00-24:00 fri;00:00-02:00 sun", "2026-11-20T23:00:00Z", "=",
         "2026-11-21T00:00:00Z"},
        {"UTC", "22:00-02:00;01:00-03:00", "2026-11-21T23:00:00Z", "=", "2026-11-22T03:00:00Z"},
        /* whole days */
        {"UTC", "00:00-24:00", "2026-11-21T12:00:00Z", "=", ""},
        {"UTC", "00:00-24:00 sat,sun", "2026-11-21T12:00:00Z", "=", "2026-11-23T00:00:00Z"},
        {"UTC", "00:00-24:00 sat", "2026-11-22T00:00:00Z", "2026-11-28T00:00:00Z", ""},
        {"UTC", "12:00-11:59", "2026-11-21T11:59:30Z", "2026-11-21T12:00:00Z", ""},
        /* another zone, another day */
        {"Asia/Kathmandu", "02:00-05:00 sat", "2026-11-20T20:14:59Z", "2026-11-20T20:15:00Z", ""},
        {"Asia/Kathmandu", "02:00-05:00 sat", "2026-11-20T20:15:00Z", "=", "2026-11-20T23:15:00Z"},
        {"America/New_York", "22:00-23:00 fri", "2026-11-21T03:00:00Z", "=",
         "2026-11-21T04:00:00Z"},
    };
    CHECK(rows);
}

static void the_hour_that_spring_leaves_out(void)
{
    static const struct row rows[] = {
        {"Europe/Berlin", "02:00-05:00", "2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00Z", ""},
        {"Europe/Berlin", "02:00-05:00", "2026-03-29T01:00:00Z", "=", "2026-03-29T03:00:00Z"},
        {"Europe/Berlin", "02:00-03:00", "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z", ""},
        {"Europe/Berlin", "02:00-03:00 sun", "2026-03-28T12:00:00Z", "2026-04-05T00:00:00Z", ""},
        {"Europe/Berlin", "02:10-02:50", "2026-03-29T01:00:00Z", "2026-03-30T00:10:00Z", ""},
        {"Europe/Berlin", "01:00-02:30", "2026-03-29T00:30:00Z", "=", "2026-03-29T01:00:00Z"},
        {"Europe/Berlin", "01:00-02:00;03:00-04:00", "2026-03-29T00:30:00Z", "=",
         "2026-03-29T02:00:00Z"},
        {"Europe/Berlin", "00:00-24:00 sun", "2026-03-29T12:00:00Z", "=", "2026-03-29T22:00:00Z"},
        {"America/New_York", "02:00-03:00", "2026-03-08T05:00:00Z", "2026-03-09T06:00:00Z", ""},
        {"America/New_York", "02:30-04:00", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z", ""},
        {"Australia/Lord_Howe", "02:00-02:30", "2026-10-03T12:00:00Z", "2026-10-04T15:00:00Z", ""},
        {"Australia/Lord_Howe", "02:15-03:00", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z", ""},
        {"America/Nuuk", "22:00-23:30", "2023-03-26T01:00:00Z", "=", "2023-03-26T01:30:00Z"},
        {"Africa/Casablanca", "02:00-03:00", "2026-03-21T22:00:00Z", "2026-03-23T01:00:00Z", ""},
        {"Europe/Berlin", "02:00-05:00", "2050-03-27T00:00:00Z", "2050-03-27T01:00:00Z", ""},
        /* a Friday that never was */
        {"Pacific/Apia", "00:00-24:00 fri", "2011-12-28T12:00:00Z", "2012-01-05T10:00:00Z", ""},
        {"Pacific/Apia", "00:00-24:00 thu", "2011-12-30T00:00:00Z", "=", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "00:00-24:00 thu,sat", "2011-12-30T00:00:00Z", "=",
         "2011-12-31T10:00:00Z"},
        {"Pacific/Apia", "22:00-02:00 thu", "2011-12-30T09:00:00Z", "=", "2011-12-30T10:00:00Z"},
    };
    CHECK(rows);
}

static void the_hour_that_autumn_repeats(void)
{
    static const struct row rows[] = {
        {"Europe/Berlin", "02:00-03:00", "2026-10-24T23:59:59Z", "2026-10-25T00:00:00Z", ""},
        {"Europe/Berlin", "02:00-03:00", "2026-10-25T00:00:00Z", "=", "2026-10-25T02:00:00Z"},
        {"Europe/Berlin", "02:00-05:00", "2026-10-25T00:30:00Z", "=", "2026-10-25T04:00:00Z"},
        {"Europe/Berlin", "02:30-02:45", "2026-10-25T00:30:00Z", "=", "2026-10-25T00:45:00Z"},
        {"Europe/Berlin", "02:30-02:45", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z", ""},
        {"Europe/Berlin", "02:30-02:45", "2026-10-25T01:45:00Z", "2026-10-26T01:30:00Z", ""},
        {"Europe/Berlin", "02:00-02:30", "2026-10-25T00:40:00Z", "2026-10-25T01:00:00Z", ""},
        {"Europe/Berlin", "01:00-02:30", "2026-10-25T00:40:00Z", "2026-10-25T01:00:00Z", ""},
        {"Europe/Berlin", "03:00-04:00", "2026-10-25T00:59:59Z", "2026-10-25T02:00:00Z", ""},
        {"Europe/Berlin", "00:00-24:00 sun", "2026-10-25T12:00:00Z", "=", "2026-10-25T23:00:00Z"},
        {"America/New_York", "01:00-02:00", "2026-11-01T05:00:00Z", "=", "2026-11-01T07:00:00Z"},
        {"Australia/Lord_Howe", "01:30-02:00", "2026-04-04T14:30:00Z", "=", "2026-04-04T15:30:00Z"},
        {"Australia/Lord_Howe", "01:00-01:40", "2026-04-04T14:45:00Z", "2026-04-04T15:00:00Z", ""},
        {"Africa/Casablanca", "02:00-03:30", "2026-02-15T01:00:00Z", "=", "2026-02-15T03:30:00Z"},
        {"Europe/Berlin", "02:00-03:00", "2050-10-30T00:00:00Z", "=", "2050-10-30T02:00:00Z"},
        /* Nuuk goes back over midnight: its Saturday has 25 hours, the last one twice */
        {"America/Nuuk", "23:00-24:00 sat", "2026-10-25T00:00:00Z", "=", "2026-10-25T02:00:00Z"},
        {"America/Nuuk", "00:00-01:00 sun", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z", ""},
    };
    CHECK(rows);
}

static void windows_without_a_day_never_open(void)
{
    struct wg_windows windows = windows_of("02:00-05:00");
    char words[WG_WINDOWS_WORDS];
    wg_time now = time_of("2026-11-21T03:00:00Z");
    windows.items[0].days = 0;
    CU_ASSERT_FALSE(wg_windows_open(&windows, NULL, now));
    CU_ASSERT_EQUAL(wg_windows_next(&windows, NULL, now), 0);
    CU_ASSERT_EQUAL(wg_windows_closes(&windows, NULL, now), 0);
    wg_windows_words(&windows, NULL, now, words);
    ASSERT_TEXT(words, "never opens");
}

static struct wg_windows random_windows(uint64_t *seed)
{
    struct wg_windows windows = {.count = 1 + mangle_random(seed) % 4};
    uint32_t grid = mangle_random(seed) % 2 ? 30 : 1; /* on a grid many join and meet changes */
    for (size_t i = 0; i < windows.count; i++) {
        struct wg_window *window = &windows.items[i];
        window->days = 1 + mangle_random(seed) % WG_DAYS_ALL;
        if (mangle_random(seed) % 3 == 0) window->days = WG_DAYS_ALL;
        window->from = (int)(mangle_random(seed) % (1440 / grid) * grid);
        window->to = (int)((1 + mangle_random(seed) % (1440 / grid)) * grid);
        if (mangle_random(seed) % 2) window->from = window->from % 300;
        if (mangle_random(seed) % 2) window->to = 1 + (window->to - 1) % 300;
    }
    return windows;
}

/* Every offset since 1973 is of whole minutes, so windows open and close at whole minutes. */
static wg_time walk(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now,
                    bool until_open, wg_time limit)
{
    wg_time at = now - now % WG_MINUTE + WG_MINUTE;
    while (at < limit && wg_windows_open(windows, tz, at) != until_open) at += WG_MINUTE;
    return at < limit ? at : 0;
}

static void next_and_closes_agree_with_a_walk(void)
{
    static const char *const zones[] = {
        "UTC",          "Europe/Berlin", "America/New_York",  "Australia/Lord_Howe",
        "Pacific/Apia", "America/Nuuk",  "Africa/Casablanca", "Asia/Kathmandu",
        "Asia/Gaza",    "Europe/Dublin", "America/Santiago",  "Antarctica/Troll"};
    struct zone_files *files = zone_files_new(NULL);
    uint64_t seed = 7;
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    for (int i = 0; i < 2000; i++) {
        const struct wg_tz *tz = zone_named(files, zones[(size_t)i % 12]);
        struct wg_windows windows = random_windows(&seed);
        wg_time from =
            time_of("2008-01-01T00:00:00Z") + (wg_time)(mangle_random(&seed) % 15000) * WG_DAY;
        wg_time change = wg_tz_next_change(tz, from);
        wg_time now = (change ? change : from) + mangle_random(&seed) % (3 * WG_DAY) - 2 * WG_DAY;
        wg_time limit = now + 16 * WG_DAY;
        bool open = wg_windows_open(&windows, tz, now);
        wg_time next = wg_windows_next(&windows, tz, now);
        wg_time closes = wg_windows_closes(&windows, tz, now);
        wg_time expected = open ? now : walk(&windows, tz, now, true, limit);
        bool same = next == expected || (expected == 0 && next >= limit);
        expected = open ? walk(&windows, tz, now, false, limit) : 0;
        same = same && (closes == expected || (open && expected == 0 && closes >= limit));
        if (!same) {
            char words[WG_WINDOWS_WORDS];
            wg_windows_words(&windows, tz, now, words);
            printf("\n    case %d, %s at %lld: %s\n", i, zones[i % 12], (long long)now, words);
        }
        CU_ASSERT_TRUE(same);
    }
    zone_files_free(files);
}

static void words_for_a_person(void)
{
    static const struct {
        const char *windows, *now, *zone, *words;
        enum wg_window_zone kind;
    } rows[] = {
        {"", "2026-11-21T12:00:00Z", "", "always open", WG_WINDOW_DEVICE},
        {"00:00-24:00", "2026-11-21T12:00:00Z", "", "always open", WG_WINDOW_DEVICE},
        {"02:00-05:00 sun", "2026-11-21T12:00:00Z", "",
         "opens Sun 2026-11-22 02:00 +01:00 (device time)", WG_WINDOW_DEVICE},
        {"02:00-05:00", "2026-11-22T01:30:00Z", "",
         "open until Sun 2026-11-22 05:00 +01:00 (site time)", WG_WINDOW_SITE},
        {"02:00-05:00", "2026-10-25T00:30:00Z", "Europe/Berlin",
         "open until Sun 2026-10-25 05:00 +01:00 (Europe/Berlin)", WG_WINDOW_NAMED},
        {"02:00-05:00 mon", "2026-06-01T12:00:00Z", "Europe/Berlin",
         "opens Mon 2026-06-08 02:00 +02:00 (Europe/Berlin)", WG_WINDOW_SITE},
    };
    struct zone_files *files = zone_files_new(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    const struct wg_tz *berlin = zone_named(files, "Europe/Berlin");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[WG_WINDOWS_WORDS];
        struct wg_windows windows = windows_of(rows[i].windows);
        windows.kind = rows[i].kind;
        (void)wg_copy(windows.zone, sizeof windows.zone, rows[i].zone);
        wg_windows_words(&windows, berlin, time_of(rows[i].now), words);
        ASSERT_TEXT(words, rows[i].words);
    }
    struct wg_windows windows = windows_of("02:00-05:00");
    char words[WG_WINDOWS_WORDS];
    memset(windows.zone, 'z', WG_ZONE_MAX);
    wg_windows_words(&windows, zone_named(files, "Pacific/Marquesas"),
                     time_of("2026-11-21T12:00:00Z"), words);
    CU_ASSERT_PTR_NOT_NULL(strstr(words, "open until Sat 2026-11-21 05:00 -09:30 (zzz"));
    CU_ASSERT_PTR_NOT_NULL(strstr(words, "z)"));
    zone_files_free(files);
}

static void windows_are_read_and_written(void)
{
    static const struct {
        const char *text, *back; /* NULL: refused */
    } rows[] = {
        {"02:00-05:00", "02:00-05:00"},
        {"22:00-05:00", "22:00-05:00"},
        {"00:00-24:00", "00:00-24:00"},
        {"23:30-00:00", "23:30-24:00"},
        {"23:59-24:00", "23:59-24:00"},
        {"00:00-00:01", "00:00-00:01"},
        {"00:00-00:00", NULL},
        {"02:00-02:00", NULL},
        {"24:00-02:00", NULL},
        {"02:00-24:01", NULL},
        {"02:60-03:00", NULL},
        {"25:00-03:00", NULL},
        {"2:00-05:00", NULL},
        {"02:00 - 05:00", NULL},
        {"02:00-05:00 ", NULL},
        {"02:00-05:0", NULL},
        {"02:00_05:00", NULL},
        {"02.00-05.00", NULL},
        {"-2:00-05:00", NULL},
        {"02:00-05:0x", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_window window = {.from = -1};
        char text[WG_WINDOW_TEXT];
        bool ok = wg_window_parse_daily(rows[i].text, &window);
        if (ok != (rows[i].back != NULL)) printf("\n    \"%s\"\n", rows[i].text);
        CU_ASSERT_EQUAL(ok, rows[i].back != NULL);
        CU_ASSERT_EQUAL(window.from == -1, !ok);
        if (!ok || !rows[i].back) continue;
        CU_ASSERT_EQUAL(window.days, WG_DAYS_ALL);
        wg_window_text_daily(&window, text);
        ASSERT_TEXT(text, rows[i].back);
    }
}

static void days_are_read_and_written(void)
{
    static const char *const bad[] = {"", "Mon", "monday", "mo", "so", "8", "mon "};
    int day = 42;
    for (int i = 0; i < WG_DAYS; i++) {
        CU_ASSERT_TRUE(wg_day_parse(wg_day_text(i), &day));
        CU_ASSERT_EQUAL(day, i);
    }
    ASSERT_TEXT(wg_day_text(0), "mon");
    ASSERT_TEXT(wg_day_text(6), "sun");
    ASSERT_TEXT(wg_day_text(7), "?");
    ASSERT_TEXT(wg_day_text(-1), "?");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(wg_day_parse(bad[i], &day));
}

WG_SUITE("window", {"days and midnights", days_and_midnights},
         {"the hour that spring leaves out", the_hour_that_spring_leaves_out},
         {"the hour that autumn repeats", the_hour_that_autumn_repeats},
         {"windows without a day never open", windows_without_a_day_never_open},
         {"next and closes agree with a walk", next_and_closes_agree_with_a_walk},
         {"words for a person", words_for_a_person},
         {"windows are read and written", windows_are_read_and_written},
         {"days are read and written", days_are_read_and_written})
