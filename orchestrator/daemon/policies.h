/* policies.h: the policies of the campaigns under way, read once from their stored canonical JSON.
 */
#ifndef WG_ORCHESTRATOR_DAEMON_POLICIES_H
#define WG_ORCHESTRATOR_DAEMON_POLICIES_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/store/campaign_row.h"

#define POLICIES_MAX 256 /* kept; further campaigns push out the one looked at longest ago */

struct policies;

struct policies *policies_new(struct wg_error *err);
void policies_free(struct policies *policies);
/* Borrowed until the next call. A campaign never changes under its id. */
const struct policy *policies_get(struct policies *policies, struct db *db, int64_t campaign,
                                  struct wg_error *err);

#endif
