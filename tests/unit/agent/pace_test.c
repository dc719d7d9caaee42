/* pace_test.c: how fast bytes may come, and how fast they must, with a clock of the test's own. */
#include "agent/posix/pace.h"

#include "tests/unit/harness.h"

/* Reads pieces as the download does, from a server that could send without end; bytes in span. */
static int64_t read_for(int64_t rate, wg_duration span, wg_duration cost)
{
    struct pace_limit limit;
    wg_time now = 5000;
    int64_t bytes = 0;
    pace_limit_init(&limit, rate, now);
    size_t piece = pace_limit_piece(&limit, 65536);
    while (now < 5000 + span) {
        bytes += (int64_t)piece;
        now += cost;
        now += pace_limit_take(&limit, piece, now);
    }
    return bytes;
}

static void test_rate_holds(void)
{
    static const int64_t rates[] = {100, 1000, 10000, 777777, 2000000, 50000000};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        for (wg_duration cost = 0; cost <= 3; cost += 3) {
            int64_t got = read_for(rates[i], 5 * WG_SECOND, cost), due = rates[i] * 5;
            if (cost > 0 && rates[i] > 2000000) continue; /* the server is the slower one */
            CU_ASSERT_TRUE(got <= due + due / 10 + 64);
            CU_ASSERT_TRUE(got >= due - due / 10);
        }
}

static void test_no_limit(void)
{
    struct pace_limit limit;
    pace_limit_init(&limit, 0, 0);
    CU_ASSERT_EQUAL(pace_limit_take(&limit, SIZE_MAX / 4096, 0), 0);
    CU_ASSERT_EQUAL(pace_limit_piece(&limit, 65536), 65536);
}

/* A pause saves up no more than a quarter of a second. */
static void test_no_burst_after_silence(void)
{
    struct pace_limit limit;
    pace_limit_init(&limit, 1000, 0);
    CU_ASSERT_EQUAL(pace_limit_take(&limit, 250, 1000 * WG_MINUTE), 0);
    CU_ASSERT_EQUAL(pace_limit_take(&limit, 100, 1000 * WG_MINUTE), 100);
}

static void test_clock_that_stands(void)
{
    struct pace_limit limit;
    pace_limit_init(&limit, 1000, 100);
    CU_ASSERT_EQUAL(pace_limit_take(&limit, 10, 50), 10); /* earlier than it began */
    CU_ASSERT_EQUAL(pace_limit_take(&limit, 10, 50), 20);
}

static void test_floor(void)
{
    struct pace_floor floor;
    pace_floor_init(&floor, 100, 10 * WG_SECOND, 0);
    CU_ASSERT_TRUE(pace_floor_holds(&floor, 9999));
    pace_floor_add(&floor, 999);
    CU_ASSERT_FALSE(pace_floor_holds(&floor, 10000));
    pace_floor_init(&floor, 100, 10 * WG_SECOND, 0);
    pace_floor_add(&floor, 1000);
    CU_ASSERT_TRUE(pace_floor_holds(&floor, 10000));
    CU_ASSERT_EQUAL(pace_floor_end(&floor), 20000); /* the next stretch begins with nothing */
    CU_ASSERT_FALSE(pace_floor_holds(&floor, 20000));
}

static void test_own_pauses_do_not_count(void)
{
    struct pace_floor floor;
    pace_floor_init(&floor, 100, 10 * WG_SECOND, 0);
    pace_floor_add(&floor, 500);
    pace_floor_pause(&floor, 7 * WG_SECOND);
    CU_ASSERT_TRUE(pace_floor_holds(&floor, 16999));
    CU_ASSERT_FALSE(pace_floor_holds(&floor, 17000));
}

WG_SUITE("agent/posix/pace", {"the rate holds", test_rate_holds}, {"no limit", test_no_limit},
         {"no burst after silence", test_no_burst_after_silence},
         {"a clock that stands", test_clock_that_stands}, {"floor", test_floor},
         {"own pauses do not count", test_own_pauses_do_not_count})
