/* plan.h: which of the releases that belong together have to be fetched, and whether the device has
 * a place for each. */
#ifndef WG_AGENT_POSIX_SLOT_PLAN_H
#define WG_AGENT_POSIX_SLOT_PLAN_H

#include "agent/posix/slot/backend.h"

/* The running slot holds it: the version, and the content where its hash is known. */
bool slot_runs(const struct slot_status *status, const struct slot_release *release);
/* Of these releases, in the order of their installation: what is to be fetched and installed. One
 * that runs already is not, unless it is alone. */
void slot_needs(const struct slot_status *status, const struct slot_release *releases, size_t count,
                bool wanted[SLOT_MEMBERS_MAX]);
/* The same before the first begin() of them; in_place of the status is then what it is for them.
 * WG_E_CONFLICT: there is no place for them. */
WG_MUST_CHECK bool slot_plan(struct slot_backend *backend, struct slot_status *status,
                             const struct slot_release *releases, size_t count,
                             bool wanted[SLOT_MEMBERS_MAX], struct wg_error *err);

#endif
