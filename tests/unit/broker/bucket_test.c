/* bucket_test.c: rate and burst hold over any span. */
#include "broker/bucket.h"

#include "tests/unit/harness.h"

static const struct bucket_rule ten = {.unit = NS_PER_SECOND / 10, .burst = 5};

static void test_burst_then_rate(void)
{
    struct bucket bucket = {0};
    nanoseconds now = 1000 * NS_PER_SECOND;
    for (int i = 0; i < 5; i++) CU_ASSERT_TRUE(bucket_take(&bucket, &ten, 1, now));
    CU_ASSERT_FALSE(bucket_take(&bucket, &ten, 1, now));
    CU_ASSERT_FALSE(bucket_take(&bucket, &ten, 1, now + 99 * NS_PER_MS));
    CU_ASSERT_TRUE(bucket_take(&bucket, &ten, 1, now + 100 * NS_PER_MS));
    CU_ASSERT_FALSE(bucket_take(&bucket, &ten, 1, now + 100 * NS_PER_MS));
}

static void test_never_more_than_rate_and_burst(void)
{
    struct bucket bucket = {0};
    int taken = 0;
    for (nanoseconds now = 0; now < 10 * NS_PER_SECOND; now += NS_PER_MS)
        taken += bucket_take(&bucket, &ten, 1, now);
    CU_ASSERT_EQUAL(taken, 5 + 99);
}

static void test_units(void)
{
    struct bucket bucket = {0};
    CU_ASSERT_FALSE(bucket_take(&bucket, &ten, 6, 0));
    CU_ASSERT_TRUE(bucket_take(&bucket, &ten, 0, 0));
    CU_ASSERT_TRUE(bucket_take(&bucket, &ten, 5, 0));
    CU_ASSERT_FALSE(bucket_is_full(&bucket, 499 * NS_PER_MS));
    CU_ASSERT_TRUE(bucket_is_full(&bucket, 500 * NS_PER_MS));
    /* what was refused was not taken */
    CU_ASSERT_FALSE(bucket_take(&bucket, &ten, 5, 499 * NS_PER_MS));
    CU_ASSERT_TRUE(bucket_take(&bucket, &ten, 5, 500 * NS_PER_MS));
}

WG_SUITE("bucket", {"a burst, then the rate", test_burst_then_rate},
         {"never more than rate and burst", test_never_more_than_rate_and_burst},
         {"several units at once", test_units})
