/* daemon.h: wavegated: reads what devices say, commits it, ticks the engine, sends orders; until
 * told to stop. One thread; brokers, database, signals and time meet in one poll. */
#ifndef WG_ORCHESTRATOR_DAEMON_DAEMON_H
#define WG_ORCHESTRATOR_DAEMON_DAEMON_H

#include "orchestrator/config/settings.h"

/* Returns true after SIGTERM or SIGINT with everything committed and closed; false if it cannot
 * start. A database or broker that is away, now or later, is waited for. SIGHUP: reload.h.
 * log_is_given: by the command line, which stands above the file. */
WG_MUST_CHECK bool daemon_run(const struct settings *settings, bool log_is_given,
                              struct wg_error *err);

#endif
