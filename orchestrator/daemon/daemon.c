/* daemon.c: the loop. Messages are read only while the database takes them: when it is away they
 * stay in the bounded inbox, and behind that at the broker and in the devices' journals. */
#include "orchestrator/daemon/daemon.h"

#include "common/backoff.h"
#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/posix/signals.h"
#include "orchestrator/daemon/asking.h"
#include "orchestrator/daemon/chores.h"
#include "orchestrator/daemon/ends.h"
#include "orchestrator/daemon/order_keys.h"
#include "orchestrator/daemon/reload.h"
#include "orchestrator/daemon/ticker.h"
#include "orchestrator/link/brokers.h"
#include "orchestrator/link/dispatch_erase.h"
#include "orchestrator/link/filling.h"
#include "orchestrator/link/hearing.h"
#include "orchestrator/store/audit_find.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/lease_row.h"
#include "orchestrator/store/migrate.h"
#include "orchestrator/store/question_row.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define DATABASE_FIRST (200 * (wg_duration)1)
#define DATABASE_MOST (2 * WG_SECOND)    /* one that comes back is used soon */
#define TICK_APART (20 * (wg_duration)1) /* between two ticks on change */
#define TICK_SHARE 4 /* and so many times as long as the first took: reports have the rest */
#define AUDIT_EVERY (30 * WG_SECOND)
#define FILL_LOOK 2 /* ms: who wakes for each message of a batch spends more on that than on it */
#define HOLDER_TEXT 96

struct daemon {
    const struct settings *settings;
    struct db *db; /* NULL until it could be opened once */
    bool ready;    /* connected, migrated, listening */
    struct wg_backoff db_backoff;
    wg_time db_retry_at;
    struct brokers *brokers;
    struct batch *batch;
    struct filling filling;
    struct log_shelf *shelf;
    struct order_keys keys;
    struct policies *policies;
    struct intake_result *answers;
    struct asking *asking;
    struct ticker_result *looked;
    char holder[HOLDER_TEXT]; /* of leases */
    wg_time asking_at;        /* to look after hooks; 0: no need */
    wg_time tick_at;
    wg_time soon;         /* a tick on change comes no earlier */
    wg_time whole_at;     /* the next look at all that is under way */
    bool more_orders;     /* some are due that the last call had no room for */
    wg_time audit_at;     /* to look for refusals that were repeated */
    wg_time reconnect_at; /* of a broker; 0: none waits */
    wg_time hearing_at;
    struct chores chores;
    struct ends ends;
    int signals;
    bool log_is_given;
    bool stop;
};

static bool terms(void *ctx, int64_t campaign, const char *site_zone, struct wg_order *order,
                  struct wg_error *err)
{
    struct daemon *daemon = ctx;
    /* another orchestrator may tick the campaign, and know of a revision first */
    const struct policy *policy =
        policies_get(daemon->policies, daemon->db, campaign, order->digest, err);
    if (!policy) return false;
    policies_terms(policy, site_zone, order);
    return true;
}

static bool publish(void *link, const char *broker, const char *topic, const void *payload,
                    size_t len)
{
    return brokers_publish(link, broker, topic, payload, len);
}

static bool connected(void *link)
{
    return brokers_any_connected(link);
}

static struct dispatch dispatch_of(struct daemon *daemon)
{
    return (struct dispatch){.db = daemon->db,
                             .publish = publish,
                             .connected = connected,
                             .link = daemon->brokers,
                             .director = daemon->keys.director,
                             .enrolment =
                                 daemon->settings->enrolment[0] ? &daemon->keys.enrolment : NULL,
                             .sealer = daemon->keys.sealer,
                             .url_keys = &daemon->keys.url_keys,
                             .bucket_secrets = daemon->keys.bucket_secrets,
                             .settings = daemon->settings,
                             .terms = terms,
                             .ctx = daemon};
}

