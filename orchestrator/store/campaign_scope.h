/* campaign_scope.h: how many devices of a campaign lie outside of scopes. */
#ifndef WG_ORCHESTRATOR_STORE_CAMPAIGN_SCOPE_H
#define WG_ORCHESTRATOR_STORE_CAMPAIGN_SCOPE_H

#include "orchestrator/store/db.h"

/* scopes: a list for wg_in_scopes(), not NULL. Of the plan in this transaction (plan_assign); of
 * the places of a campaign, 0 when there is none of that name. */
WG_MUST_CHECK bool plan_outside(struct db *db, const char *scopes, int64_t *devices,
                                struct wg_error *err);
WG_MUST_CHECK bool campaign_outside(struct db *db, const char *campaign, const char *scopes,
                                    int64_t *devices, struct wg_error *err);

#endif
