/* bucket.h: how many requests an address may make: a bucket of tokens each, filled at a rate, in a
 * table of a fixed size. Pure. Not shared between threads without a lock. */
#ifndef WG_ORCHESTRATOR_HTTP_BUCKET_H
#define WG_ORCHESTRATOR_HTTP_BUCKET_H

#include "common/time.h"

#include <stdbool.h>

struct buckets;

/* rate: tokens a minute; burst: how many a bucket holds. NULL: out of memory. */
struct buckets *buckets_new(size_t addresses, int64_t rate, int64_t burst);
void buckets_free(struct buckets *buckets);
/* Takes a token. 0: taken; else how long until there is one. now is monotonic. When the table is
 * full the bucket that was used longest ago goes: its owner starts with a full one. */
wg_duration buckets_take(struct buckets *buckets, const char *address, wg_time now);

#endif