static void database_failed(struct daemon *daemon, const struct wg_error *err, wg_time now)
{
    uint32_t random = 0;
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    if (daemon->db) db_rollback(daemon->db);
    wg_log_error("database", err);
    /* a statement that failed on a live connection is tried again too, only later */
    daemon->ready = daemon->ready && daemon->db && db_is_up(daemon->db);
    daemon->db_retry_at = now + wg_backoff_next(&daemon->db_backoff, random);
}

static bool look_at_log(struct db *db, struct wg_error *err)
{
    bool is_protected;
    char login[AUDIT_LOGIN_MAX];
    if (!audit_find_protected(db, &is_protected, login, err)) return false;
    if (!is_protected)
        wg_log(WG_LOG_WARN, "the audit log is not protected: this login could change it", "login",
               login, "see", "deploy/postgres/roles.sql", NULL);
    return true;
}

static bool open_database(struct daemon *daemon, struct wg_error *err)
{
    if (!daemon->db)
        daemon->db = db_open(daemon->settings->database, "wavegated", err);
    else if (!db_is_up(daemon->db) && !db_reconnect(daemon->db, err))
        return false;
    int applied = 0;
    /* who stalls in the middle of a transaction is given up by the database: others take over */
    static const char patience[] = "idle_in_transaction_session_timeout";
    if (!daemon->db || !migrate(daemon->db, &applied, err) || !db_listen(daemon->db, err) ||
        !db_set(daemon->db, patience, "5s", err) || !audit_row_actor(daemon->db, "engine", err) ||
        !audit_row_origin(daemon->db, "engine", err) || !look_at_log(daemon->db, err))
        return false;
    char count[16];
    (void)snprintf(count, sizeof count, "%d", applied);
    wg_log(WG_LOG_INFO, "database connected", "migrations_applied", count, NULL);
    return true;
}

static void keep_database(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    if (daemon->ready || now < daemon->db_retry_at) return;
    if (!open_database(daemon, &err)) {
        database_failed(daemon, &err, now);
        return;
    }
    wg_backoff_reset(&daemon->db_backoff);
    daemon->ready = true;
    daemon->db_retry_at = 0;
    daemon->tick_at = now;
}

static const struct policy_retry *retry(void *ctx, int64_t campaign, const char *digest)
{
    struct daemon *daemon = ctx;
    const struct policy *policy =
        policies_get(daemon->policies, daemon->db, campaign, digest, NULL);
    return policy ? &policy->retry : NULL;
}

static wg_time flush_at(const struct daemon *daemon)
{
    return batch_since(daemon->batch) + daemon->filling.wait;
}

static void commit_batch(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    struct dispatch dispatch = dispatch_of(daemon);
    struct verdict verdict = {.retry = retry, .ctx = daemon};
    wg_time began = wg_now();
    if (!batch_commit(daemon->batch, daemon->db, &verdict, now, daemon->answers, &err) ||
        !dispatch_answers(&dispatch, daemon->answers, now, &err)) {
        database_failed(daemon, &err, now);
        return;
    }
    wg_backoff_reset(&daemon->db_backoff);
    filling_learn(&daemon->filling, wg_now() - began);
    const struct intake_result *out = daemon->answers;
    if (out->moved > 0 || out->answer_count > 0 || out->alarms > 0) {
        wg_time soon = daemon->soon > now ? daemon->soon : now;
        if (soon < daemon->tick_at) daemon->tick_at = soon;
    }
}

static void take_messages(struct daemon *daemon, wg_time now)
{
    brokers_read(daemon->brokers, daemon->batch, daemon->shelf, now);
    while (daemon->ready && now >= daemon->db_retry_at && batch_count(daemon->batch) > 0) {
        bool full = batch_is_full(daemon->batch);
        if (!full && now < flush_at(daemon)) return;
        commit_batch(daemon, now);
        if (batch_count(daemon->batch) > 0) return;
        brokers_read(daemon->brokers, daemon->batch, daemon->shelf, now);
    }
}

/* Behind the reports. A log that the database refuses is no reason to keep them waiting. */
static void put_logs(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    wg_time due = log_shelf_due(daemon->shelf);
    if (!due || now < due || !daemon->ready || now < daemon->db_retry_at) return;
    if (log_shelf_put(daemon->shelf, daemon->db, now, &err)) return;
    if (db_is_up(daemon->db))
        wg_log_error("logs of devices not kept", &err);
    else
        database_failed(daemon, &err, now);
}

