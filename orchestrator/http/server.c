/* server.c: a daemon of libmicrohttpd, and another one when its files are others. */
#include "orchestrator/http/server.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/listen.h"
#include "orchestrator/http/call.h"
#include "orchestrator/http/mhd.h"
#include "orchestrator/http/pems.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REQUEST_MAX ((size_t)32 * 1024) /* bytes of a request line with all headers */
#define STACK ((size_t)512 * 1024)
#define ADDRESSES 65536
#define SLOWEST 512 /* bytes a second that are taken of us, or that a file comes with, at least */

/* A daemon at fd, which is its own from then on. */
static struct MHD_Daemon *start(struct http_server *server, int fd, const struct http_pems *pems,
                                struct wg_error *err)
{
    const struct http_settings *settings = &server->settings;
    if (fd < 0) return NULL;
    const bool tls = settings->certificate != NULL;
    struct MHD_OptionItem more[] = {
        {tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
         (void *)wg_buf_str(&pems->certificate)},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)wg_buf_str(&pems->key)},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)HTTP_TLS_PRIORITIES},
        {settings->client_ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, pems->ca.data},
        {MHD_OPTION_END, 0, NULL}};
    const unsigned flags = (tls ? MHD_USE_TLS : 0) | MHD_USE_THREAD_PER_CONNECTION |
                           MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG |
                           MHD_USE_ITC;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, call_on_request, server, MHD_OPTION_EXTERNAL_LOGGER, http_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, call_on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, http_unescape_nothing, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        call_on_end, server, MHD_OPTION_NOTIFY_CONNECTION, call_on_connection, server,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_MAX + CALL_BLOCK, MHD_OPTION_CONNECTION_LIMIT,
        settings->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(4 * settings->patience / WG_SECOND),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_STACK_SIZE, STACK, MHD_OPTION_ARRAY,
        more, MHD_OPTION_END);
    if (daemon) return daemon;
    (void)close(fd);
    (void)wg_fail(err, WG_E_FAILED,
                  "the server cannot start: certificate, key or authorities cannot be used (log: "
                  "debug says more)");
    return NULL;
}

static bool read_pems(const struct http_server *server, struct http_pems *pems,
                      struct wg_error *err)
{
    const struct http_settings *settings = &server->settings;
    *pems = (struct http_pems){0};
    return !settings->certificate ||
           http_pems_read(pems, settings->certificate, settings->key, settings->client_ca, err);
}

static bool is_moved(const struct http_server *server, struct http_pems_seen *seen)
{
    const struct http_settings *settings = &server->settings;
    return http_pems_moved(seen, settings->certificate, settings->key, settings->client_ca);
}

struct http_server *http_server_new(const struct http_settings *settings, http_handle_fn handle,
                                    void *ctx, struct wg_error *err)
{
    struct http_pems pems = {0};
    struct http_server *server = calloc(1, sizeof *server);
    if (!server || pthread_mutex_init(&server->lock, NULL) != 0) {
        free(server);
        (void)wg_fail_memory(err, "starting");
        return NULL;
    }
    server->settings = *settings;
    server->handle = handle;
    server->ctx = ctx;
    server->body_max = settings->body_max;
    server->admit = settings->admit;
    server->spool = settings->spool;
    server->files_max = settings->files;
    server->asks_clients = settings->client_ca != NULL;
    server->watch = watch_new(settings->patience, SLOWEST, err);
    bool ok = server->watch != NULL;
    if (ok && settings->rate > 0) {
        server->buckets = buckets_new(ADDRESSES, settings->rate, settings->burst);
        ok = server->buckets || wg_fail_memory(err, "starting");
    }
    (void)is_moved(server, &server->seen);
    ok = ok && read_pems(server, &pems, err) &&
         (server->daemon = start(server, wg_listen(settings->listen, err), &pems, err)) != NULL;
    http_pems_clear(&pems);
    if (ok) return server;
    http_server_free(server);
    return NULL;
}

bool http_server_reload(struct http_server *server, struct wg_error *err)
{
    struct http_pems pems;
    struct http_pems_seen seen = server->seen;
    struct MHD_Daemon *before = server->daemon, *fresh = NULL;
    if (!server->settings.certificate || !is_moved(server, &seen)) return true;
    if (read_pems(server, &pems, err))
        fresh = start(server, http_shift_socket(&server->shift, before, err), &pems, err);
    http_pems_clear(&pems);
    if (!fresh) return false;
    (void)pthread_mutex_lock(&server->lock);
    server->daemon = fresh;
    server->seen = seen;
    http_shift_retire(&server->shift, before);
    (void)pthread_mutex_unlock(&server->lock);
    return true;
}

void http_server_stop(struct http_server *server, wg_duration grace)
{
    const wg_time until = wg_monotonic() + grace;
    atomic_store(&server->stops, true);
    (void)pthread_mutex_lock(&server->lock);
    http_shift_retire(&server->shift, server->daemon);
    server->daemon = NULL;
    http_shift_close(&server->shift);
    (void)pthread_mutex_unlock(&server->lock);
    while (atomic_load(&server->calls) > 0 && wg_monotonic() < until) (void)usleep(10000);
}

bool http_server_stops(const struct http_server *server)
{
    return atomic_load(&server->stops);
}

void http_server_free(struct http_server *server)
{
    if (!server) return;
    if (server->daemon) MHD_stop_daemon(server->daemon);
    http_shift_clear(&server->shift);
    watch_free(server->watch);
    buckets_free(server->buckets);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
}

void http_server_look(struct http_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    http_shift_look(&server->shift);
    (void)pthread_mutex_unlock(&server->lock);
    char text[24];
    size_t count = watch_look(server->watch, wg_monotonic());
    if (count == 0) return;
    (void)snprintf(text, sizeof text, "%zu", count);
    wg_log(WG_LOG_INFO, "slow connections ended", "count", text, NULL);
}

unsigned http_server_connections(struct http_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    unsigned count =
        http_daemon_connections(server->daemon) + http_shift_connections(&server->shift);
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}
