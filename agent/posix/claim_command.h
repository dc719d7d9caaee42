/* claim_command.h: `wavegate-agent --claim`: asks for the device's certificate until it is there,
 * the server says no, the time is up, or a signal comes. */
#ifndef WG_AGENT_POSIX_CLAIM_COMMAND_H
#define WG_AGENT_POSIX_CLAIM_COMMAND_H

#include "common/args.h"
#include "common/text.h"
#include "common/time.h"

#include <limits.h>

/* Prints one line when the device has its certificate. WG_E_DENIED: the token is not good;
 * WG_E_CONFLICT: there is another certificate, here or with the authority; WG_E_NOT_FOUND: no
 * token; WG_E_VERIFY: the server or its answer is not to be trusted; WG_E_TIMEOUT;
 * WG_E_INTERRUPTED. */
WG_MUST_CHECK bool claim_command(const struct args *args, const char *config, struct wg_error *err);
/* The same as a part of another command: prints nothing, and tries for so long. done is filled as
 * far as it came. */
struct claim_done {
    char device[WG_NAME_MAX + 1];
    char certificate[PATH_MAX];
    bool before; /* it had its certificate already */
    wg_time not_after;
};
WG_MUST_CHECK bool claim_credentials(const struct args *args, const char *config,
                                     wg_duration within, struct claim_done *done,
                                     struct wg_error *err);

#endif
