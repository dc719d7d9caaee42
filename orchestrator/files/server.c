/* server.c: libmicrohttpd's callbacks. A visit is a connection, a call is one request in it; both
 * belong to one thread of the library, and watch_look() sees only what is watched. */
#include "orchestrator/files/server.h"

#include "common/buf.h"
#include "common/posix/file.h"
#include "common/posix/listen.h"
#include "common/text.h"
#include "orchestrator/files/delivery.h"
#include "orchestrator/files/peer.h"
#include "orchestrator/http/mhd.h"
#include "orchestrator/http/pems.h"
#include "orchestrator/http/shift.h"
#include "orchestrator/http/visit.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK 32768             /* bytes of a file read at a time; two TLS records */
#define REQUEST_MAX 8192        /* bytes of a request, with all headers */
#define UNSENT_MAX (128 * 1024) /* bytes that the kernel takes ahead of the network */

struct server {
    const struct options *options;
    struct MHD_Daemon *daemon;
    struct http_shift shift;
    struct http_pems_seen seen;  /* that the daemon shows */
    struct admission *admission; /* borrowed */
    struct ledger *ledger;       /* borrowed */
    struct watch *watch;
    pthread_rwlock_t lock; /* over peers */
    struct peers *peers;   /* NULL: no certificates are asked for */
    unsigned reading;      /* how often they were read */
    const char *ca_file, *crl_file;
};

struct visit {
    struct watched watched;
    unsigned known; /* the reading of peers by which device was found */
    char device[WG_NAME_MAX + 1];
};

struct call {
    char target[URL_TARGET_MAX]; /* "" when too long: no URL of ours */
    bool begun;
    struct admitted admitted;
    struct delivery delivery;
    struct visit *visit;
};

static void on_connection(void *ctx, struct MHD_Connection *connection, void **place,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *server = ctx;
    const int unsent = UNSENT_MAX;
    const struct visit *visit =
        http_visit_turn(server->watch, sizeof *visit, connection, place, what);
    if (visit)
        (void)setsockopt(visit->watched.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    (void)ctx;
    struct call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    call->admitted.fd = call->delivery.fd = -1;
    call->visit = http_visit_of(connection);
    if (!wg_copy(call->target, sizeof call->target, target)) call->target[0] = '\0';
    return call;
}

/* Who it is; NULL: nobody that we know. A certificate is checked once a connection, and again when
 * the revoked ones were read again. */
static const char *device_of(struct server *server, struct MHD_Connection *connection,
                             struct visit *visit)
{
    struct wg_error err = {0};
    if (!server->ca_file) return NULL;
    (void)pthread_rwlock_rdlock(&server->lock);
    if (visit->known != server->reading) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        bool ok = info && peers_check(server->peers, info->tls_session, visit->device, &err);
        if (!ok) visit->device[0] = '\0';
        if (err.text[0]) wg_log(WG_LOG_INFO, "certificate refused", "why", err.text, NULL);
        visit->known = server->reading;
    }
    (void)pthread_rwlock_unlock(&server->lock);
    return visit->device[0] ? visit->device : NULL;
}

static ssize_t on_read(void *ctx, uint64_t at, char *out, size_t size)
{
    struct call *call = ctx;
    ssize_t got = delivery_read(&call->delivery, at, out, size);
    if (got <= 0) return MHD_CONTENT_READER_END_WITH_ERROR;
    watch_progress(&call->visit->watched, (size_t)got);
    return got;
}

static enum MHD_Result send_file(struct server *server, struct MHD_Connection *connection,
                                 struct call *call, bool sends)
{
    const struct admitted *at = &call->admitted;
    char etag[ADMISSION_ETAG_MAX], range[96];
    admission_etag(at, etag);
    (void)snprintf(range, sizeof range, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, at->start,
                   at->start + at->length - 1, at->total);
    if (sends) delivery_begin(&call->delivery, server->ledger, &call->admitted);
    watch_turn(server->watch, &call->visit->watched, true);
    struct MHD_Response *response =
        MHD_create_response_from_callback((uint64_t)at->length, BLOCK, on_read, call, NULL);
    return http_answer(
        connection, (unsigned)at->status, response, MHD_HTTP_HEADER_CONTENT_TYPE,
        "application/octet-stream", MHD_HTTP_HEADER_ETAG, etag, MHD_HTTP_HEADER_ACCEPT_RANGES,
        "bytes", MHD_HTTP_HEADER_CACHE_CONTROL, "private, no-transform",
        at->status == MHD_HTTP_PARTIAL_CONTENT ? MHD_HTTP_HEADER_CONTENT_RANGE : NULL, range, NULL);
}

