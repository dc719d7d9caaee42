/* release_sending.h: what is published goes to the server: first what is said of it, then, when
 * only that is missing, the artifact. */
#ifndef WG_ORCHESTRATOR_CLI_RELEASE_SENDING_H
#define WG_ORCHESTRATOR_CLI_RELEASE_SENDING_H

#include "orchestrator/cli/command.h"

/* Sets "sha256" of that file in request, and "header" when --header names one. Tells how far it is.
 * WG_E_BAD_FILE: it is empty, or no file. */
WG_MUST_CHECK bool release_sending_hash(struct cli *cli, const char *file, json_t *request,
                                        struct wg_error *err);
/* The answer's document. request: borrowed. */
json_t *release_send(struct cli *cli, const struct remote_path *path, const char *file,
                     json_t *request, struct wg_error *err);

#endif
