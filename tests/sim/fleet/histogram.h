/* histogram.h: how long things took, in buckets whose width grows with the value: a percentile is
 * never more than a 32nd above the truth. Two of them add up to one. Pure; of a fixed size, so that
 * a process may hand it to another as it is. */
#ifndef WG_TESTS_SIM_FLEET_HISTOGRAM_H
#define WG_TESTS_SIM_FLEET_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_STEPS ((size_t)32) /* buckets of one doubling */
#define HISTOGRAM_DOUBLES 32         /* values to 2^36: in microseconds 19 hours */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * (HISTOGRAM_DOUBLES + 1))

struct histogram {
    uint64_t count, sum, least, most;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* All zero is an empty one. What is larger than the last bucket counts in it. */
void histogram_add(struct histogram *histogram, uint64_t value);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The least value that `percent` of all do not exceed; 0 when there are none. */
uint64_t histogram_percentile(const struct histogram *histogram, double percent);

#endif
