/* pace.h: how fast bytes come: at most, by a token bucket that says how long to wait, and at least,
 * by a look back over a stretch of time. Pure: the caller keeps the time. */
#ifndef WG_AGENT_POSIX_PACE_H
#define WG_AGENT_POSIX_PACE_H

#include "common/time.h"

#include <stdbool.h>
#include <stddef.h>

/* At most. */
struct pace_limit {
    int64_t rate;  /* bytes a second; 0: no limit */
    int64_t saved; /* what may come now, in thousandths of a byte; below 0: come too early */
    wg_time at;
};

void pace_limit_init(struct pace_limit *limit, int64_t rate, wg_time now);
/* So many bytes came; returns how long to wait before the next are read. */
wg_duration pace_limit_take(struct pace_limit *limit, size_t bytes, wg_time now);
size_t pace_limit_piece(const struct pace_limit *limit, size_t most); /* to read at once, 1.. */

/* At least. */
struct pace_floor {
    int64_t slowest; /* bytes a second */
    wg_duration over;
    wg_time from;
    int64_t bytes;
};

void pace_floor_init(struct pace_floor *floor, int64_t slowest, wg_duration over, wg_time now);
void pace_floor_add(struct pace_floor *floor, size_t bytes);
void pace_floor_pause(struct pace_floor *floor, wg_duration waited); /* by us: does not count */
/* False: in the stretch that is over now, too little came. Asked at pace_floor_end() or later. */
bool pace_floor_holds(struct pace_floor *floor, wg_time now);
wg_time pace_floor_end(const struct pace_floor *floor);

#endif
