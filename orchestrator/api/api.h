/* api.h: wavegate-api: serves until told to stop. */
#ifndef WG_ORCHESTRATOR_API_API_H
#define WG_ORCHESTRATOR_API_API_H

#include "orchestrator/config/settings.h"

/* Returns true after SIGTERM or SIGINT, when what was under way has ended; false if it cannot
 * start. A database that is away, now or later, is waited for: requests get 503 meanwhile. SIGHUP
 * reads the log level, the server's certificate, the authority of operators and its list again. */
WG_MUST_CHECK bool api_run(const struct settings *settings, struct wg_error *err);

#endif
