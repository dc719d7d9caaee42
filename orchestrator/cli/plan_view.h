/* plan_view.h: a plan for people. */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_VIEW_H
#define WG_ORCHESTRATOR_CLI_PLAN_VIEW_H

#include "common/json.h"
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/cli/screen.h"

/* plan: the API's, of this campaign. devices: what --devices asks for; NULL: nothing. */
void plan_view_text(struct screen *screen, const struct campaign *campaign, const json_t *plan,
                    const char *devices);
/* How many of those that the wave lists it does not get, and the first few with why. */
void plan_strays_text(struct screen *screen, const struct campaign_wave *wave,
                      const json_t *strays);

#endif
