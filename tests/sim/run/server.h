/* server.h: an orchestrator: the daemon's loop without its sockets. It reads what the post brings,
 * commits it, ticks the engine, signs and sends. It may die, or stand still, before any statement,
 * and then everything that it held in memory is gone, or late. */
#ifndef WG_TESTS_SIM_RUN_SERVER_H
#define WG_TESTS_SIM_RUN_SERVER_H

#include "orchestrator/config/settings.h"
#include "orchestrator/daemon/ticker.h"
#include "orchestrator/link/batch.h"
#include "tests/sim/agenda.h"

struct sim;

#define SERVER_INBOX_MAX 4096
#define SERVER_HOOKS_MAX 16

struct server_mail {
    char topic[WG_TOPIC_MAX];
    char *bytes; /* owned */
    size_t len;
};

/* A gate's hook that was asked and has not answered. */
struct server_hook {
    char key[TICKER_KEY_MAX]; /* "" free */
    wg_time answers_at;
    char verdict[8]; /* "pass" "hold" "fail" */
};

struct server {
    struct sim *sim; /* borrowed */
    size_t index;
    uint64_t life;
    bool alive;
    bool dying;   /* from here on nothing that it does has an effect */
    bool stalled; /* stands still in the middle of something */
    bool ready;   /* connected to the database */
    bool in_transaction, hurt;
    bool written, committed; /* something that rules look at; and it counts */
    char name[24];           /* "orchestrator-1" */
    char session[48];
    struct settings settings;
    struct db *db;
    struct policies *policies;
    struct batch *batch;
    struct intake_result *answers;
    struct ticker_result *looked;
    struct server_mail *inbox;
    size_t inbox_count;
    struct server_hook hooks[SERVER_HOOKS_MAX];
    wg_time tick_at, ticked_at, retry_at, turn_at;
    wg_duration idle; /* until the next tick when nothing happens */
    int64_t seen;     /* changes of the database at the last tick */
    uint64_t asked;   /* of draws */
    int64_t statements, batches, ticks;
};

bool server_init(struct server *server, struct sim *sim, size_t index);
void server_clear(struct server *server);
/* A message from a broker, for one of those that run. */
void server_hear(struct sim *sim, size_t device, uint64_t turn, const char *topic,
                 const char *bytes, size_t len);
/* Something was committed by a person: they listen for that. */
void server_notify(struct sim *sim);
void server_mend(struct server *server); /* up again, if it is down */

#endif
