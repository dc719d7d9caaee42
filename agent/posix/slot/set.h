/* set.h: a backend made of others, one for each place that a component of the device has: several
 * releases are installed together, and all of them run in the end, or none.
 *
 * What is decided about them (boot them once, keep them, leave them) is durable before the first of
 * them is touched (set_record.h), and probe() carries on with it after any cut: kept once, a member
 * that its boot loader has taken back is activated and booted again; otherwise, when not every
 * member is on trial, those that are go back. `again` of the status asks for the boots that this
 * takes, SET_BOOTS_MAX in a row at most.
 *
 * A place that keeps nothing of what fell back (an installer) is confirmed before the others; when
 * the first of all has fallen back for good nothing was confirmed yet, and all go back. */
#ifndef WG_AGENT_POSIX_SLOT_SET_H
#define WG_AGENT_POSIX_SLOT_SET_H

#include "agent/posix/slot/backend.h"

#define SET_PLACES_MAX 9
#define SET_BOOTS_MAX 5 /* asked for in a row */

struct set_part {
    const char *component; /* that the place is for; the first one: NULL, for all others */
    struct slot_backend *backend;
};

/* state: the agent's state folder, which is there. The parts are copied; their backends are owned,
 * also when this fails. */
struct slot_backend *set_new(const char *state, const struct set_part *parts, size_t count,
                             struct wg_error *err);

#endif
