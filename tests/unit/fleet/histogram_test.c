/* histogram_test.c: percentiles against those of all values sorted; two added up. */
#include "tests/sim/fleet/histogram.h"

#include "tests/sim/chance.h"
#include "tests/unit/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 20000

static uint64_t values[VALUES];

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static void is_close(uint64_t got, uint64_t exact)
{
    CU_ASSERT_TRUE(got >= exact);
    CU_ASSERT_TRUE((double)got <= (double)exact * (1 + 1.0 / HISTOGRAM_STEPS) + 1);
}

static void percentiles_are_those_of_the_values(void)
{
    static struct histogram histogram;
    static const double percents[] = {0.001, 1, 25, 50, 90, 95, 99, 99.9, 100};
    struct chance chance;
    chance_init(&chance, 7, 7);
    memset(&histogram, 0, sizeof histogram);
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = (uint64_t)exp(chance_unit(&chance) * 20);
        histogram_add(&histogram, values[i]);
    }
    qsort(values, VALUES, sizeof values[0], by_value);
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        size_t rank = (size_t)ceil(VALUES * percents[i] / 100);
        is_close(histogram_percentile(&histogram, percents[i]), values[rank - 1]);
    }
    CU_ASSERT_EQUAL(histogram.least, values[0]);
    CU_ASSERT_EQUAL(histogram.most, values[VALUES - 1]);
    CU_ASSERT_EQUAL(histogram_percentile(&histogram, 100), values[VALUES - 1]);
}

static void every_value_finds_its_bucket(void)
{
    for (uint64_t value = 0; value < (uint64_t)1 << 34; value = value * 5 / 4 + 1) {
        struct histogram one = {0};
        struct histogram pair = {0};
        histogram_add(&one, value);
        CU_ASSERT_EQUAL(histogram_percentile(&one, 50), value);
        histogram_add(&pair, value);
        histogram_add(&pair, UINT64_MAX);
        is_close(histogram_percentile(&pair, 50), value);
        CU_ASSERT_EQUAL(histogram_percentile(&pair, 99), UINT64_MAX);
    }
}

static void two_add_up_to_one(void)
{
    static struct histogram whole, left, right;
    for (uint64_t i = 0; i < 1000; i++) {
        histogram_add(&whole, i * i);
        histogram_add(i % 3 ? &left : &right, i * i);
    }
    histogram_merge(&left, &right);
    CU_ASSERT_EQUAL(memcmp(&whole, &left, sizeof whole), 0);
    histogram_merge(&left, &(struct histogram){0});
    CU_ASSERT_EQUAL(memcmp(&whole, &left, sizeof whole), 0);
    memset(&right, 0, sizeof right);
    histogram_merge(&right, &whole);
    CU_ASSERT_EQUAL(memcmp(&whole, &right, sizeof whole), 0);
}

static void an_empty_one_has_no_percentile(void)
{
    struct histogram empty = {0};
    CU_ASSERT_EQUAL(histogram_percentile(&empty, 50), 0);
    CU_ASSERT_EQUAL(histogram_percentile(&empty, 100), 0);
}

WG_SUITE("histogram", {"percentiles are those of the values", percentiles_are_those_of_the_values},
         {"every value finds its bucket", every_value_finds_its_bucket},
         {"two add up to one", two_add_up_to_one},
         {"an empty one has no percentile", an_empty_one_has_no_percentile})
