/* stratum.h: what the waves of a plan are spread over, and how many devices of each stratum go to
 * each wave. Internal to the room. */
#ifndef WG_ORCHESTRATOR_PLAN_STRATUM_H
#define WG_ORCHESTRATOR_PLAN_STRATUM_H

#include "orchestrator/plan/plan.h"

/* Fills plan->spread with the SQL of every attribute that a wave names. */
WG_MUST_CHECK bool stratum_compile(struct plan *plan, struct wg_error *err);
/* (*share)[wave * cell_count + cell] from the counted cells and the sizes; the caller frees it. */
WG_MUST_CHECK bool stratum_share(const struct plan *plan, int64_t **share, struct wg_error *err);

#endif