static enum MHD_Result send_refusal(struct MHD_Connection *connection, const struct admitted *at)
{
    unsigned status = (unsigned)at->status;
    char more[96] = "";
    const char *name = NULL;
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        name = MHD_HTTP_HEADER_ALLOW;
        (void)wg_copy(more, sizeof more, "GET, HEAD");
    } else if (status == MHD_HTTP_RANGE_NOT_SATISFIABLE) {
        name = MHD_HTTP_HEADER_CONTENT_RANGE;
        (void)snprintf(more, sizeof more, "bytes */%" PRId64, at->total);
    } else if (status == MHD_HTTP_TOO_MANY_REQUESTS || status == MHD_HTTP_SERVICE_UNAVAILABLE) {
        name = MHD_HTTP_HEADER_RETRY_AFTER;
        (void)wg_copy(more, sizeof more, "60");
    } else if (status == MHD_HTTP_NOT_MODIFIED) {
        name = MHD_HTTP_HEADER_ETAG;
        admission_etag(at, more);
    }
    return http_answer(connection, status, http_text(at->text), MHD_HTTP_HEADER_CONTENT_TYPE,
                       "text/plain", name, more, NULL);
}

/* After a request that could be read in two ways nothing of this connection is believed. */
static enum MHD_Result send_bad(struct MHD_Connection *connection, const char *text)
{
    return http_answer(connection, MHD_HTTP_BAD_REQUEST, http_text(text),
                       MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain", MHD_HTTP_HEADER_CONNECTION,
                       "close", NULL);
}

static bool read_headers(struct MHD_Connection *connection, struct asked *asked)
{
    const char *host = NULL;
    return http_header(connection, MHD_HTTP_HEADER_HOST, &host) &&
           http_header(connection, MHD_HTTP_HEADER_RANGE, &asked->range) &&
           http_header(connection, MHD_HTTP_HEADER_IF_RANGE, &asked->if_range) &&
           http_header(connection, MHD_HTTP_HEADER_IF_MATCH, &asked->if_match) &&
           http_header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH, &asked->if_none_match);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_len, void **place)
{
    struct server *server = ctx;
    struct call *call = *place;
    struct asked asked = {.method = method};
    (void)url;
    (void)version;
    (void)body;
    *body_len = 0; /* there is none that we would take */
    if (!call || !call->visit) return MHD_NO;
    if (!call->begun && http_has_body(connection))
        return send_bad(connection, "a request without a body is expected");
    if (!call->begun) { /* the library calls again when the request is whole */
        call->begun = true;
        return MHD_YES;
    }
    if (!read_headers(connection, &asked)) return send_bad(connection, "a header is there twice");
    asked.target = call->target;
    asked.device = device_of(server, connection, call->visit);
    admission_ask(server->admission, &asked, wg_now(), &call->admitted);
    if (call->admitted.status == MHD_HTTP_OK || call->admitted.status == MHD_HTTP_PARTIAL_CONTENT)
        return send_file(server, connection, call, strcmp(method, "HEAD") != 0);
    return send_refusal(connection, &call->admitted);
}

static void log_call(const struct call *call)
{
    char status[16], bytes[24];
    (void)snprintf(status, sizeof status, "%d", call->admitted.status);
    (void)snprintf(bytes, sizeof bytes, "%" PRId64, call->delivery.sent);
    wg_log(WG_LOG_INFO, "request", "status", status, "device", call->admitted.token.device,
           "artifact", call->admitted.token.sha256, "bytes", bytes, "why", call->admitted.text,
           NULL);
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **place,
                   enum MHD_RequestTerminationCode why)
{
    struct server *server = ctx;
    struct call *call = *place;
    (void)connection;
    (void)why;
    if (!call) return;
    delivery_end(&call->delivery);
    if (call->admitted.fd >= 0) (void)close(call->admitted.fd);
    if (call->admitted.status) log_call(call);
    if (call->visit) watch_turn(server->watch, &call->visit->watched, false);
    free(call);
    *place = NULL;
}

/* Not by epoll: of that, whoever retires a daemon and the daemon's threads take its socket out at
 * the same time, and the library ends the process where the other one was first.
 * The library's own time-out starts anew with every byte: watch_look() comes before it.
 * The library writes into what it is given no more than we do, though its types do not say so. */
