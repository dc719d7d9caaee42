/* backoff.h: how long to wait before trying again: doubling from first to most, with full jitter in
 * the upper half. Pure: the caller hands in randomness and keeps the time. */
#ifndef WG_COMMON_BACKOFF_H
#define WG_COMMON_BACKOFF_H

#include "common/time.h"

struct wg_backoff {
    wg_duration first, most; /* bounds of the wait before jitter */
    int failures;            /* in a row; stops counting at 63 */
};

void wg_backoff_init(struct wg_backoff *backoff, wg_duration first, wg_duration most);
void wg_backoff_reset(struct wg_backoff *backoff); /* it worked */
/* One more failure; returns the wait, between half and the whole of the doubled bound. */
wg_duration wg_backoff_next(struct wg_backoff *backoff, uint32_t random);

#endif
