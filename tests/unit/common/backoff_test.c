/* backoff_test.c: the waits double, stay in their bounds, and begin again after success. */
#include "common/backoff.h"
#include "tests/unit/harness.h"

static void waits_double_up_to_most(void)
{
    static const wg_duration bounds[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    struct wg_backoff backoff;
    wg_backoff_init(&backoff, WG_SECOND, 30 * WG_SECOND);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
            struct wg_backoff copy = backoff;
            CU_ASSERT_EQUAL(wg_backoff_next(&copy, 0), bounds[i] / 2);
            /* the number that leads to the longest wait of this bound */
            CU_ASSERT_EQUAL(wg_backoff_next(&backoff, (uint32_t)(bounds[i] / 2)), bounds[i]);
            CU_ASSERT_EQUAL(backoff.failures, (int)i + 1);
        }
        wg_backoff_reset(&backoff);
        CU_ASSERT_EQUAL(backoff.failures, 0);
    }
}

static void jitter_reaches_all_of_the_upper_half(void)
{
    int seen[6] = {0};
    for (uint32_t random = 0; random < 600; random++) {
        struct wg_backoff backoff;
        wg_backoff_init(&backoff, 10, 100);
        wg_duration wait = wg_backoff_next(&backoff, random);
        CU_ASSERT_TRUE_FATAL(wait >= 5 && wait <= 10);
        seen[wait - 5]++;
    }
    for (size_t i = 0; i < 6; i++) CU_ASSERT_EQUAL(seen[i], 100);
}

static void extremes(void)
{
    static const struct {
        wg_duration first, most;
    } rows[] = {{0, 0}, {0, 10}, {1, 1}, {1, INT64_MAX}, {50, 10}, {INT64_MAX, INT64_MAX}, {3, 4}};
    static const uint32_t randoms[] = {0, 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_backoff backoff;
        wg_backoff_init(&backoff, rows[i].first, rows[i].most);
        for (int n = 0; n < 300; n++) {
            wg_duration wait = wg_backoff_next(&backoff, randoms[n % 3]);
            CU_ASSERT_TRUE(wait >= 0 && wait <= rows[i].most);
            if (n > 70 && rows[i].first > 0) CU_ASSERT_TRUE(wait >= rows[i].most / 2);
        }
        CU_ASSERT_EQUAL(backoff.failures, 63);
    }
}

WG_SUITE("backoff", {"waits double up to most", waits_double_up_to_most},
         {"jitter reaches all of the upper half", jitter_reaches_all_of_the_upper_half},
         {"extremes", extremes})
