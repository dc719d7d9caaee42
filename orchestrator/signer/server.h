/* server.h: the signer's loop: connections on a Unix socket, one frame after the other. */
#ifndef WG_ORCHESTRATOR_SIGNER_SERVER_H
#define WG_ORCHESTRATOR_SIGNER_SERVER_H

#include "orchestrator/signer/signer_settings.h"

/* Until SIGTERM or SIGINT. */
WG_MUST_CHECK bool server_run(const struct signer_settings *settings, struct wg_error *err);

#endif
