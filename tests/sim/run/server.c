/* server.c: an orchestrator's life: start, messages, death. */
#include "tests/sim/run/server.h"

#include "tests/sim/run/server_part.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTAKE_BATCH 100

void server_dice(struct server *server, struct chance *out, const char *what)
{
    dice_init(out, server->sim->setup.seed, what, server->index, server->asked++);
}

static void lose_memory(struct server *server)
{
    batch_free(server->batch);
    policies_free(server->policies);
    for (size_t i = 0; i < server->inbox_count; i++) free(server->inbox[i].bytes);
    server->batch = NULL;
    server->policies = NULL;
    server->inbox_count = 0;
    server_hooks_forget(server);
    db_close(server->db);
    server->db = NULL;
    server->ready = server->in_transaction = server->committed = server->written = false;
}

static void turn(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct server *server = &sim->servers[event->who];
    if (event->token != server->life || event->at != server->turn_at) return;
    server->turn_at = 0;
    if (!server->alive || server->stalled) return;
    server_work(server);
    if (server->dying) {
        struct chance chance;
        server_dice(server, &chance, "restart");
        lose_memory(server);
        server->alive = server->dying = false;
        server->life++;
        server_turn_at(server, sim->now + dice_spread(&chance, 500, 20 * WG_MINUTE));
    }
}

static void start(struct server *server)
{
    struct sim *sim = server->sim;
    struct wg_error *err = &sim->err;
    server->policies = policies_new(err);
    server->batch = batch_new(INTAKE_BATCH, err);
    if (!server->policies || !server->batch) {
        sim_fail(sim, "starting an orchestrator");
        return;
    }
    (void)snprintf(server->session, sizeof server->session, "sim-%zu-%llu", server->index,
                   (unsigned long long)server->life);
    server->alive = true;
    server->retry_at = 0;
    server->tick_at = sim->now;
    server->idle = server->settings.tick;
    sim_tell(sim, server->name, "starts");
}

static void turn_or_start(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct server *server = &sim->servers[event->who];
    bool due = event->token == server->life && event->at == server->turn_at;
    if (due && !server->alive) start(server);
    turn(sim, event);
}

void server_turn_at(struct server *server, wg_time at)
{
    struct sim *sim = server->sim;
    if (at < sim->now + 1) at = sim->now + 1;
    if (server->turn_at && server->turn_at <= at) return;
    server->turn_at = at;
    agenda_add(&sim->agenda,
               &(struct event){
                   .at = at, .run = turn_or_start, .who = server->index, .token = server->life});
}

void server_doom(struct server *server, const char *why, const char *what)
{
    sim_tell(server->sim, server->name, "dies before %s%s", why, what);
    server->dying = server->hurt = true;
    watch_end_session(server->sim, server->session);
}

bool server_init(struct server *server, struct sim *sim, size_t index)
{
    struct settings *settings = &server->settings;
    memset(server, 0, sizeof *server);
    server->sim = sim;
    server->index = index;
    (void)snprintf(server->name, sizeof server->name, "orchestrator-%zu", index);
    settings->intake_batch = INTAKE_BATCH;
    settings->intake_wait = sim->setup.intake_wait;
    settings->tick = WG_MINUTE;
    settings->order_resend = sim->setup.order_resend;
    settings->order_lifetime = sim->setup.order_lifetime;
    settings->artifact_url_count = 1;
    (void)wg_copy(settings->artifact_urls[0], WG_URL_MAX, "https://artifacts.example");
    server->answers = calloc(1, sizeof *server->answers);
    server->looked = calloc(1, sizeof *server->looked);
    server->inbox = calloc(SERVER_INBOX_MAX, sizeof *server->inbox);
    if (!server->answers || !server->looked || !server->inbox)
        return wg_fail_memory(&sim->err, "making an orchestrator");
    server_turn_at(server, sim->now + 1);
    return true;
}

void server_clear(struct server *server)
{
    if (!server->sim) return;
    lose_memory(server);
    free(server->answers);
    free(server->looked);
    free(server->inbox);
    server->sim = NULL;
}

void server_notify(struct sim *sim)
{
    for (size_t i = 0; i < sim->setup.server_count; i++) {
        struct server *server = &sim->servers[i];
        if (!server->alive) continue;
        server->tick_at = sim->now;
        server->idle = server->settings.tick;
        if (!server->stalled) server_turn_at(server, sim->now + 20);
    }
}

static void hear(struct server *server, const char *topic, const char *bytes, size_t len)
{
    struct sim *sim = server->sim;
    if (server->inbox_count == SERVER_INBOX_MAX) return; /* the broker drops it */
    struct server_mail *mail = &server->inbox[server->inbox_count];
    (void)wg_copy(mail->topic, sizeof mail->topic, topic);
    mail->bytes = malloc(len + 1);
    mail->len = len;
    if (!mail->bytes) {
        sim_fail(sim, "hearing a message");
        return;
    }
    memcpy(mail->bytes, bytes, len + 1);
    server->inbox_count++;
    if (!server->stalled) server_turn_at(server, sim->now + 1);
}

void server_hear(struct sim *sim, size_t device, uint64_t turn_number, const char *topic,
                 const char *bytes, size_t len)
{
    size_t running[SETUP_SERVERS_MAX], count = 0;
    struct chance chance;
    for (size_t i = 0; i < sim->setup.server_count; i++)
        if (sim->servers[i].alive) running[count++] = i;
    if (count == 0) return;
    dice_init(&chance, sim->setup.seed, "share", device, turn_number);
    hear(&sim->servers[running[chance_below(&chance, count)]], topic, bytes, len);
}

void server_mend(struct server *server)
{
    if (server->alive) return;
    server->turn_at = 0;
    server->life++;
    server_turn_at(server, server->sim->now + WG_SECOND);
}
