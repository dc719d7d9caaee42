/* world.h: the world around the core: carries out its actions in order and tells it what happened.
 */
#ifndef WG_AGENT_POSIX_WORLD_H
#define WG_AGENT_POSIX_WORLD_H

#include "agent/posix/settings.h"

/* Runs until SIGTERM or SIGINT (true), or until the agent cannot go on (false): then a supervisor
 * should start it again. argv is for the simulated reboot, which starts the program anew. */
WG_MUST_CHECK bool world_run(const struct settings *settings, char *const argv[],
                             struct wg_error *err);

#endif