/* Devices that the look let switch over. */
static bool tell(struct daemon *daemon, const struct dispatch *dispatch, wg_time now,
                 struct wg_error *err)
{
    const char *devices[TICKER_TOLD_MAX];
    const struct ticker_result *looked = daemon->looked;
    for (size_t i = 0; i < looked->told_count; i++) devices[i] = looked->told[i];
    return looked->told_count == 0 ||
           (intake_tell(daemon->db, devices, looked->told_count, daemon->answers, err) &&
            dispatch_answers(dispatch, daemon->answers, now, err));
}

/* What was refused again and again has its row soon after its minute. */
static bool settle_audit(struct daemon *daemon, wg_time now, struct wg_error *err)
{
    if (now < daemon->audit_at) return true;
    daemon->audit_at = now + AUDIT_EVERY;
    return audit_row_settle(daemon->db, err);
}

/* Behind the orders: who hears that one is on its way may have it already. */
static bool answer_questions(struct daemon *daemon, const struct dispatch *dispatch, wg_time now,
                             struct wg_error *err)
{
    return !daemon->looked->questions ||
           (question_row_answer(daemon->db, now, daemon->answers, err) &&
            dispatch_answers(dispatch, daemon->answers, now, err));
}

static void look_after_hooks(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    bool answered = false;
    wg_duration again = -1;
    struct db *db = daemon->ready ? daemon->db : NULL;
    if (!asking_step(daemon->asking, db, now, &answered, &again, &err))
        database_failed(daemon, &err, now);
    daemon->asking_at = again < 0 ? 0 : now + again;
    if (answered) daemon->tick_at = now;
}

/* What a tick has found: the next one, and how much later. */
static void plan_tick(struct daemon *daemon, bool issued, wg_time began)
{
    wg_time now = wg_now(), wake = daemon->looked->wake;
    wg_duration pause = TICK_SHARE * (now - began);
    daemon->soon = now + (pause > TICK_APART ? pause : TICK_APART);
    if (wake && wake < daemon->tick_at) daemon->tick_at = wake;
    /* devices were offered the update: there may be more to come */
    if (daemon->looked->orders && now + TICK_APART < daemon->tick_at) daemon->tick_at = now;
    if (daemon->tick_at < now + TICK_APART) daemon->tick_at = now + TICK_APART;
    /* its orders went with it: the next ones when what has come in meanwhile is taken */
    if (issued) daemon->tick_at = now;
}

/* A wave is sent part by part, between reports. */
static void send_more(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    struct dispatch dispatch = dispatch_of(daemon);
    if (!daemon->more_orders || !daemon->ready || now < daemon->db_retry_at) return;
    if (!dispatch_fresh(&dispatch, now, &daemon->more_orders, &err))
        database_failed(daemon, &err, now);
}

static void tick(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    struct ticker_result *result = daemon->looked;
    struct ticker ticker = {.db = daemon->db,
                            .policies = daemon->policies,
                            .settings = daemon->settings,
                            .hooks = asking_hooks(daemon->asking),
                            .holder = daemon->holder,
                            .issues = connected(daemon->brokers)};
    struct dispatch dispatch = dispatch_of(daemon);
    if (!daemon->ready || now < daemon->tick_at || now < daemon->db_retry_at) return;
    ticker.quick = now < daemon->whole_at;
    if (!ticker.quick) daemon->whole_at = now + daemon->settings->tick;
    daemon->tick_at = daemon->whole_at;
    bool ok = ticker_run(&ticker, now, result, &err), issued = result->issued.count > 0;
    if (!ok || !dispatch_issued(&dispatch, &result->issued, &err) ||
        !tell(daemon, &dispatch, now, &err) ||
        !(ticker.quick ? dispatch_fresh : dispatch_orders)(&dispatch, now, &daemon->more_orders,
                                                           &err) ||
        !dispatch_erasures(&dispatch, now, &err) ||
        !answer_questions(daemon, &dispatch, now, &err) || !settle_audit(daemon, now, &err)) {
        database_failed(daemon, &err, now);
        return;
    }
    plan_tick(daemon, issued, now);
}

