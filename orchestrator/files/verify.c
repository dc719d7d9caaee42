/* verify.c: the same admission as server.c, for bytes that nginx sends: they are spent at once. */
#include "orchestrator/files/verify.h"

#include "common/posix/file.h"
#include "orchestrator/files/peer.h"
#include "orchestrator/http/mhd.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 32768 /* a certificate is among the headers */
#define IDLE_SECONDS 120  /* nginx keeps connections */

struct verify {
    struct MHD_Daemon *daemon;
    struct admission *admission;
    struct ledger *ledger;
    struct settle *settle;
    pthread_rwlock_t lock; /* over peers */
    struct peers *peers;   /* NULL: the URL alone is enough */
    const char *socket, *ca_file, *crl_file;
};

struct question {
    struct asked asked;
    const char *certificate, *request;
};

static bool read_question(struct MHD_Connection *connection, struct question *out)
{
    return http_header(connection, "X-Wavegate-Method", &out->asked.method) &&
           http_header(connection, "X-Wavegate-Target", &out->asked.target) &&
           http_header(connection, "X-Wavegate-Range", &out->asked.range) &&
           http_header(connection, "X-Wavegate-If-Range", &out->asked.if_range) &&
           http_header(connection, "X-Wavegate-Certificate", &out->certificate) &&
           http_header(connection, "X-Wavegate-Request", &out->request) && out->asked.method &&
           out->asked.target;
}

static void decide(struct verify *verify, struct question *question, struct admitted *out)
{
    char name[WG_NAME_MAX + 1];
    struct wg_error err = {0};
    struct asked *asked = &question->asked;
    asked->other_etags = true;
    if (verify->ca_file && question->certificate) {
        (void)pthread_rwlock_rdlock(&verify->lock);
        bool ok = peers_check_escaped(verify->peers, question->certificate, name, &err);
        (void)pthread_rwlock_unlock(&verify->lock);
        if (ok)
            asked->device = name;
        else
            wg_log(WG_LOG_INFO, "certificate refused", "why", err.text, NULL);
    }
    admission_ask(verify->admission, asked, wg_now(), out);
    asked->device = NULL;
    if (out->fd >= 0) (void)close(out->fd);
    if (out->status != MHD_HTTP_OK && out->status != MHD_HTTP_PARTIAL_CONTENT) return;
    if (strcmp(asked->method, "GET") != 0) return;
    if (ledger_spend(verify->ledger, &out->id, out->length) != LEDGER_OK) {
        ledger_release(verify->ledger, &out->id, 0, out->length);
        out->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        out->text = "bytes cannot be counted now";
        return;
    }
    if (verify->settle)
        settle_expect(verify->settle, question->request, &out->id, out->length, wg_monotonic());
}

static enum MHD_Result answer(struct MHD_Connection *connection, const struct admitted *admitted)
{
    char status[16];
    if (admitted->status == MHD_HTTP_OK || admitted->status == MHD_HTTP_PARTIAL_CONTENT)
        return http_answer(connection, MHD_HTTP_NO_CONTENT, http_text(""), NULL);
    (void)snprintf(status, sizeof status, "%d", admitted->status);
    return http_answer(connection, MHD_HTTP_FORBIDDEN, http_text(admitted->text),
                       "X-Wavegate-Status", status, "X-Wavegate-Text", admitted->text, NULL);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_len, void **place)
{
    static char begun;
    struct verify *verify = ctx;
    struct question question = {.certificate = NULL};
    struct admitted admitted;
    (void)url;
    (void)method;
    (void)version;
    (void)body;
    *body_len = 0; /* there is none that we would take */
    if (!*place && !http_has_body(connection)) {
        *place = &begun;
        return MHD_YES;
    }
    if (!*place || !read_question(connection, &question))
        return http_answer(connection, MHD_HTTP_BAD_REQUEST, http_text("not asked as agreed"),
                           MHD_HTTP_HEADER_CONNECTION, "close", NULL);
    decide(verify, &question, &admitted);
    return answer(connection, &admitted);
}

static bool start(struct verify *verify, const struct options *options, struct wg_error *err)
{
    int fd = http_listen_unix(options->socket, SOCK_STREAM, err);
    if (fd < 0) return false;
    verify->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC, 0, NULL, NULL, on_request,
        verify, MHD_OPTION_EXTERNAL_LOGGER, http_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_UNESCAPE_CALLBACK, http_unescape_nothing, NULL,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MAX, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)options->connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)options->threads,
        MHD_OPTION_END);
    if (verify->daemon) return true;
    (void)close(fd);
    return wg_fail(err, WG_E_FAILED, "%s: the server cannot start", options->socket);
}

bool verify_reload(struct verify *verify, struct wg_error *err)
{
    if (!verify->ca_file) return true;
    struct peers *fresh = peers_new(verify->ca_file, verify->crl_file, err), *old;
    if (!fresh) return false;
    (void)pthread_rwlock_wrlock(&verify->lock);
    old = verify->peers;
    verify->peers = fresh;
    (void)pthread_rwlock_unlock(&verify->lock);
    peers_free(old);
    return true;
}

struct verify *verify_new(const struct options *options, struct admission *admission,
                          struct ledger *ledger, struct settle *settle, struct wg_error *err)
{
    struct verify *verify = calloc(1, sizeof *verify);
    if (!verify || pthread_rwlock_init(&verify->lock, NULL) != 0) {
        free(verify);
        (void)wg_fail_memory(err, "starting");
        return NULL;
    }
    verify->admission = admission;
    verify->ledger = ledger;
    verify->settle = settle;
    verify->socket = options->socket;
    verify->ca_file = options->client_ca;
    verify->crl_file = options->client_crl;
    if (verify_reload(verify, err) && start(verify, options, err)) return verify;
    verify_free(verify);
    return NULL;
}

void verify_free(struct verify *verify)
{
    if (!verify) return;
    if (verify->daemon) {
        MHD_stop_daemon(verify->daemon);
        (void)unlink(verify->socket);
    }
    peers_free(verify->peers);
    (void)pthread_rwlock_destroy(&verify->lock);
    free(verify);
}
