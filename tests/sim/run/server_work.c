/* server_work.c: one pass of the daemon's loop, in virtual time. */
#include "tests/sim/run/server_part.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include "orchestrator/link/dispatch.h"
#include "orchestrator/store/gate_row.h"

#include <stdlib.h>
#include <string.h>

#define TICK_APART                                                                                 \
    500 /* between two ticks on change; the daemon's is shorter, and no different                  \
         */
#define IDLE_MOST WG_HOUR

static bool terms(void *ctx, int64_t campaign, const char *site_zone, struct wg_order *order,
                  struct wg_error *err)
{
    struct server *server = ctx;
    const struct policy *policy = policies_get(server->policies, server->db, campaign, NULL, err);
    if (!policy) return false;
    policies_terms(policy, site_zone, order);
    return true;
}

static const struct policy_retry *retry(void *ctx, int64_t campaign, const char *digest)
{
    struct server *server = ctx;
    const struct policy *policy =
        policies_get(server->policies, server->db, campaign, digest, NULL);
    return policy ? &policy->retry : NULL;
}

static bool publish(void *link, const char *broker, const char *topic, const void *payload,
                    size_t len)
{
    struct server *server = link;
    struct sim *sim = server->sim;
    (void)broker; /* there is one */
    server_show(server);
    if (server->dying || !sim_goes_on(sim)) return false;
    if (sim_strike(sim, FAULT_MUTED, server->index)) {
        server_doom(server, "it publishes", "");
        return false;
    }
    rules_published(sim, server->name, topic, payload, len);
    return post_down(sim, topic, payload, len);
}

static bool connected(void *link)
{
    const struct server *server = link;
    return post_any_up(server->sim);
}

static struct dispatch dispatch_of(struct server *server)
{
    static const struct url_keys unsigned_urls = {.count = 0};
    return (struct dispatch){.db = server->db,
                             .publish = publish,
                             .connected = connected,
                             .link = server,
                             .director = server->sim->ground->director,
                             .url_keys = &unsigned_urls,
                             .settings = &server->settings,
                             .terms = terms,
                             .ctx = server};
}

static bool start_hook(void *ctx, const char *key, const struct ticker_question *question,
                       wg_time now, struct wg_error *err)
{
    struct server *server = ctx;
    struct sim *sim = server->sim;
    struct chance chance;
    server_dice(server, &chance, "hook");
    for (size_t i = 0; i < SERVER_HOOKS_MAX; i++) {
        struct server_hook *free_one = &server->hooks[i];
        if (free_one->key[0]) continue;
        (void)wg_copy(free_one->key, sizeof free_one->key, key);
        bool refuses = sim_strike(sim, FAULT_REFUSAL, server->index);
        bool fails = refuses && chance_of(&chance, 0.15);
        free_one->answers_at = now + dice_between(&chance, 100, question->hook->timeout);
        (void)wg_copy(free_one->verdict, sizeof free_one->verdict,
                      fails     ? "fail"
                      : refuses ? "hold"
                                : "pass");
        sim_tell(sim, server->name, "asks a hook for gate %s", key);
        return true;
    }
    return wg_fail(err, WG_E_LIMIT, "too many hooks run");
}

static bool hook_runs(void *ctx, const char *key)
{
    const struct server *server = ctx;
    for (size_t i = 0; i < SERVER_HOOKS_MAX; i++)
        if (strcmp(server->hooks[i].key, key) == 0) return true;
    return false;
}

void server_hooks_forget(struct server *server)
{
    for (size_t i = 0; i < SERVER_HOOKS_MAX; i++) server->hooks[i].key[0] = '\0';
}

static bool take_answer(struct server *server, struct server_hook *hook, wg_time now,
                        struct wg_error *err)
{
    int64_t campaign, token;
    size_t wave;
    bool kept = false;
    if (!ticker_key_parse(hook->key, &campaign, &wave, &token)) return true;
    hook->key[0] = '\0';
    bool ok = db_begin(server->db, err) &&
              gate_row_hook(server->db, campaign, wave, hook->verdict, "said the hook", token, now,
                            &kept, err) &&
              db_commit(server->db, err);
    if (!ok) db_rollback(server->db);
    if (ok && kept) rules_hook_said(server->sim, campaign, wave, hook->verdict);
    if (ok && kept) rules_fenced(server->sim, server->name, campaign, token);
    return ok;
}

static bool take_answers(struct server *server, wg_time now, struct wg_error *err)
{
    for (size_t i = 0; i < SERVER_HOOKS_MAX; i++) {
        struct server_hook *hook = &server->hooks[i];
        if (!hook->key[0] || hook->answers_at > now) continue;
        if (!take_answer(server, hook, now, err)) return false;
        server->tick_at = now;
    }
    return true;
}

static void failed(struct server *server, const struct wg_error *err, wg_time now)
{
    struct chance chance;
    server_dice(server, &chance, "back-off");
    if (server->db) db_rollback(server->db);
    wg_log_error("database", err);
    server->in_transaction = false;
    server->ready = server->ready && server->db && db_is_up(server->db);
    server->retry_at = now + dice_between(&chance, 100, 10 * WG_SECOND);
}

static void keep_database(struct server *server, wg_time now)
{
    struct wg_error err = {0};
    if (server->ready || now < server->retry_at) return;
    bool ok = now >= server->sim->database_back;
    if (!ok) (void)wg_fail(&err, WG_E_DATABASE, "database: connection refused");
    if (ok && !server->db) {
        server->db = db_open(server->sim->ground->conninfo, server->session, &err);
        ok = server->db != NULL;
        if (ok) db_set_fault(server->db, server_before_statement, server);
    } else if (ok) {
        ok = db_is_up(server->db) || db_reconnect(server->db, &err);
    }
    if (!ok) {
        server->hurt = true;
        failed(server, &err, now);
        return;
    }
    server->ready = true;
    server->tick_at = now;
}

