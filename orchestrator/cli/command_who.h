/* command_who.h: which permission each command takes, for the pages of the manual. The server
 * decides. */
#ifndef WG_ORCHESTRATOR_CLI_COMMAND_WHO_H
#define WG_ORCHESTRATOR_CLI_COMMAND_WHO_H

#include "orchestrator/cli/command.h"
#include "orchestrator/people/role.h"

/* "rollout-admin or owner"; "" everybody who comes in, or no server is asked. */
void command_who(const struct command *command, char out[ROLES_TEXT]);

#endif
