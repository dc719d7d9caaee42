/* view.h: how the fleet does, while it runs: a picture on a terminal, lines elsewhere. Pure. */
#ifndef WG_TESTS_SIM_FLEET_VIEW_H
#define WG_TESTS_SIM_FLEET_VIEW_H

#include "tests/sim/fleet/tally.h"

struct view {
    bool picture;
    bool drawn;
    uint64_t elapsed, in, out; /* as of the last time: microseconds, messages */
};

/* elapsed: microseconds since the start. */
void view_add(struct view *view, const struct tally *tally, uint64_t elapsed, struct wg_buf *out);

#endif
