/* histogram.c: below HISTOGRAM_STEPS a bucket a value; then HISTOGRAM_STEPS buckets a doubling. */
#include "tests/sim/fleet/histogram.h"

#include <math.h>

#define STEP_BITS 5 /* of HISTOGRAM_STEPS */

static size_t bucket_of(uint64_t value)
{
    if (value < HISTOGRAM_STEPS) return (size_t)value;
    unsigned top = 63U - (unsigned)__builtin_clzll(value);
    unsigned shift = top - STEP_BITS;
    size_t bucket =
        (size_t)(shift + 1) * HISTOGRAM_STEPS + (size_t)((value >> shift) & (HISTOGRAM_STEPS - 1));
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value of a bucket. */
static uint64_t bucket_top(size_t bucket)
{
    if (bucket < HISTOGRAM_STEPS) return bucket;
    unsigned shift = (unsigned)(bucket / HISTOGRAM_STEPS) - 1;
    uint64_t step = HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS;
    return ((step + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    if (histogram->count == 0 || value < histogram->least) histogram->least = value;
    if (value > histogram->most) histogram->most = value;
    histogram->count++;
    histogram->sum += value;
    histogram->buckets[bucket_of(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0) return;
    if (into->count == 0 || from->least < into->least) into->least = from->least;
    if (from->most > into->most) into->most = from->most;
    into->count += from->count;
    into->sum += from->sum;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) into->buckets[i] += from->buckets[i];
}

uint64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    uint64_t wanted = (uint64_t)ceil((double)histogram->count * percent / 100), seen = 0;
    if (histogram->count == 0) return 0;
    if (wanted < 1) wanted = 1;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen < wanted) continue;
        uint64_t top = i + 1 < HISTOGRAM_BUCKETS ? bucket_top(i) : histogram->most;
        if (top > histogram->most) top = histogram->most;
        return top < histogram->least ? histogram->least : top;
    }
    return histogram->most;
}