static void do_chores(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    if (!daemon->ready || now < daemon->db_retry_at) return;
    if (!chores_step(&daemon->chores, daemon->db, daemon->settings, now, &err))
        database_failed(daemon, &err, now);
}

/* Without a database whoever hears a broker goes on: nobody else could take its lease. */
static void keep_hearing(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    if (!daemon->ready || now < daemon->hearing_at || now < daemon->db_retry_at) return;
    daemon->hearing_at = now + HEARING_APART;
    if (!hearing_keep(daemon->brokers, daemon->db, daemon->holder, now, &err))
        database_failed(daemon, &err, now);
}

static void keep_ends(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    if (!daemon->ready || now < daemon->db_retry_at) return;
    if (!ends_keep(&daemon->ends, daemon->settings, daemon->brokers, daemon->db, now, &err))
        database_failed(daemon, &err, now);
}

static void hear_database(struct daemon *daemon, wg_time now)
{
    struct wg_error err = {0};
    bool notified = false;
    if (!daemon->ready) return;
    if (!db_drain(daemon->db, &notified, &err))
        database_failed(daemon, &err, now);
    else if (notified)
        daemon->tick_at = now;
}

/* A batch is begun and waits for more. */
static bool is_filling(const struct daemon *daemon, wg_time now)
{
    return daemon->ready && now >= daemon->db_retry_at && batch_count(daemon->batch) > 0 &&
           !batch_is_full(daemon->batch);
}

static int wait_time(const struct daemon *daemon, wg_time now)
{
    wg_time next = now + daemon->settings->tick;
    if (daemon->ready && daemon->tick_at < next) next = daemon->tick_at;
    if (daemon->ready && daemon->more_orders && now >= daemon->db_retry_at) next = now;
    if (daemon->db_retry_at > now && daemon->db_retry_at < next) next = daemon->db_retry_at;
    if (daemon->reconnect_at && daemon->reconnect_at < next) next = daemon->reconnect_at;
    if (daemon->asking_at && daemon->asking_at < next) next = daemon->asking_at;
    wg_time logs = log_shelf_due(daemon->shelf);
    if (logs && daemon->ready && logs < daemon->db_retry_at) logs = daemon->db_retry_at;
    if (logs && daemon->ready && logs < next) next = logs;
    if (daemon->ready && batch_count(daemon->batch) > 0) {
        wg_time flush = flush_at(daemon);
        if (flush < daemon->db_retry_at) flush = daemon->db_retry_at;
        if (flush < next) next = flush;
        if (is_filling(daemon, now) && now + FILL_LOOK < next) next = now + FILL_LOOK;
    }
    return next > now ? (int)(next - now) : 0;
}

static void take_signal(struct daemon *daemon)
{
    struct signalfd_siginfo info;
    struct reload reload = {.settings = daemon->settings,
                            .brokers = daemon->brokers,
                            .url_keys = &daemon->keys.url_keys,
                            .log_is_given = daemon->log_is_given};
    if (read(daemon->signals, &info, sizeof info) != (ssize_t)sizeof info) return;
    if (info.ssi_signo == SIGHUP)
        reload_run(&reload, wg_now());
    else
        daemon->stop = true;
}

static void wait_for_events(struct daemon *daemon, wg_time now)
{
    struct pollfd set[SETTINGS_BROKERS_MAX + 2 + ASKING_POLL_MAX];
    size_t count = 0;
    /* with a full batch that cannot be committed now, messages have to wait where they are */
    if (!batch_is_full(daemon->batch) && !is_filling(daemon, now))
        count = brokers_poll_set(daemon->brokers, set);
    set[count++] = (struct pollfd){.fd = daemon->signals, .events = POLLIN};
    size_t database = count;
    if (daemon->ready) set[count++] = (struct pollfd){.fd = db_fd(daemon->db), .events = POLLIN};
    size_t hooks = count;
    count += asking_poll_set(daemon->asking, set + count, ASKING_POLL_MAX);
    if (poll(set, (nfds_t)count, wait_time(daemon, now)) < 0) return;
    if (set[database - 1].revents) take_signal(daemon);
    if (hooks > database && set[database].revents) hear_database(daemon, wg_now());
}

