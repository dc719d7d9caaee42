/* files.h: wavegate-files from start to end. */
#ifndef WG_ORCHESTRATOR_FILES_FILES_H
#define WG_ORCHESTRATOR_FILES_FILES_H

#include "orchestrator/files/options.h"

/* Serves until SIGTERM or SIGINT; SIGHUP reads keys, the server's certificate, authorities and
 * revocation list again. */
WG_MUST_CHECK bool files_run(const struct options *options, struct wg_error *err);

#endif
