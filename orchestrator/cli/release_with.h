/* release_with.h: --with and --depends of `release add`, for the database and for a repository. */
#ifndef WG_ORCHESTRATOR_CLI_RELEASE_WITH_H
#define WG_ORCHESTRATOR_CLI_RELEASE_WITH_H

#include "orchestrator/cli/command.h"

/* {component: version} of all uses of --with, {component: range} of --depends: new references;
 * NULL: none was given, or with err set what is wrong with them. */
json_t *release_with_read(const struct args *args, struct wg_error *err);
json_t *release_depends_read(const struct args *args, struct wg_error *err);

#endif
