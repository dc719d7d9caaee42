/* excess.h: more has failed than a campaign tolerates, in the whole or of one class: the engine's
 * hard bound, in figures. Pure. */
#ifndef WG_ORCHESTRATOR_STATUS_EXCESS_H
#define WG_ORCHESTRATOR_STATUS_EXCESS_H

#include "orchestrator/engine/engine.h"

struct excess {
    int64_t faults, members, tolerated;
    enum wg_cause class; /* WG_CAUSE_NONE: the whole */
};

/* False: the budget holds. */
bool excess_of(const struct policy *policy, const struct engine_view *view, struct excess *out);
/* "2 of 11 devices failed by boot, 1 tolerated" */
void excess_words(const struct excess *excess, char out[ENGINE_CAUSE_MAX]);

#endif
