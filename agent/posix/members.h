/* members.h: the releases that one order brings, one by one, in the order of their installation. */
#ifndef WG_AGENT_POSIX_MEMBERS_H
#define WG_AGENT_POSIX_MEMBERS_H

#include "agent/core/core.h"
#include "agent/posix/slot/backend.h"

_Static_assert(SLOT_MEMBERS_MAX == RELEASE_SET_MAX, "a place for each member of an order");

struct members {
    size_t count;
    size_t numbers[SLOT_MEMBERS_MAX]; /* as in the order: 0 its own release */
    struct slot_release releases[SLOT_MEMBERS_MAX];
};

/* release NULL: the order's own alone, as the order says. */
void members_init(struct members *members, const struct wg_order *order,
                  const struct core_release *release);

#endif
