/* watch.h: a connection of the simulation's own, beside those of the orchestrators: it makes the
 * database empty for each seed, reads it for the rules, and ends sessions as a server would that
 * notices that a process has died. */
#ifndef WG_TESTS_SIM_RUN_WATCH_H
#define WG_TESTS_SIM_RUN_WATCH_H

#include "common/error.h"

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct watch;

/* Migrates, and sets up the database for runs: nothing there depends on the machine's clock. */
struct watch *watch_new(const char *conninfo, struct wg_error *err);
void watch_free(struct watch *watch);
/* Empties every table and starts every sequence again. */
WG_MUST_CHECK bool watch_reset(struct watch *watch, struct wg_error *err);
/* All rows that were written since the last call by transactions that are over; free with PQclear.
 * all: every row there is. Columns: kind, then texts, as mirror.c knows them. */
PGresult *watch_read(struct watch *watch, bool all, struct wg_error *err);
PGresult *watch_ask(struct watch *watch, const char *sql, const char *const *params, int count,
                    struct wg_error *err);
/* Ends the session of that application name, and returns when its locks are gone. */
void watch_end_session(struct sim *sim, const char *application);
/* Looks through what was logged since the last call: a statement may fail only when a fault hurt
 * whoever ran it. */
void watch_log(struct sim *sim, const char *who, bool hurt);

#endif
