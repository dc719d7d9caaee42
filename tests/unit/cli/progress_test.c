/* progress_test.c: when a line is due, and what it says. */
#include "orchestrator/cli/progress.h"

#include "tests/unit/harness.h"

static void expect(struct progress *progress, wg_time now, int64_t done, int64_t total,
                   const char *line)
{
    char out[160];
    progress_line(progress, now, done, total, out);
    ASSERT_TEXT(out, line);
}

static struct progress begun(enum progress_how how)
{
    return (struct progress){.how = how, .what = "app.bin", .begun = 1000, .shown = 1000};
}

static void a_terminal_is_drawn_over_ten_times_a_second(void)
{
    struct progress progress = begun(PROGRESS_DRAWN);
    expect(&progress, 1200, 10, 1000, "");
    expect(&progress, 2000, 250, 1000, "app.bin: 25% of 1.0 kB, 3s left");
    expect(&progress, 2099, 300, 1000, "");
    expect(&progress, 2100, 500, 1000, "app.bin: 50% of 1.0 kB, 1s left");
}

static void elsewhere_is_a_line_each_ten_seconds(void)
{
    struct progress progress = begun(PROGRESS_LINES);
    expect(&progress, 10999, 1, 100, "");
    expect(&progress, 11000, 1, 100, "app.bin: 1% of 100 bytes, 16m 30s left");
    expect(&progress, 20000, 2, 100, "");
    expect(&progress, 21000, 2, 100, "app.bin: 2% of 100 bytes, 16m 20s left");
}

static void an_end_that_is_not_known_is_not_told(void)
{
    struct progress progress = begun(PROGRESS_LINES);
    expect(&progress, 11000, 1234567, 0, "app.bin: 1.2 MB");
    expect(&progress, 21000, 200, 100, "app.bin: 100 bytes");
}

static void quiet_says_nothing(void)
{
    struct progress progress = begun(PROGRESS_QUIET);
    expect(&progress, 1000000, 50, 100, "");
}

WG_SUITE("progress", {"a terminal is drawn over", a_terminal_is_drawn_over_ten_times_a_second},
         {"elsewhere is a line each ten seconds", elsewhere_is_a_line_each_ten_seconds},
         {"an end that is not known is not told", an_end_that_is_not_known_is_not_told},
         {"quiet says nothing", quiet_says_nothing})
