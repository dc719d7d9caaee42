/* server_part.h: what the files of an orchestrator know of each other. */
#ifndef WG_TESTS_SIM_RUN_SERVER_PART_H
#define WG_TESTS_SIM_RUN_SERVER_PART_H

#include "tests/sim/dice.h"
#include "tests/sim/run/server.h"

void server_dice(struct server *server, struct chance *out, const char *what);
/* Nothing that it does from here on has an effect. why: "dies before commit". */
void server_doom(struct server *server, const char *why, const char *what);
void server_turn_at(struct server *server, wg_time at);

/* server_fault.c: a db_fault_fn; ctx is the server. */
/* What it has committed is held against the rules. */
void server_show(struct server *server);
bool server_before_statement(void *ctx, const char *statement, struct wg_error *err);

/* server_work.c: one pass of the loop. */
void server_work(struct server *server);
void server_hooks_forget(struct server *server);

#endif
