/* api.c: puts the parts together, and the slow loop beside the server's threads. */
#include "orchestrator/api/api.h"

#include "common/posix/certificate.h"
#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/posix/signals.h"
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/events.h"
#include "orchestrator/api/expiry.h"
#include "orchestrator/api/fleet_counts.h"
#include "orchestrator/api/metrics.h"
#include "orchestrator/api/web_files.h"
#include "orchestrator/api/webhook_sender.h"
#include "orchestrator/openid/provider.h"
#include "orchestrator/release/artifact.h"
#include "orchestrator/store/migrate.h"
#include "orchestrator/store/once_row.h"
#include "orchestrator/store/session_row.h"
#include "orchestrator/store/setup_row.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TURN_MS 500
#define FILES_AT_ONCE 8
#define GRACE (10 * WG_SECOND)
#define SWEEP_EVERY (10 * WG_MINUTE)
#define ASK_AGAIN (5 * WG_SECOND)

struct running {
    struct api api;
    int signals;
    struct http_server *scraped; /* of metrics alone; NULL: none */
    struct webhook_sender *webhooks;
    wg_time sweep_at, ends_at; /* monotonic */
    bool offered;              /* the first owner's link, if there is to be one */
};

/* No secret in a core file; a connection needs a descriptor. */
static bool set_limits(struct wg_error *err)
{
    const struct rlimit none = {0};
    struct rlimit files;
    if (setrlimit(RLIMIT_CORE, &none) != 0 || getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wg_fail_errno(err, "limits");
    files.rlim_cur = files.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 || wg_fail_errno(err, "limits");
}

static bool listen_on(struct running *running, struct wg_error *err)
{
    const struct settings *settings = running->api.settings;
    const struct settings_api *at = &settings->api;
    const struct http_settings http = {.listen = at->listen,
                                       .certificate = at->certificate,
                                       .key = at->key,
                                       .client_ca = settings->operators_root,
                                       .body_max = (size_t)at->body_max,
                                       .connections = (unsigned)at->connections,
                                       .per_address = (unsigned)at->per_address,
                                       .patience = at->patience,
                                       .rate = at->rate,
                                       .burst = at->burst,
                                       .admit = api_admit,
                                       .spool = at->files,
                                       .files = FILES_AT_ONCE};
    running->api.server = http_server_new(&http, api_answer, &running->api, err);
    return running->api.server != NULL;
}

/* Without TLS, for a scraper on this machine: the configuration takes loopback addresses alone. */
static bool listen_for_scraper(struct running *running, struct wg_error *err)
{
    const struct settings_api *at = &running->api.settings->api;
    const struct http_settings http = {.listen = at->metrics_listen,
                                       .body_max = 1024,
                                       .connections = 16,
                                       .per_address = 16,
                                       .patience = at->patience};
    if (!at->metrics_listen[0]) return true;
    running->scraped = http_server_new(&http, metrics_answer, &running->api, err);
    return running->scraped != NULL;
}

/* RSA is fine, and is not read here: only what cannot work is told. */
static void warn_of_key(const char *file)
{
    struct certificate certificate;
    struct wg_buf pem;
    struct wg_error err = {0};
    wg_buf_init(&pem, CERTIFICATE_PEM_MAX);
    if (wg_file_read(file, &pem, &err) && certificate_read(wg_buf_str(&pem), &certificate, &err) &&
        certificate.has_key && certificate.key.kind == WG_IDENTITY_ED25519)
        wg_log(WG_LOG_WARN, "browsers do not take an Ed25519 certificate", "certificate", file,
               "next", "one of a P-256 or RSA key, for the dashboard", NULL);
    wg_buf_clear(&pem);
}

static bool start(struct running *running, struct wg_error *err)
{
    struct api *api = &running->api;
    const struct settings *settings = api->settings;
    const char *database = settings->api.database[0] ? settings->api.database : settings->database;
    (void)signal(SIGPIPE, SIG_IGN);
    if (!set_limits(err) || !wg_signals_open(&running->signals, err) ||
        !wg_secret_path_check(settings->api.key, err))
        return false;
    api->started_at = wg_now();
    api->authority = authority_new(settings, err);
    if (!api->authority) return false;
    api->pool = db_pool_new(database, (size_t)settings->api.database_connections, err);
    if (!api->pool) return false;
    api->fleet = fleet_counts_new(err);
    api->metrics = api->fleet ? metrics_new(err) : NULL;
    api->events = api->metrics ? events_new(database, err) : NULL;
    if (!api->events) return false;
    if (settings->api.web[0] && !(api->web = web_files_new(settings->api.web, err))) return false;
    if (settings->api.oidc.issuer[0] &&
        !(api->openid = openid_provider_new(&settings->api.oidc, err)))
        return false;
    warn_of_key(settings->api.certificate);
    running->webhooks = webhook_sender_new(settings, database, err);
    return running->webhooks && listen_on(running, err) && listen_for_scraper(running, err);
}

/* The log level, what is shown to clients, whom to believe. */
static bool read_again(struct running *running, struct wg_error *err)
{
    const struct settings *settings = running->api.settings;
    struct settings *fresh = calloc(1, sizeof *fresh);
    if (!fresh) return wg_fail_memory(err, "reading again");
    bool ok = settings_check(fresh, settings->file, SETTINGS_OF_API, true, err) &&
              authority_reload(running->api.authority, err) &&
              http_server_reload(running->api.server, err);
    if (ok) wg_log_set(fresh->log);
    free(fresh);
    return ok;
}

static void reload(struct running *running)
{
    struct wg_error err = {0};
    if (read_again(running, &err))
        wg_log(WG_LOG_INFO, "read again", NULL);
    else
        wg_log_error("not read again: what was there before holds on", &err);
}

/* Without being told: a new list shall hold at once. */
static void believe(struct running *running)
{
    struct wg_error err = {0};
    if (authority_reload(running->api.authority, &err))
        wg_log(WG_LOG_INFO, "read again", NULL);
    else
        wg_log_error("not read again: what was there before holds on", &err);
}

/* False: it is time to end. */
static bool take_signals(struct running *running)
{
    struct signalfd_siginfo info;
    while (read(running->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP) return false;
        reload(running);
    }
    return true;
}

/* What nobody needs any more. A database that is away is asked the next time. */
static void sweep(struct running *running)
{
    struct wg_error err = {0};
    struct db *db = db_pool_borrow(running->api.pool, WG_SECOND, &err);
    bool ok = db && once_row_sweep(db, wg_now(), &err) && session_row_sweep(db, wg_now(), &err);
    db_pool_return(running->api.pool, db);
    if (!ok) wg_log_error("sweeping", &err);
    if (running->api.settings->artifacts_folder[0])
        (void)artifact_sweep(running->api.settings->artifacts_folder);
}

/* The one secret that is ever printed, and not by way of the log: that would take it out. Who reads
 * standard error at the start of the server is whoever runs it. */
static void print_link(const struct settings_api *at, const char *token)
{
    size_t len = strlen(at->url);
    while (len > 0 && at->url[len - 1] == '/') len--;
    (void)fprintf(stderr,
                  "There is no owner yet. Who opens this link first, within a day, becomes one:\n"
                  "%s%.*s/#/setup/%s\n",
                  len ? "" : "https://", len ? (int)len : (int)strlen(at->listen),
                  len ? at->url : at->listen, token);
    (void)fflush(stderr);
}

/* A database that is away is asked again soon. */
static void offer(struct running *running)
{
    struct wg_error err = {0};
    struct token_secret link;
    bool made = false;
    struct db *db = db_pool_borrow(running->api.pool, WG_SECOND, &err);
    running->offered = db && setup_row_offer(db, wg_now(), &link, &made, &err);
    db_pool_return(running->api.pool, db);
    if (running->offered && made) {
        print_link(&running->api.settings->api, link.text);
        token_clear(&link);
    }
    if (!running->offered) wg_log_error("whether there is an owner", &err);
}

/* Once a day: what nobody renews is told long before it ends. */
static void look_at_ends(struct running *running)
{
    if (wg_monotonic() < running->ends_at) return;
    expiry_warn(running->api.settings, wg_now());
    running->ends_at = wg_monotonic() + WG_DAY;
}

static void run_loop(struct running *running)
{
    for (;;) {
        struct pollfd set[] = {{.fd = running->signals, .events = POLLIN}};
        if (poll(set, 1, TURN_MS) < 0 && errno != EINTR) return;
        if (set[0].revents && !take_signals(running)) return;
        if (authority_is_old(running->api.authority)) believe(running);
        http_server_look(running->api.server);
        if (running->scraped) http_server_look(running->scraped);
        look_at_ends(running);
        if (wg_monotonic() < running->sweep_at) continue;
        if (!running->offered) offer(running);
        sweep(running);
        running->sweep_at = wg_monotonic() + (running->offered ? SWEEP_EVERY : ASK_AGAIN);
    }
}

static void stop(struct running *running)
{
    struct api *api = &running->api;
    events_stop(api->events);
    webhook_sender_free(running->webhooks);
    if (running->scraped) http_server_stop(running->scraped, WG_SECOND);
    if (api->server) http_server_stop(api->server, GRACE);
    http_server_free(api->server);
    http_server_free(running->scraped);
    events_free(api->events);
    metrics_free(api->metrics);
    fleet_counts_free(api->fleet);
    web_files_free(api->web);
    openid_provider_free(api->openid);
    db_pool_free(api->pool);
    authority_free(api->authority);
    if (running->signals >= 0) (void)close(running->signals);
}

bool api_run(const struct settings *settings, struct wg_error *err)
{
    struct running running = {.api = {.settings = settings}, .signals = -1};
    bool ok = start(&running, err);
    if (ok) {
        offer(&running); /* asked again by the loop when the database is away */
        wg_log(WG_LOG_INFO, "serving", "at", settings->api.listen, "version", WG_VERSION, NULL);
        run_loop(&running);
        wg_log(WG_LOG_INFO, "stopping", NULL);
    }
    stop(&running);
    return ok;
}
