/* bucket.c: sets of a few places, chosen by a hash of the address: a look costs the same however
 * many there are. */
#include "orchestrator/http/bucket.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 8
#define ADDRESS_MAX 48 /* an IPv6 address with its zone */

struct bucket {
    char address[ADDRESS_MAX];
    wg_time at;     /* of the last look; 0: free */
    int64_t grains; /* 60,000 are a token: rate a minute is rate grains a millisecond */
};

#define TOKEN ((int64_t)60000)

struct buckets {
    size_t sets;
    int64_t rate, full;
    struct bucket *all;
};

struct buckets *buckets_new(size_t addresses, int64_t rate, int64_t burst)
{
    struct buckets *buckets = calloc(1, sizeof *buckets);
    if (!buckets) return NULL;
    buckets->sets = (addresses + WAYS - 1) / WAYS;
    buckets->rate = rate;
    buckets->full = burst * TOKEN;
    buckets->all = calloc(buckets->sets * WAYS, sizeof *buckets->all);
    if (buckets->all) return buckets;
    free(buckets);
    return NULL;
}

void buckets_free(struct buckets *buckets)
{
    if (!buckets) return;
    free(buckets->all);
    free(buckets);
}

/* FNV-1a. */
static uint64_t hash(const char *text)
{
    uint64_t value = 14695981039346656037u;
    for (; *text; text++) value = (value ^ (unsigned char)*text) * 1099511628211u;
    return value;
}

static struct bucket *find(struct buckets *buckets, const char *address, wg_time now)
{
    struct bucket *set = &buckets->all[(hash(address) % buckets->sets) * WAYS], *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].at && strcmp(set[i].address, address) == 0) return &set[i];
        if (set[i].at < oldest->at) oldest = &set[i];
    }
    (void)wg_copy(oldest->address, sizeof oldest->address, address);
    oldest->at = now;
    oldest->grains = buckets->full;
    return oldest;
}

wg_duration buckets_take(struct buckets *buckets, const char *address, wg_time now)
{
    char key[ADDRESS_MAX];
    (void)wg_copy(key, sizeof key, address);
    struct bucket *bucket = find(buckets, key, now);
    wg_duration since = now > bucket->at ? now - bucket->at : 0;
    /* a long time fills it, and must not overflow */
    if (since > buckets->full / buckets->rate)
        bucket->grains = buckets->full;
    else
        bucket->grains += since * buckets->rate;
    if (bucket->grains > buckets->full) bucket->grains = buckets->full;
    bucket->at = now;
    if (bucket->grains < TOKEN) return (TOKEN - bucket->grains) / buckets->rate + 1;
    bucket->grains -= TOKEN;
    return 0;
}
