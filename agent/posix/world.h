/* world.h: the world around the core: carries out its actions in order and tells it what happened.
 */
#ifndef WG_AGENT_POSIX_WORLD_H
#define WG_AGENT_POSIX_WORLD_H

#include "agent/posix/once_line.h"
#include "agent/posix/settings.h"

/* Runs until SIGTERM or SIGINT (true), or until the agent cannot go on (false): then a supervisor
 * should start it again, unless *erased: its keys were, and it has no others. argv is for the
 * simulated reboot, which starts the program anew. */
WG_MUST_CHECK bool world_run(const struct settings *settings, char *const argv[], bool *erased,
                             struct wg_error *err);
/* Was the device told to erase its keys, and has no others? Then world_run() needs no certificate:
 * it erases what is left. */
bool world_is_erasing(const struct settings *settings);
/* The same until the device is through, or the time is up (once.h). */
struct world_once {
    wg_time until;         /* monotonic */
    struct once_line line; /* result and what else the world knows is filled in */
    bool again;            /* the update goes on when the agent begins anew: world_again() */
    bool checking;         /* the world's own */
    enum once_result settled;
};
WG_MUST_CHECK bool world_run_once(const struct settings *settings, char *const argv[],
                                  struct world_once *once, struct wg_error *err);
/* The simulated reboot: the program begins anew. Returns when that failed. */
bool world_again(char *const argv[], struct wg_error *err);

#endif
