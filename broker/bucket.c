/* bucket.c: the one sum. */
#include "broker/bucket.h"

bool bucket_take(struct bucket *bucket, const struct bucket_rule *rule, int64_t units,
                 nanoseconds now)
{
    if (units > rule->burst) return false;
    nanoseconds full_at = (bucket->full_at > now ? bucket->full_at : now) + units * rule->unit;
    if (full_at - now > rule->burst * rule->unit) return false;
    bucket->full_at = full_at;
    return true;
}

bool bucket_is_full(const struct bucket *bucket, nanoseconds now)
{
    return bucket->full_at <= now;
}
