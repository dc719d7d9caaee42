/* bucket_test.c: who may ask, and when again. */
#include "orchestrator/http/bucket.h"

#include "tests/unit/harness.h"

#include <stdio.h>

static void test_rate(void)
{
    struct buckets *buckets = buckets_new(64, 60, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(buckets);
    for (int i = 0; i < 3; i++) CU_ASSERT_EQUAL(buckets_take(buckets, "192.0.2.1", 1000), 0);
    wg_duration wait = buckets_take(buckets, "192.0.2.1", 1000);
    CU_ASSERT_EQUAL(wait, 1001);
    CU_ASSERT_EQUAL(buckets_take(buckets, "192.0.2.2", 1000), 0); /* another one */
    CU_ASSERT_EQUAL(buckets_take(buckets, "192.0.2.1", 1000 + wait), 0);
    CU_ASSERT_NOT_EQUAL(buckets_take(buckets, "192.0.2.1", 1000 + wait), 0);
    /* after a year it is full, and holds no more than that */
    const wg_time later = 1000 + 365 * WG_DAY;
    for (int i = 0; i < 3; i++) CU_ASSERT_EQUAL(buckets_take(buckets, "192.0.2.1", later), 0);
    CU_ASSERT_NOT_EQUAL(buckets_take(buckets, "192.0.2.1", later), 0);
    buckets_free(buckets);
}

/* More addresses than places: nobody who behaves is refused for it. */
static void test_many(void)
{
    struct buckets *buckets = buckets_new(64, 60, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(buckets);
    for (int i = 0; i < 10000; i++) {
        char address[24];
        (void)snprintf(address, sizeof address, "10.0.%d.%d", i / 256, i % 256);
        CU_ASSERT_EQUAL(buckets_take(buckets, address, 1000 + i), 0);
    }
    buckets_free(buckets);
}

WG_SUITE("orchestrator/http/bucket", {"rate", test_rate}, {"many", test_many})
