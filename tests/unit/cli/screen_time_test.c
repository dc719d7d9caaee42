/* screen_time_test.c: times in text, where the reader is. */
#include "orchestrator/cli/screen.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void expect(const char *zone, const char *text, const char *shown)
{
    char out[256];
    (void)setenv("TZ", zone, 1);
    tzset();
    screen_time_local(text, out, sizeof out);
    ASSERT_TEXT(out, shown);
}

static void times_move_to_the_reader(void)
{
    expect("Europe/Berlin", "waits until 2026-12-01T09:00:00.000Z.",
           "waits until 2026-12-01 10:00:00 CET.");
    expect("Europe/Berlin", "2026-07-01T09:00:00Z, 2026-07-02T23:30:00Z",
           "2026-07-01 11:00:00 CEST, 2026-07-03 01:30:00 CEST");
    expect("UTC", "(2026-07-01T09:00:00Z)", "(2026-07-01 09:00:00 UTC)");
    expect("America/Sao_Paulo", "2026-07-01T09:00:00Z", "2026-07-01 06:00:00 -03");
}

static void what_is_no_time_stays(void)
{
    static const char *const same[] = {"",
                                       "2.4.1",
                                       "2026-12-01",
                                       "2026-13-01T09:00:00Z",
                                       "x2026-12-01T09:00:00Z",
                                       "2026-12-01T09:00:00",
                                       "id-2026-12-01T09:00:00Z",
                                       "2026-12-01T09:00:00+01:00"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        expect("Europe/Berlin", same[i], same[i]);
}

static void what_does_not_fit_is_cut(void)
{
    char out[8];
    screen_time_local("at 2026-12-01T09:00:00Z and more", out, sizeof out);
    ASSERT_TEXT(out, "at 2026");
}

static void read(const char *zone, const char *text, const char *utc)
{
    char got[WG_TIME_TEXT] = "none";
    wg_time time = 0;
    (void)setenv("TZ", zone, 1);
    tzset();
    if (screen_time_read(text, &time)) wg_time_text(time, got);
    ASSERT_TEXT(got, utc);
}

static void times_are_read_as_they_are_shown(void)
{
    read("Europe/Berlin", "2026-12-01 10:00:00 CET", "2026-12-01T09:00:00.000Z");
    read("Europe/Berlin", "2026-07-01 10:00:00 CEST", "2026-07-01T08:00:00.000Z");
    read("Europe/Berlin", "2026-12-01 10:00", "2026-12-01T09:00:00.000Z");
    read("Europe/Berlin", "2026-12-01", "2026-11-30T23:00:00.000Z");
    read("Europe/Berlin", "2026-12-01 10:00:00 UTC", "2026-12-01T10:00:00.000Z");
    read("Europe/Berlin", "2026-12-01 10:00:00 EST", "none");
    read("UTC", "2026-02-30", "none");
    read("UTC", "2026-12-01 25:00", "none");
    read("UTC", "yesterday", "none");
    read("UTC", "", "none");
}

static void nothing_is_never(void)
{
    char out[SCREEN_TIME];
    screen_time_text(0, out);
    ASSERT_TEXT(out, "never");
}

WG_SUITE("times on a screen", {"times move to the reader", times_move_to_the_reader},
         {"what is no time stays", what_is_no_time_stays},
         {"what does not fit is cut", what_does_not_fit_is_cut},
         {"times are read as they are shown", times_are_read_as_they_are_shown},
         {"nothing is never", nothing_is_never})
