/* operator.h: who runs the command: certificate and key of an operator, or a token. */
#ifndef WG_ORCHESTRATOR_CLI_OPERATOR_H
#define WG_ORCHESTRATOR_CLI_OPERATOR_H

#include "orchestrator/campaign/approval.h"
#include "orchestrator/cli/command.h"

/* --operator and --operator-key go before the configuration. */
WG_MUST_CHECK bool operator_choose(struct cli *cli, struct wg_error *err);
/* cli->remote, as the operator or by the token that the settings name. */
WG_MUST_CHECK bool operator_connect(struct cli *cli, struct wg_error *err);
/* key: borrowed from cli; a file of mode 600, with or without a passphrase, or in a token. */
WG_MUST_CHECK bool operator_load(const struct cli *cli, struct operator_identity *who,
                                 struct wg_signing_key **key, struct wg_error *err);

#endif
