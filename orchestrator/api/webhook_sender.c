/* webhook_sender.c: libcurl's multi interface in one thread; the database says what is due. */
#include "orchestrator/api/webhook_sender.h"

#include "common/backoff.h"
#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/api/webhook_sign.h"
#include "orchestrator/api/webhook_url.h"
#include "orchestrator/store/change_row.h"
#include "orchestrator/store/params.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DELIVERIES_MAX 32
#define OF_ONE_MAX 4 /* of one webhook at a time */
#define TURN_MS 250
#define AWAY_MS 1000
#define RENEW (WEBHOOK_LEASE / 4)
#define TAKEN (WEBHOOK_PATIENCE + 5 * WG_SECOND)
#define SWEEP_APART WG_HOUR
#define ANSWER_MAX 65536

struct delivery {
    CURL *easy; /* NULL: free */
    struct curl_slist *headers;
    char *body;
    int64_t webhook, attempts;
    struct change_place place;
    char name[WG_NAME_MAX + 1];
    bool is_private, allow_private;
    size_t read;
};

struct webhook_sender {
    const struct settings *settings;
    const char *conninfo;
    char holder[80];
    struct db *db;
    pthread_t thread;
    bool running;
    CURLM *multi;
    atomic_bool stop;
    bool leads;
    wg_time renew_at, leads_until, sweep_at; /* monotonic */
    struct delivery deliveries[DELIVERIES_MAX];
};

const char *webhook_source(const struct settings *settings)
{
    return settings->api.url[0] ? settings->api.url : "urn:wavegate";
}

/* ---- one delivery ---- */

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *at)
{
    struct delivery *delivery = ctx;
    (void)purpose;
    delivery->is_private = !delivery->allow_private && webhook_address_is_private(&at->addr);
    if (delivery->is_private) return CURL_SOCKET_BAD;
    return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

/* Nobody reads what is answered; who answers without end is cut off. */
static size_t drop(const char *bytes, size_t size, size_t count, void *ctx)
{
    struct delivery *delivery = ctx;
    (void)bytes;
    delivery->read += size * count;
    return delivery->read > ANSWER_MAX ? 0 : size * count;
}

static bool add_header(struct delivery *delivery, const char *name, const char *value)
{
    char line[256];
    struct curl_slist *more = wg_format(line, sizeof line, "%s: %s", name, value)
                                  ? curl_slist_append(delivery->headers, line)
                                  : NULL;
    if (more) delivery->headers = more;
    return more != NULL;
}

static bool add_headers(struct delivery *delivery, const char *secret, struct wg_error *err)
{
    char id[CHANGE_ID_MAX], at[PARAM_NUMBER], signature[WEBHOOK_SIGNATURE_TEXT];
    const int64_t seconds = wg_now() / WG_SECOND;
    change_place_text(delivery->place, id);
    if (!webhook_sign(secret, id, seconds, delivery->body, signature, err)) return false;
    return (add_header(delivery, "Content-Type", "application/cloudevents+json; charset=utf-8") &&
            add_header(delivery, "webhook-id", id) &&
            add_header(delivery, "webhook-timestamp", param_number(at, seconds)) &&
            add_header(delivery, "webhook-signature", signature) &&
            add_header(delivery, "Expect", "")) ||
           wg_fail_memory(err, "a delivery");
}

static bool set_up(const struct webhook_sender *sender, struct delivery *delivery, const char *url)
{
    const struct settings_api *api = &sender->settings->api;
    CURL *easy = delivery->easy;
    const char *protocols = api->webhook_http ? "https,http" : "https";
    delivery->allow_private = api->webhook_private;
    return !curl_easy_setopt(easy, CURLOPT_URL, url) &&
           !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols) &&
           !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
           !curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)WEBHOOK_PATIENCE) &&
           (!api->webhook_ca[0] || (!curl_easy_setopt(easy, CURLOPT_CAINFO, api->webhook_ca) &&
                                    !curl_easy_setopt(easy, CURLOPT_CAPATH, NULL))) &&
           !curl_easy_setopt(easy, CURLOPT_USERAGENT, "wavegate/" WG_VERSION) &&
           !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, delivery->body) &&
           !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, delivery->headers) &&
           !curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
           !curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, delivery) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEDATA, delivery) &&
           !curl_easy_setopt(easy, CURLOPT_PRIVATE, delivery) &&
           !curl_multi_add_handle(sender->multi, easy);
}

static void clear(struct webhook_sender *sender, struct delivery *delivery)
{
    if (delivery->easy) {
        (void)curl_multi_remove_handle(sender->multi, delivery->easy);
        curl_easy_cleanup(delivery->easy);
    }
    curl_slist_free_all(delivery->headers);
    free(delivery->body);
    memset(delivery, 0, sizeof *delivery);
}

static struct delivery *find_free(struct webhook_sender *sender)
{
    for (size_t i = 0; i < DELIVERIES_MAX; i++)
        if (!sender->deliveries[i].easy) return &sender->deliveries[i];
    return NULL;
}

