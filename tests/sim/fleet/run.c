/* run.c: the fleet as a command. */
#include "tests/sim/fleet/run.h"

#include "tests/sim/fleet/parent.h"

#include <stdlib.h>

bool run_run(const struct args *args, struct wg_error *err)
{
    struct fleet_settings settings;
    if (!fleet_settings_read(args, &settings, err)) return false;
    struct parent *parent = calloc(1, sizeof *parent);
    if (!parent) return wg_fail_memory(err, "starting");
    bool ok = parent_run(parent, &settings, err);
    free(parent);
    return ok;
}
