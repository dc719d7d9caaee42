/* plan_quorum.h: what the repository's policy will want beyond what the campaign asks for, in
 * words.
 */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_QUORUM_H
#define WG_ORCHESTRATOR_CLI_PLAN_QUORUM_H

#include "orchestrator/cli/screen.h"

/* policy: "repository_policy" of a plan; null: nothing is known. */
void plan_quorum_text(struct screen *screen, const json_t *policy);

#endif
