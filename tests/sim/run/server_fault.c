/* server_fault.c: what may befall an orchestrator before a statement. */
#include "tests/sim/run/server_part.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include <string.h>

#define PATIENCE (10 * WG_SECOND) /* of the database with a session that idles in a transaction */

static bool lost(struct server *server, struct wg_error *err)
{
    server->in_transaction = server->committed = server->written = false;
    server->hurt = true;
    return wg_fail(err, WG_E_DATABASE, "database: the connection was lost");
}

static bool cut(struct server *server, const char *statement, struct wg_error *err)
{
    sim_tell(server->sim, server->name, "loses its database connection before %s", statement);
    watch_end_session(server->sim, server->session);
    return lost(server, err);
}

/* Everything else goes on meanwhile. False: its transaction was ended by the database. */
static bool stall(struct server *server, const char *statement, struct wg_error *err)
{
    struct sim *sim = server->sim;
    struct chance chance;
    server_dice(server, &chance, "stall");
    wg_time end = sim->now + dice_spread(&chance, 100, 20 * WG_MINUTE);
    bool ended = server->in_transaction && end > sim->now + PATIENCE;
    sim_tell(sim, server->name, "stands still before %s", statement);
    server->stalled = true;
    sim->depth++;
    if (ended) {
        sim_run_until(sim, sim->now + PATIENCE);
        watch_end_session(sim, server->session);
    }
    sim_run_until(sim, end);
    sim->depth--;
    server->stalled = false;
    sim_tell(sim, server->name, "goes on");
    return ended ? lost(server, err) : true;
}

/* Statements that change nothing that a rule looks at; what is not named here may do so. */
static bool only_reads(const char *statement)
{
    static const char *const names[] = {
        "begin",       "approval_unchecked", "campaign_active",    "campaign_lock",
        "wave_list",   "wave_counts",        "lease_take",         "offer_sum",
        "place_since", "place_going",        "place_open_zones",   "campaign_open_zones",
        "device_hold", "report_known",       "place_of_orders",    "campaign_canonical",
        "order_take",  "metric_upsert",      "device_acknowledge", "place_runs_already",
        "place_gone",  "listen wavegate"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(statement, names[i]) == 0) return true;
    return false;
}

static void note(struct server *server, const char *statement)
{
    bool commits = strcmp(statement, "commit") == 0;
    if (strncmp(statement, "begin", 5) == 0) server->in_transaction = true;
    if (commits) server->in_transaction = false;
    if (!commits && !only_reads(statement)) server->written = true;
    server->committed = server->written && !server->in_transaction;
    server->statements++;
}

void server_show(struct server *server)
{
    if (!server->committed) return;
    server->committed = server->written = false;
    mirror_look(server->sim);
}

bool server_before_statement(void *ctx, const char *statement, struct wg_error *err)
{
    struct server *server = ctx;
    struct sim *sim = server->sim;
    server_show(server);
    if (server->dying || !sim_goes_on(sim)) return lost(server, err);
    if (sim->now < sim->database_back) return cut(server, statement, err);
    if (sim_strike(sim, FAULT_KILL, server->index)) {
        server_doom(server, "", statement);
        return lost(server, err);
    }
    if (sim_strike(sim, FAULT_DATABASE, server->index)) {
        struct chance chance;
        server_dice(server, &chance, "database");
        sim->database_back = sim->now + dice_spread(&chance, 1, 3600) * WG_SECOND;
        return cut(server, statement, err);
    }
    if (sim_strike(sim, FAULT_CUT, server->index)) return cut(server, statement, err);
    if (sim->depth == 0 && sim_strike(sim, FAULT_STALL, server->index) &&
        !stall(server, statement, err))
        return false;
    if (server->dying || !sim_goes_on(sim)) return lost(server, err);
    note(server, statement);
    return true;
}