/* What cannot even be begun stays taken, and is tried again later. */
static void begin(struct webhook_sender *sender, const PGresult *due, int row)
{
    struct wg_error err = {0};
    struct delivery *delivery = find_free(sender);
    if (!delivery) return;
    *delivery = (struct delivery){.easy = curl_easy_init(),
                                  .body = strdup(db_text(due, row, 5)),
                                  .webhook = db_int(due, row, 0),
                                  .place = {db_int(due, row, 1), db_int(due, row, 2)},
                                  .attempts = db_int(due, row, 6)};
    db_copy(due, row, 7, delivery->name, sizeof delivery->name);
    bool ok = delivery->easy && delivery->body &&
              add_headers(delivery, db_text(due, row, 4), &err) &&
              set_up(sender, delivery, db_text(due, row, 3));
    if (ok) return;
    wg_log_error("a webhook's delivery", &err);
    clear(sender, delivery);
}

/* ---- their ends ---- */

static wg_duration wait_of(const struct webhook_sender *sender, int64_t attempts)
{
    const struct settings_api *api = &sender->settings->api;
    struct wg_backoff backoff;
    uint32_t random = 0;
    wg_backoff_init(&backoff, api->webhook_retry, api->webhook_retry_most);
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    backoff.failures = attempts < 60 ? (int)attempts - 1 : 60;
    return wg_backoff_next(&backoff, random);
}

static bool tell_failed(struct webhook_sender *sender, const struct delivery *delivery,
                        const char *const *place, const char *why, struct wg_error *err)
{
    char wait[PARAM_NUMBER], give_up[PARAM_NUMBER], id[CHANGE_ID_MAX];
    const char *const params[] = {place[0],
                                  place[1],
                                  place[2],
                                  why,
                                  param_number(wait, wait_of(sender, delivery->attempts)),
                                  param_number(give_up, sender->settings->api.webhook_give_up)};
    PGresult *result = db_query(sender->db, SQL_WEBHOOK_FAILED, 6, params, err);
    bool dead = result && PQntuples(result) > 0 && db_bool(result, 0, 0);
    PQclear(result);
    change_place_text(delivery->place, id);
    wg_log(dead ? WG_LOG_WARN : WG_LOG_INFO, dead ? "webhook given up" : "webhook not taken",
           "webhook", delivery->name, "event", id, "why", why, NULL);
    return result != NULL;
}

static bool end_one(struct webhook_sender *sender, struct delivery *delivery, CURLcode code,
                    struct wg_error *err)
{
    char webhook[PARAM_NUMBER], xid[PARAM_NUMBER], id[PARAM_NUMBER], why[200];
    long status = 0;
    (void)curl_easy_getinfo(delivery->easy, CURLINFO_RESPONSE_CODE, &status);
    const char *const place[] = {param_number(webhook, delivery->webhook),
                                 param_number(xid, delivery->place.xid),
                                 param_number(id, delivery->place.id)};
    if (code == CURLE_OK && status >= 200 && status < 300)
        return db_run(sender->db, SQL_WEBHOOK_TAKEN, 3, place, NULL, err);
    if (delivery->is_private)
        (void)wg_copy(why, sizeof why, "its name leads to an address of this machine or network");
    else if (code == CURLE_OK)
        (void)snprintf(why, sizeof why, "answered with status %ld", status);
    else
        (void)wg_copy(why, sizeof why, curl_easy_strerror(code));
    return tell_failed(sender, delivery, place, why, err);
}

static bool take_ends(struct webhook_sender *sender, struct wg_error *err)
{
    CURLMsg *message;
    int left;
    bool ok = true;
    while (ok && (message = curl_multi_info_read(sender->multi, &left)) != NULL) {
        struct delivery *delivery = NULL;
        if (message->msg != CURLMSG_DONE) continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &delivery);
        CURLcode code = message->data.result;
        ok = end_one(sender, delivery, code, err);
        clear(sender, delivery);
    }
    return ok;
}

/* ---- what is due ---- */

static bool lead(struct webhook_sender *sender, struct wg_error *err)
{
    char length[PARAM_NUMBER];
    const char *const params[] = {sender->holder, param_number(length, WEBHOOK_LEASE)};
    wg_time now = wg_monotonic();
    if (now < sender->renew_at) return true;
    PGresult *result = db_query(sender->db, SQL_WEBHOOK_LEAD, 2, params, err);
    if (!result) return false;
    sender->leads = PQntuples(result) > 0;
    sender->leads_until = now + WEBHOOK_LEASE;
    sender->renew_at = now + (sender->leads ? RENEW : WG_SECOND);
    PQclear(result);
    return true;
}

static bool spread(struct webhook_sender *sender, struct wg_error *err)
{
    const char *const params[] = {webhook_source(sender->settings)};
    int64_t count = 1;
    while (count > 0) {
        PGresult *result = db_query(sender->db, SQL_WEBHOOK_SPREAD, 1, params, err);
        if (!result) return false;
        count = db_int(result, 0, 0);
        PQclear(result);
    }
    return true;
}

