/* campaign_follow.h: campaigns that follow from another one: the server writes them, the operator
 * signs them, once they were held against what was asked for. */
#ifndef WG_ORCHESTRATOR_CLI_CAMPAIGN_FOLLOW_H
#define WG_ORCHESTRATOR_CLI_CAMPAIGN_FOLLOW_H

#include "orchestrator/cli/command.h"

/* `device retry` of one that has ended: a campaign of exactly that device, which takes up where
 * `campaign` left it. With --print the file is shown, and nothing changed. */
WG_MUST_CHECK bool campaign_retry_device(struct cli *cli, const char *device, const char *campaign,
                                         const char *reason, struct wg_error *err);

#endif