static void run_loop(struct daemon *daemon)
{
    while (!daemon->stop) {
        wg_time now = wg_now();
        keep_database(daemon, now);
        daemon->reconnect_at = brokers_keep_connected(daemon->brokers, now);
        keep_hearing(daemon, now);
        take_messages(daemon, now);
        put_logs(daemon, now);
        look_after_hooks(daemon, wg_now());
        tick(daemon, wg_now());
        send_more(daemon, wg_now());
        do_chores(daemon, wg_now());
        keep_ends(daemon, wg_now());
        wait_for_events(daemon, wg_now());
    }
    if (daemon->ready && batch_count(daemon->batch) > 0) commit_batch(daemon, wg_now());
    if (daemon->ready && log_shelf_due(daemon->shelf) &&
        !log_shelf_put(daemon->shelf, daemon->db, wg_now(), NULL))
        wg_log(WG_LOG_WARN, "logs of devices not kept", NULL);
    /* another orchestrator need not wait for the leases to run out */
    if (daemon->ready && !lease_row_release(daemon->db, daemon->holder, NULL))
        wg_log(WG_LOG_WARN, "leases not given back", NULL);
}

/* Unlike that of any other process, here or on another machine. */
static bool name_holder(struct daemon *daemon, struct wg_error *err)
{
    char host[64] = "", nonce[17];
    unsigned char random[8];
    if (!wg_random(random, sizeof random, err)) return false;
    (void)gethostname(host, sizeof host - 1);
    wg_hex(random, sizeof random, nonce);
    (void)snprintf(daemon->holder, sizeof daemon->holder, "%s:%ld:%s", host, (long)getpid(), nonce);
    return true;
}

static bool open_all(struct daemon *daemon, struct wg_error *err)
{
    wg_backoff_init(&daemon->db_backoff, DATABASE_FIRST, DATABASE_MOST);
    filling_init(&daemon->filling, daemon->settings->intake_wait);
    daemon->answers = calloc(1, sizeof *daemon->answers);
    daemon->looked = calloc(1, sizeof *daemon->looked);
    if (!daemon->answers || !daemon->looked) return wg_fail_memory(err, "starting");
    return wg_secret_path_check(daemon->settings->tls_key, err) &&
           wg_signals_open(&daemon->signals, err) && name_holder(daemon, err) &&
           (daemon->asking = asking_new(daemon->settings, err)) &&
           order_keys_open(&daemon->keys, daemon->settings, err) &&
           (daemon->policies = policies_new(err)) &&
           (daemon->batch = batch_new((size_t)daemon->settings->intake_batch, err)) &&
           (daemon->shelf = log_shelf_new(err)) &&
           (daemon->brokers = brokers_new(daemon->settings, err));
}

static void close_all(struct daemon *daemon)
{
    brokers_free(daemon->brokers);
    batch_free(daemon->batch);
    log_shelf_free(daemon->shelf);
    policies_free(daemon->policies);
    order_keys_clear(&daemon->keys);
    db_close(daemon->db);
    free(daemon->answers);
    free(daemon->looked);
    asking_free(daemon->asking);
    if (daemon->signals >= 0) (void)close(daemon->signals);
}

bool daemon_run(const struct settings *settings, bool log_is_given, struct wg_error *err)
{
    struct daemon daemon = {.settings = settings, .log_is_given = log_is_given, .signals = -1};
    bool ok = open_all(&daemon, err);
    if (ok) {
        wg_log(WG_LOG_INFO, "started", "version", WG_VERSION, "config", settings->file, NULL);
        run_loop(&daemon);
        wg_log(WG_LOG_INFO, "stopped", NULL);
    }
    close_all(&daemon);
    return ok;
}
