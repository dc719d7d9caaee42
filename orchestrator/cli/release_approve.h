/* release_approve.h: a release as the server has it. */
#ifndef WG_ORCHESTRATOR_CLI_RELEASE_APPROVE_H
#define WG_ORCHESTRATOR_CLI_RELEASE_APPROVE_H

#include "orchestrator/cli/command.h"

/* `release show` without --repository. */
WG_MUST_CHECK bool release_show_server(struct cli *cli, struct wg_error *err);

#endif
