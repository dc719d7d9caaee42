/* backoff.c: doubling waits with jitter. */
#include "common/backoff.h"

#define DOUBLINGS_MAX 63 /* from a millisecond to more than any bound */

void wg_backoff_init(struct wg_backoff *backoff, wg_duration first, wg_duration most)
{
    *backoff = (struct wg_backoff){.first = first, .most = most};
}

void wg_backoff_reset(struct wg_backoff *backoff)
{
    backoff->failures = 0;
}

wg_duration wg_backoff_next(struct wg_backoff *backoff, uint32_t random)
{
    wg_duration bound = backoff->first;
    for (int i = 0; i < backoff->failures && bound < backoff->most; i++)
        bound = bound > backoff->most / 2 ? backoff->most : bound * 2;
    if (bound > backoff->most) bound = backoff->most;
    if (backoff->failures < DOUBLINGS_MAX) backoff->failures++;
    wg_duration half = bound / 2;
    return half + (wg_duration)((uint64_t)random % (uint64_t)(bound - half + 1));
}
