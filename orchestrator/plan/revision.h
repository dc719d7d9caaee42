/* revision.h: what another file of the same name may change in a campaign under way. */
#ifndef WG_ORCHESTRATOR_PLAN_REVISION_H
#define WG_ORCHESTRATOR_PLAN_REVISION_H

#include "orchestrator/plan/plan.h"

/* plan->standing and plan->before are there. WG_E_CONFLICT names each change that would rewrite the
 * past, a line each: a release, the members of a wave that has opened, the gate of one that has
 * passed, a campaign that has ended, and one that has started
 * and would become an emergency. */
WG_MUST_CHECK bool revision_check(const struct plan *plan, struct wg_error *err);
/* Appends what the file changes, a line each. */
WG_MUST_CHECK bool revision_changes(const struct plan *plan, struct wg_buf *out,
                                    struct wg_error *err);

#endif
