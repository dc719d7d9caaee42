/* operation.h: what operators do to a campaign, as the command does it, in the scenario's time. */
#ifndef WG_TESTS_SCENARIO_OPERATION_H
#define WG_TESTS_SCENARIO_OPERATION_H

#include "tests/scenario/scene.h"

struct operation {
    const char *verb;     /* "pause" */
    const char *campaign; /* its name */
    const char *what;     /* wave, "start", or "--hold"; "" nothing */
    const char *by;
};

/* False with err: it is refused. WG_E_USAGE: there is no such verb. */
bool operation_run(struct scene *scene, const struct operation *operation, struct wg_error *err);

#endif