static struct MHD_Daemon *start(struct server *server, int fd, struct wg_error *err)
{
    const struct options *options = server->options;
    struct http_pems pems = {0};
    if (fd < 0) return NULL;
    if (!http_pems_read(&pems, options->certificate, options->key, options->client_ca, err)) {
        http_pems_clear(&pems);
        (void)close(fd);
        return NULL;
    }
    struct MHD_OptionItem more[] = {
        {options->client_ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, pems.ca.data},
        {MHD_OPTION_END, 0, NULL}};
    const unsigned flags =
        MHD_USE_TLS | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, http_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_MEM_CERT, wg_buf_str(&pems.certificate),
        MHD_OPTION_HTTPS_MEM_KEY, wg_buf_str(&pems.key), MHD_OPTION_HTTPS_PRIORITIES,
        HTTP_TLS_PRIORITIES, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, http_unescape_nothing, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        on_end, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MAX + BLOCK,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)options->connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)options->per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(2 * options->patience / WG_SECOND),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)options->threads,
        MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    http_pems_clear(&pems);
    if (daemon) return daemon;
    (void)close(fd);
    (void)wg_fail(err, WG_E_FAILED,
                  "the server cannot start: certificate, key or authorities "
                  "cannot be used (--log debug says more)");
    return NULL;
}

static bool is_moved(const struct server *server, struct http_pems_seen *seen)
{
    const struct options *options = server->options;
    return http_pems_moved(seen, options->certificate, options->key, options->client_ca);
}

static bool read_peers(const struct server *server, struct peers **out, struct wg_error *err)
{
    *out = NULL;
    return !server->ca_file || (*out = peers_new(server->ca_file, server->crl_file, err)) != NULL;
}

static void take_peers(struct server *server, struct peers *fresh)
{
    if (!fresh) return;
    (void)pthread_rwlock_wrlock(&server->lock);
    struct peers *old = server->peers;
    server->peers = fresh;
    server->reading++;
    (void)pthread_rwlock_unlock(&server->lock);
    peers_free(old);
}

struct server *server_new(const struct options *options, struct admission *admission,
                          struct ledger *ledger, struct wg_error *err)
{
    struct peers *peers;
    struct server *server = calloc(1, sizeof *server);
    if (!server || pthread_rwlock_init(&server->lock, NULL) != 0) {
        free(server);
        (void)wg_fail_memory(err, "starting");
        return NULL;
    }
    server->admission = admission;
    server->ledger = ledger;
    server->ca_file = options->client_ca;
    server->crl_file = options->client_crl;
    server->watch = watch_new(options->patience, options->slowest, err);
    server->options = options;
    (void)is_moved(server, &server->seen);
    if (server->watch && read_peers(server, &peers, err)) {
        take_peers(server, peers);
        server->daemon = start(server, wg_listen(options->listen, err), err);
    }
    if (server->daemon) return server;
    server_free(server);
    return NULL;
}

void server_free(struct server *server)
{
    if (!server) return;
    if (server->daemon) MHD_stop_daemon(server->daemon);
    http_shift_clear(&server->shift);
    watch_free(server->watch);
    peers_free(server->peers);
    (void)pthread_rwlock_destroy(&server->lock);
    free(server);
}

static bool renew(struct server *server, struct wg_error *err)
{
    struct http_pems_seen seen = server->seen;
    struct MHD_Daemon *before = server->daemon;
    if (!is_moved(server, &seen)) return true;
    struct MHD_Daemon *fresh = start(server, http_shift_socket(&server->shift, before, err), err);
    if (!fresh) return false;
    server->daemon = fresh;
    server->seen = seen;
    http_shift_retire(&server->shift, before);
    return true;
}

bool server_reload(struct server *server, struct wg_error *err)
{
    struct peers *peers;
    if (!read_peers(server, &peers, err)) return false;
    if (!renew(server, err)) {
        peers_free(peers);
        return false;
    }
    take_peers(server, peers);
    return true;
}

void server_look(struct server *server)
{
    char text[24];
    http_shift_look(&server->shift);
    size_t count = watch_look(server->watch, wg_monotonic());
    if (count == 0) return;
    (void)snprintf(text, sizeof text, "%zu", count);
    wg_log(WG_LOG_INFO, "slow connections ended", "count", text, NULL);
}
