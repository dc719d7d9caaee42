/* campaign_follow.h: which campaign sends the devices of another one back. */
#ifndef WG_ORCHESTRATOR_CLI_CAMPAIGN_FOLLOW_H
#define WG_ORCHESTRATOR_CLI_CAMPAIGN_FOLLOW_H

#include "orchestrator/store/campaign_row.h"

/* "" when there is none. */
WG_MUST_CHECK bool campaign_follow_rollback(struct db *db, const char *name,
                                            char out[WG_NAME_MAX + 1], struct wg_error *err);

#endif
