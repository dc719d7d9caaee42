/* bucket.h: so many a second with a burst, in one number: the generic cell rate algorithm
 * (ITU-T I.371). Pure. */
#ifndef WG_BROKER_BUCKET_H
#define WG_BROKER_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds of a clock that never goes back. */
typedef int64_t nanoseconds;
#define NS_PER_MS ((nanoseconds)1000 * 1000)
#define NS_PER_SECOND (1000 * NS_PER_MS)

struct bucket_rule {
    nanoseconds unit; /* in which one unit flows back */
    int64_t burst;    /* units that may be taken at once; unit times burst stays below 2^62 */
};

/* All zero: a full bucket. */
struct bucket {
    nanoseconds full_at; /* when all that was taken has flowed back */
};

/* Takes that many units, or none and is false. */
bool bucket_take(struct bucket *bucket, const struct bucket_rule *rule, int64_t units,
                 nanoseconds now);
bool bucket_is_full(const struct bucket *bucket, nanoseconds now);

#endif
