/* standing.h: how a campaign stands: its stored rows beside its policy, in the engine's terms. The
 * daemon decides by it, the command shows it. */
#ifndef WG_ORCHESTRATOR_STATUS_STANDING_H
#define WG_ORCHESTRATOR_STATUS_STANDING_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/store/campaign_row.h"

/* The engine's view of stored rows at a time: approvals may have expired by then. What was offered
 * in the last minute is not in it. WG_E_CONFLICT when rows and policy do not fit together. */
WG_MUST_CHECK bool standing_view(const struct campaign_row *row, const struct policy *policy,
                                 wg_time now, struct engine_view *out, struct wg_error *err);
/* The stored campaign as a model; NULL on failure; campaign_free() it. */
struct campaign *standing_campaign(struct db *db, int64_t id, struct wg_error *err);

/* Sums over all waves. */
int64_t standing_count(const struct campaign_row *row, enum wg_state state);
int64_t standing_in_flight(const struct campaign_row *row);
int64_t standing_faults(const struct campaign_row *row);
int64_t standing_finished(const struct campaign_row *row);

#endif
