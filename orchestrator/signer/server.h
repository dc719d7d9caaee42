/* server.h: the signer's loop: connections on a Unix socket, one frame after the other. */
#ifndef WG_ORCHESTRATOR_SIGNER_SERVER_H
#define WG_ORCHESTRATOR_SIGNER_SERVER_H

#include "orchestrator/signer/signer_settings.h"

/* Until SIGTERM or SIGINT. SIGHUP reads the log level of the file again; the repository is read
 * again all the time. */
WG_MUST_CHECK bool server_run(const struct signer_settings *settings, const char *file,
                              struct wg_error *err);

#endif
