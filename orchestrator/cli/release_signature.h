/* release_signature.h: whether the release that a plan falls back on is signed, by the operators'
 * authority of the configuration. */
#ifndef WG_ORCHESTRATOR_CLI_RELEASE_SIGNATURE_H
#define WG_ORCHESTRATOR_CLI_RELEASE_SIGNATURE_H

#include "orchestrator/cli/command.h"
#include "orchestrator/plan/signature.h"

/* Fills plan->rollback_signer or rollback_unsigned. Without an authority nothing can be said, and
 * nothing is. */
WG_MUST_CHECK bool release_signature_check(const struct cli *cli, struct plan *plan,
                                           struct wg_error *err);

#endif
