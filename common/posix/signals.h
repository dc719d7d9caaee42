/* signals.h: signals that end or reload a program that goes on, as a descriptor; and what a program
 * started by us gets of our signal settings: nothing. */
#ifndef WG_COMMON_POSIX_SIGNALS_H
#define WG_COMMON_POSIX_SIGNALS_H

#include <stdbool.h>

#include "common/error.h"

/* SIGTERM, SIGINT and SIGHUP wait in *signals, a signalfd(2) that does not block and that the
 * caller closes; -1 with an error. Before the first thread, so that all of them leave them to it.
 */
bool wg_signals_open(int *signals, struct wg_error *err);

/* Every signal does what it does by default, and none is blocked: what this process, or whoever
 * started it, ignores would otherwise be ignored by the next program too (signal(7)). For between
 * fork and exec: only calls that are safe there. */
void wg_signals_default(void);

#endif