/* Webhooks that have enough under way. */
static void add_busy(const struct webhook_sender *sender, struct param_array *out)
{
    param_array_init(out);
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        int same = 0;
        if (!sender->deliveries[i].easy) continue;
        for (size_t j = 0; j < DELIVERIES_MAX; j++)
            same += sender->deliveries[j].easy &&
                    sender->deliveries[j].webhook == sender->deliveries[i].webhook;
        if (same >= OF_ONE_MAX) param_array_number(out, sender->deliveries[i].webhook);
    }
}

static bool take_due(struct webhook_sender *sender, struct wg_error *err)
{
    struct param_array busy;
    char taken[PARAM_NUMBER], most[PARAM_NUMBER], all[PARAM_NUMBER];
    size_t room = 0;
    for (size_t i = 0; i < DELIVERIES_MAX; i++) room += !sender->deliveries[i].easy;
    if (room < DELIVERIES_MAX / 4) return true;
    add_busy(sender, &busy);
    const char *const params[] = {param_array_text(&busy), param_number(taken, TAKEN),
                                  param_number(most, OF_ONE_MAX), param_number(all, (int64_t)room)};
    PGresult *due = param_array_check(&busy, err)
                        ? db_query(sender->db, SQL_WEBHOOK_DUE, 4, params, err)
                        : NULL;
    param_array_clear(&busy);
    for (int row = 0; due && row < PQntuples(due); row++) begin(sender, due, row);
    PQclear(due);
    return due != NULL;
}

static bool sweep(struct webhook_sender *sender, struct wg_error *err)
{
    if (wg_monotonic() < sender->sweep_at) return true;
    sender->sweep_at = wg_monotonic() + SWEEP_APART;
    return db_run(sender->db, SQL_WEBHOOK_SWEEP, 0, NULL, NULL, err);
}

static bool connect_database(struct webhook_sender *sender, struct wg_error *err)
{
    if (!sender->db) sender->db = db_open(sender->conninfo, "wavegate-api webhooks", err);
    return sender->db && (db_is_up(sender->db) || db_reconnect(sender->db, err));
}

static bool turn(struct webhook_sender *sender, struct wg_error *err)
{
    if (!connect_database(sender, err) || !take_ends(sender, err) || !lead(sender, err))
        return false;
    if (!sender->leads || wg_monotonic() > sender->leads_until) return true;
    return spread(sender, err) && take_due(sender, err) && sweep(sender, err);
}

static void *run(void *ctx)
{
    struct webhook_sender *sender = ctx;
    bool was_up = true;
    while (!atomic_load(&sender->stop)) {
        struct wg_error err = {0};
        int running;
        (void)curl_multi_perform(sender->multi, &running);
        bool up = turn(sender, &err);
        if (!up && was_up) wg_log_error("webhooks", &err);
        was_up = up;
        (void)curl_multi_poll(sender->multi, NULL, 0, up ? TURN_MS : AWAY_MS, NULL);
    }
    const char *const params[] = {sender->holder};
    if (sender->db && db_is_up(sender->db) &&
        !db_run(sender->db, SQL_WEBHOOK_YIELD, 1, params, NULL, NULL))
        wg_log(WG_LOG_WARN, "the lease of webhooks is not given back", NULL);
    return NULL;
}

struct webhook_sender *webhook_sender_new(const struct settings *settings, const char *conninfo,
                                          struct wg_error *err)
{
    unsigned char random[16];
    struct webhook_sender *sender = calloc(1, sizeof *sender);
    if (!sender || !wg_random(random, sizeof random, err)) {
        free(sender);
        (void)wg_fail_memory(err, "webhooks");
        return NULL;
    }
    wg_hex(random, sizeof random, sender->holder);
    sender->settings = settings;
    sender->conninfo = conninfo;
    bool ok = curl_global_init(CURL_GLOBAL_DEFAULT) == 0;
    sender->multi = ok ? curl_multi_init() : NULL;
    sender->running = sender->multi && pthread_create(&sender->thread, NULL, run, sender) == 0;
    if (sender->running) return sender;
    (void)wg_fail(err, WG_E_FAILED, "webhooks: libcurl cannot start");
    webhook_sender_free(sender);
    return NULL;
}

void webhook_sender_free(struct webhook_sender *sender)
{
    if (!sender) return;
    atomic_store(&sender->stop, true);
    if (sender->running) {
        (void)curl_multi_wakeup(sender->multi);
        (void)pthread_join(sender->thread, NULL);
    }
    for (size_t i = 0; i < DELIVERIES_MAX; i++) clear(sender, &sender->deliveries[i]);
    if (sender->multi) (void)curl_multi_cleanup(sender->multi);
    curl_global_cleanup();
    db_close(sender->db);
    free(sender);
}
