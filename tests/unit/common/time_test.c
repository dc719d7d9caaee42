/* time_test.c: times and durations, as numbers and as text, in any zone of the environment. */
#include "common/time.h"
#include "tests/unit/harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LAST INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static const struct {
    const char *text;
    wg_time time;
} moments[] = {
    {"1970-01-01T00:00:00.000Z", 0},
    {"1970-01-01T00:00:00.001Z", 1},
    {"1972-02-29T12:00:00.000Z", INT64_C(68212800000)},
    {"1999-12-31T23:59:59.999Z", INT64_C(946684799999)},
    {"2000-02-29T00:00:00.000Z", INT64_C(951782400000)},
    {"2026-12-01T00:00:00.000Z", INT64_C(1796083200000)},
    {"2038-01-19T03:14:08.000Z", INT64_C(2147483648000)},
    {"2100-02-28T23:59:59.000Z", INT64_C(4107542399000)},
    {"2100-03-01T00:00:00.000Z", INT64_C(4107542400000)},
    {"9999-12-31T23:59:59.999Z", LAST},
};

static void moments_both_ways(void)
{
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        char text[WG_TIME_TEXT];
        wg_time time = -1;
        wg_time_text(moments[i].time, text);
        ASSERT_TEXT(text, moments[i].text);
        CU_ASSERT_TRUE(wg_time_parse(moments[i].text, &time));
        CU_ASSERT_EQUAL(time, moments[i].time);
    }
}

/* Every day of 8,030 years against the C library's calendar. */
static void every_day_agrees_with_the_c_library(void)
{
    int wrong = 0;
    for (wg_time day = 0; day <= LAST; day += WG_DAY) {
        char text[WG_TIME_TEXT], expected[80];
        struct tm tm;
        time_t seconds = (time_t)(day / WG_SECOND);
        wg_time back = -1;
        if (!gmtime_r(&seconds, &tm)) wrong++;
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02d", tm.tm_year + 1900,
                       tm.tm_mon + 1, tm.tm_mday);
        wg_time_text(day, text);
        for (size_t i = 0; i < 10; i++) wrong += text[i] != expected[i];
        wrong += !wg_time_parse(text, &back) || back != day;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void the_zone_of_the_environment_does_not_count(void)
{
    static const char *const zones[] = {"America/St_Johns", "XXX-13", "UTC"};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        CU_ASSERT_EQUAL(setenv("TZ", zones[i], 1), 0);
        tzset();
        moments_both_ways();
    }
}

