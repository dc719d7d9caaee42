/* campaign_standing_view.h: a campaign as `campaign status` writes it on the screen. */
#ifndef WG_ORCHESTRATOR_CLI_CAMPAIGN_STANDING_VIEW_H
#define WG_ORCHESTRATOR_CLI_CAMPAIGN_STANDING_VIEW_H

#include "orchestrator/cli/screen.h"

/* standing: the API's document of it. */
void campaign_standing_show(struct screen *screen, const json_t *standing);

/* It has ended; it ended badly; somebody has to approve something now. */
bool campaign_standing_is_final(const json_t *standing);
bool campaign_standing_is_bad(const json_t *standing);
bool campaign_standing_waits(const json_t *standing);
/* Devices that are through with it. */
long long campaign_standing_done(const json_t *wave);

#endif
