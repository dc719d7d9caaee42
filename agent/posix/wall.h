/* wall.h: the device's clock, as far as it can be trusted. Time never stands before what was
 * verified: a clock that does has lost its battery, or was set back. What was verified comes from
 * the repository's metadata, and is kept in STATE/time.json. */
#ifndef WG_AGENT_POSIX_WALL_H
#define WG_AGENT_POSIX_WALL_H

#include "common/time.h"

#include <limits.h>

struct wall {
    char path[PATH_MAX];
    wg_time floor; /* it is this late at least; 0: nothing is known */
};

/* A file that cannot be read counts as none. */
WG_MUST_CHECK bool wall_open(struct wall *wall, const char *state, struct wg_error *err);
/* The clock; 0 when it stands before the floor: then there is none that can be trusted. */
wg_time wall_now(const struct wall *wall);
/* By which expiry is judged: the clock, or the floor where that is later. */
wg_time wall_least(const struct wall *wall);
/* That was verified; kept durably, a minute's difference apart. */
WG_MUST_CHECK bool wall_raise(struct wall *wall, wg_time verified, struct wg_error *err);

#endif
