/* claim_command.h: `wavegate-agent --claim`: asks for the device's certificate until it is there,
 * the server says no, the time is up, or a signal comes. */
#ifndef WG_AGENT_POSIX_CLAIM_COMMAND_H
#define WG_AGENT_POSIX_CLAIM_COMMAND_H

#include "common/args.h"

/* Prints one line when the device has its certificate. WG_E_DENIED: the token is not good;
 * WG_E_CONFLICT: there is another certificate, here or with the authority; WG_E_NOT_FOUND: no
 * token; WG_E_VERIFY: the server or its answer is not to be trusted; WG_E_TIMEOUT;
 * WG_E_INTERRUPTED. */
WG_MUST_CHECK bool claim_command(const struct args *args, const char *config, struct wg_error *err);

#endif