static void other_ways_to_write_a_time(void)
{
    static const struct {
        const char *text;
        wg_time time;
    } rows[] = {
        {"2026-12-01T00:00:00Z", INT64_C(1796083200000)},
        {"2026-12-01t00:00:00z", INT64_C(1796083200000)},
        {"2026-12-01T00:00:00.5Z", INT64_C(1796083200500)},
        {"2026-12-01T00:00:00.0009Z", INT64_C(1796083200000)},
        {"2026-12-01T00:00:00.123456789012345678901234567890Z", INT64_C(1796083200123)},
        {"2026-12-01T02:00:00+02:00", INT64_C(1796083200000)},
        {"2026-11-30T20:30:00-03:30", INT64_C(1796083200000)},
        {"2026-12-01T00:00:00-00:00", INT64_C(1796083200000)},
        {"1969-12-31T23:00:00-01:00", -1}, /* the year counts as written */
        {"1970-01-01T00:30:00+01:00", -1}, /* before 1970 */
        {"9999-12-31T23:30:00-01:00", -1}, /* after 9999 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wg_time time = -1;
        CU_ASSERT_EQUAL(wg_time_parse(rows[i].text, &time), rows[i].time >= 0);
        CU_ASSERT_EQUAL(time, rows[i].time);
    }
}

static void what_is_no_time(void)
{
    static const char *const bad[] = {
        "",
        "now",
        "2026",
        "2026-12-01",
        "2026-12-01T00:00:00",
        "2026-12-01T00:00Z",
        "2026-12-01 00:00:00Z",
        "2026-12-01T00:00:00Z ",
        " 2026-12-01T00:00:00Z",
        "2026-12-01T00:00:00.Z",
        "2026-12-01T00:00:00,5Z",
        "2026-12-01T00:00:00+0200",
        "2026-12-01T00:00:00+24:00",
        "2026-12-01T00:00:00+02:60",
        "2026-12-01T24:00:00Z",
        "2026-12-01T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-12-00T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "26-12-01T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "+026-12-01T00:00:00Z",
        "2026-12-01T-1:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        wg_time time = 42;
        if (wg_time_parse(bad[i], &time)) printf("\n    accepted \"%s\"\n", bad[i]);
        CU_ASSERT_EQUAL(time, 42);
    }
}

static void times_outside_are_held_at_the_ends(void)
{
    char text[WG_TIME_TEXT];
    wg_time_text(INT64_MIN, text);
    ASSERT_TEXT(text, "1970-01-01T00:00:00.000Z");
    wg_time_text(INT64_MAX, text);
    ASSERT_TEXT(text, "9999-12-31T23:59:59.999Z");
}

static void durations_are_read(void)
{
    static const struct {
        const char *text;
        wg_duration duration;
    } rows[] = {
        {"90s", 90 * WG_SECOND},
        {"10m", 10 * WG_MINUTE},
        {"4h", 4 * WG_HOUR},
        {"24h", WG_DAY},
        {"7d", 7 * WG_DAY},
        {"250ms", 250},
        {"0s", 0},
        {"0", -1},
        {"1h30m", 90 * WG_MINUTE},
        {"1d2h3m4s5ms", WG_DAY + 2 * WG_HOUR + 3 * WG_MINUTE + 4 * WG_SECOND + 5},
        {"1m5ms", WG_MINUTE + 5},
        {"3650d", WG_DURATION_MAX},
        {"3650d1ms", -1},
        {"3651d", -1},
        {"99999999999999999999999999s", -1},
        {"9223372036854775807ms", -1},
        {"", -1},
        {"10", -1},
        {"m", -1},
        {"-1s", -1},
        {"+1s", -1},
        {"1.5h", -1},
        {"1 h", -1},
        {"1h ", -1},
        {"1H", -1},
        {"1w", -1},
        {"1min", -1},
        {"1hm", -1},
        {"1sm", -1},
        {"30m1h", -1},
        {"1h1h", -1},
        {"1h30", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wg_duration duration = -1;
        bool good = wg_duration_parse(rows[i].text, &duration);
        if (good != (rows[i].duration >= 0)) printf("\n    \"%s\"\n", rows[i].text);
        CU_ASSERT_EQUAL(good, rows[i].duration >= 0);
        CU_ASSERT_EQUAL(duration, rows[i].duration);
    }
}

static void durations_are_written(void)
{
    static const struct {
        wg_duration duration;
        const char *text, *words;
    } rows[] = {
        {0, "0s", "0s"},
        {-5, "0s", "0s"},
        {1, "1ms", "1ms"},
        {999, "999ms", "999ms"},
        {WG_SECOND + 500, "1s500ms", "1s"},
        {90 * WG_SECOND, "1m30s", "1m 30s"},
        {192 * WG_SECOND, "3m12s", "3m 12s"},
        {WG_MINUTE + 999, "1m999ms", "1m"},
        {90 * WG_MINUTE, "1h30m", "1h 30m"},
        {WG_HOUR + 59 * WG_SECOND, "1h59s", "1h"},
        {WG_DAY, "1d", "1d"},
        {52 * WG_HOUR, "2d4h", "2d 4h"},
        {2 * WG_DAY + 59 * WG_MINUTE, "2d59m", "2d"},
        {2 * WG_DAY + 4 * WG_HOUR + 59 * WG_MINUTE, "2d4h59m", "2d 4h"},
        {WG_DURATION_MAX, "3650d", "3650d"},
        {INT64_MAX, "106751991167d7h12m55s807ms", "106751991167d 7h"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[WG_TIME_TEXT], words[WG_TIME_TEXT];
        wg_duration_text(rows[i].duration, text);
        wg_duration_words(rows[i].duration, words);
        ASSERT_TEXT(text, rows[i].text);
        ASSERT_TEXT(words, rows[i].words);
    }
}

static void a_written_duration_reads_back(void)
{
    int wrong = 0;
    for (wg_duration d = 0; d <= WG_DURATION_MAX; d = d * 3 / 2 + 7) {
        char text[WG_TIME_TEXT];
        wg_duration back = -1;
        wg_duration_text(d, text);
        wrong += !wg_duration_parse(text, &back) || back != d;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

WG_SUITE("time", {"moments both ways", moments_both_ways},
         {"every day agrees with the C library", every_day_agrees_with_the_c_library},
         {"the zone of the environment does not count", the_zone_of_the_environment_does_not_count},
         {"other ways to write a time", other_ways_to_write_a_time},
         {"what is no time", what_is_no_time},
         {"times outside are held at the ends", times_outside_are_held_at_the_ends},
         {"durations are read", durations_are_read},
         {"durations are written", durations_are_written},
         {"a written duration reads back", a_written_duration_reads_back})
