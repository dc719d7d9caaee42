/* operator_word.h: the operator's signature below what is said of a campaign or a device, made on
 * this machine. The server proposes the words; they are signed when they are about what was asked
 * for, and nothing else. */
#ifndef WG_ORCHESTRATOR_CLI_OPERATOR_WORD_H
#define WG_ORCHESTRATOR_CLI_OPERATOR_WORD_H

#include "common/trust/statement.h"
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/cli/command.h"

/* body: what the server proposes, borrowed. expected: of its members those that are not empty must
 * be the same; its waves, when it has any, by name. Sets "statement" and "chain" in request.
 * WG_E_VERIFY: the words are others. WG_E_USAGE: the settings name no operator's key. */
WG_MUST_CHECK bool operator_word_sign(const struct cli *cli, const json_t *body,
                                      const struct statement *expected, json_t *request,
                                      struct wg_error *err);

/* What somebody who applies this campaign says. */
WG_MUST_CHECK bool operator_word_apply(const struct campaign *campaign, struct statement *out,
                                       struct wg_error *err);

#endif
