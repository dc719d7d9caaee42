/* operator.h: who runs the command: certificate and key of an operator, checked before anything is
 * done. Until the HTTP API stands between the command and the database (it will ask the same
 * questions), the check is here, and again in the orchestrator for what counts at a gate. */
#ifndef WG_ORCHESTRATOR_CLI_OPERATOR_H
#define WG_ORCHESTRATOR_CLI_OPERATOR_H

#include "orchestrator/campaign/approval.h"
#include "orchestrator/cli/command.h"

/* --operator and --operator-key go before the configuration. */
WG_MUST_CHECK bool operator_choose(struct cli *cli, struct wg_error *err);
/* Leaves the name in cli->actor. WG_E_DENIED when the command is for other roles, or the
 * certificate or key does not hold. */
WG_MUST_CHECK bool operator_allowed(struct cli *cli, const struct command *command,
                                    struct wg_error *err);
/* key: borrowed from cli; a file of mode 600, with or without a passphrase, or in a token. */
WG_MUST_CHECK bool operator_load(const struct cli *cli, struct operator_identity *who,
                                 struct wg_signing_key **key, struct wg_error *err);

#endif
