/* world_reload.c: signals. SIGHUP reads the log level of the configuration again; certificates and
 * keys are read with each connection, all else with the next start. */
#include "agent/posix/world_part.h"

#include <signal.h>
#include <stdlib.h>

static void reload(const struct world *world)
{
    struct wg_error err = {0};
    struct settings *fresh = calloc(1, sizeof *fresh);
    if (!fresh) (void)wg_fail_memory(&err, "reading again");
    if (!fresh || !settings_load(fresh, world->settings->file, &err)) {
        wg_log_error("not read again: what was there before holds on", &err);
    } else {
        if (!world->settings->log_is_given) wg_log_set(fresh->log);
        wg_log(WG_LOG_INFO, "read again", NULL);
    }
    free(fresh);
}

void world_on_signal(struct world *world, unsigned number)
{
    if (number == SIGHUP)
        reload(world);
    else
        world->stop = true;
}
