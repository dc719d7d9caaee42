/* planning.h: all that a plan shows: members, outlook, the repository's policy. */
#ifndef WG_ORCHESTRATOR_STEERING_PLANNING_H
#define WG_ORCHESTRATOR_STEERING_PLANNING_H

#include "orchestrator/plan/signature.h"
#include "orchestrator/show/plan_view.h"
#include "orchestrator/steering/plan_quorum.h"

struct planning_asked {                          /* borrowed */
    const char *devices;                         /* to be listed: as plan_view_init() takes them */
    const char *repository;                      /* its folder; "" none */
    const struct signature_authority *authority; /* root NULL: none */
    wg_time now;
};

struct planning {
    struct plan plan;
    struct plan_view view;
    struct plan_quorum quorum;
};

/* Takes over campaign; leaves the transaction of plan_make() open. planning_clear() afterwards,
 * also when it fails. Zeroed by the caller. */
WG_MUST_CHECK bool planning_make(struct planning *planning, struct db *db,
                                 struct campaign *campaign, const struct planning_asked *asked,
                                 struct wg_error *err);
void planning_clear(struct planning *planning);
json_t *planning_json(const struct planning *planning); /* new reference */

#endif
