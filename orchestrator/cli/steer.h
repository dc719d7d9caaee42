/* steer.h: a person's hand on a campaign: the request, and the answer. */
#ifndef WG_ORCHESTRATOR_CLI_STEER_H
#define WG_ORCHESTRATOR_CLI_STEER_H

#include "orchestrator/cli/command.h"

/* {"reason": ...} of --reason; a new reference. WG_E_USAGE: it is needed and not there, or too
 * long. */
json_t *steer_request(const struct cli *cli, bool needs_reason, struct wg_error *err);
/* POST /campaigns/CAMPAIGN/ACTION; request: a reference that is taken over, NULL with the error.
 * A new reference, NULL on failure. */
json_t *steer_send(struct cli *cli, const char *campaign, const char *action, json_t *request,
                   struct wg_error *err);
/* What has to be signed for it: {"statement": null or what, "words"}. of: what else it is about
 * (wave, device, start): a reference that is taken over. */
json_t *steer_statement(struct cli *cli, const char *campaign, const char *action, json_t *of,
                        struct wg_error *err);

#endif