static void commit_batch(struct server *server, wg_time now)
{
    struct wg_error err = {0};
    struct dispatch dispatch = dispatch_of(server);
    struct verdict verdict = {.retry = retry, .ctx = server};
    if (!batch_commit(server->batch, server->db, &verdict, now, server->answers, &err) ||
        !dispatch_answers(&dispatch, server->answers, now, &err)) {
        failed(server, &err, now);
        return;
    }
    server->batches++;
    server_show(server);
    if (server->sim->mirror.changes == server->seen) return;
    wg_time soon = server->ticked_at + TICK_APART;
    if (soon < server->tick_at) server->tick_at = soon;
    server->idle = server->settings.tick;
}

/* What came by the post, until the batch is full. */
static void read_inbox(struct server *server, wg_time now)
{
    size_t taken = 0;
    while (taken < server->inbox_count && !batch_is_full(server->batch)) {
        struct server_mail *mail = &server->inbox[taken++];
        batch_take(server->batch, "broker", mail->topic, mail->bytes, mail->len, now);
        free(mail->bytes);
    }
    server->inbox_count -= taken;
    memmove(server->inbox, server->inbox + taken, server->inbox_count * sizeof *server->inbox);
}

static void take_messages(struct server *server, wg_time now)
{
    read_inbox(server, now);
    while (server->ready && now >= server->retry_at && batch_count(server->batch) > 0) {
        bool full = batch_is_full(server->batch);
        if (!full && now < batch_since(server->batch) + server->settings.intake_wait) return;
        commit_batch(server, now);
        if (batch_count(server->batch) > 0) return;
        read_inbox(server, now);
    }
}

static bool tell(struct server *server, const struct dispatch *dispatch, wg_time now,
                 struct wg_error *err)
{
    const char *devices[TICKER_TOLD_MAX];
    const struct ticker_result *looked = server->looked;
    for (size_t i = 0; i < looked->told_count; i++) devices[i] = looked->told[i];
    return looked->told_count == 0 ||
           (intake_tell(server->db, devices, looked->told_count, server->answers, err) &&
            dispatch_answers(dispatch, server->answers, now, err));
}

/* The quieter it is, the rarer it looks: the daemon looks every second, and sees the same. */
static void plan_tick(struct server *server, bool more, wg_time now)
{
    const struct ticker_result *result = server->looked;
    int64_t changes = server->sim->mirror.changes;
    bool quiet = changes == server->seen && !more && !result->orders;
    server->seen = changes;
    server->idle = quiet ? server->idle * 6 : server->settings.tick;
    if (server->idle > IDLE_MOST || !mirror_is_active(&server->sim->mirror))
        server->idle = IDLE_MOST;
    server->tick_at = now + server->idle;
    if (result->wake && result->wake < server->tick_at) server->tick_at = result->wake;
    if ((more || result->orders) && now + TICK_APART < server->tick_at)
        server->tick_at = now + TICK_APART;
    if (server->tick_at < now + TICK_APART) server->tick_at = now + TICK_APART;
}

static void tick(struct server *server, wg_time now)
{
    static const struct ticker_hooks like = {.start = start_hook, .running = hook_runs};
    struct wg_error err = {0};
    struct ticker_hooks hooks = like;
    hooks.ctx = server;
    struct ticker ticker = {.db = server->db,
                            .policies = server->policies,
                            .settings = &server->settings,
                            .hooks = &hooks,
                            .holder = server->session};
    struct dispatch dispatch = dispatch_of(server);
    bool more = false;
    if (!server->ready || now < server->tick_at || now < server->retry_at) return;
    server->ticked_at = now;
    server->tick_at = now + server->idle;
    server->ticks++;
    ticker.issues = dispatch.connected(dispatch.link);
    if (!take_answers(server, now, &err) || !ticker_run(&ticker, now, server->looked, &err) ||
        !dispatch_issued(&dispatch, &server->looked->issued, &err) ||
        !tell(server, &dispatch, now, &err) || !dispatch_orders(&dispatch, now, &more, &err)) {
        failed(server, &err, now);
        return;
    }
    server_show(server);
    plan_tick(server, more, now);
}

static void plan(struct server *server, wg_time now)
{
    wg_time next = server->tick_at;
    if (!server->ready) next = server->retry_at;
    if (server->ready && server->retry_at > now) next = server->retry_at;
    if (server->ready && batch_count(server->batch) > 0) {
        wg_time flush = batch_since(server->batch) + server->settings.intake_wait;
        if (flush < server->retry_at) flush = server->retry_at;
        if (flush < next) next = flush;
    }
    for (size_t i = 0; i < SERVER_HOOKS_MAX; i++) {
        struct server_hook *hook = &server->hooks[i];
        if (!hook->key[0] || !server->ready) continue;
        if (hook->answers_at <= now) server->tick_at = now;
        if (hook->answers_at < next) next = hook->answers_at;
    }
    server_turn_at(server, next);
}

void server_work(struct server *server)
{
    struct sim *sim = server->sim;
    server->hurt = false;
    keep_database(server, sim->now);
    take_messages(server, sim->now);
    for (size_t i = 0; i < SERVER_HOOKS_MAX; i++)
        if (server->hooks[i].key[0] && server->hooks[i].answers_at <= sim->now)
            server->tick_at = sim->now;
    if (!server->dying) tick(server, sim->now);
    server_show(server);
    watch_log(sim, server->name, server->hurt);
    if (!server->dying) plan(server, sim->now);
}
