/* once_command.h: `wavegate-agent --once`: the factory's line: claims the certificate if there is
 * none, brings the device to the newest release it may have, checks it, prints one line. */
#ifndef WG_AGENT_POSIX_ONCE_COMMAND_H
#define WG_AGENT_POSIX_ONCE_COMMAND_H

#include "agent/posix/settings.h"
#include "common/args.h"

struct once_call { /* borrowed */
    const struct args *args;
    const char *config;
    char *const *argv; /* for the simulated reboot */
    bool (*configure)(const struct args *args, struct settings *settings, struct wg_error *err);
};

/* Prints the line and returns the exit code (agent/core/once.h). */
int once_command(const struct once_call *call);
/* The command line is wrong: the same for that. */
int once_refuse(const struct wg_error *err);

#endif
