/* call.c: a visit is a connection, a call is one request in it. */
#include "orchestrator/http/call.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/http/client.h"
#include "orchestrator/http/mhd.h"
#include "orchestrator/http/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_BODY ((int64_t)1 << 20) /* bytes that are let come though nobody wants them */

struct visit {
    struct watched watched;
    char chain[HTTP_CHAIN_MAX];
    bool known; /* chain was read */
};

struct call {
    struct http_server *server;
    struct visit *visit;
    struct http_target target;
    struct wg_error bad; /* why the target is none */
    bool begun, is_file;
    bool refused; /* the answer is there: what comes is passed over */
    struct wg_buf body;
    struct spool file;
    struct wg_error file_bad; /* why it cannot be kept */
    struct http_upload upload;
    struct wg_error upload_bad;
    struct http_answer answer;
    struct wg_buf part; /* of the stream, not sent yet */
    size_t part_at;
    bool ended;
};

void call_on_connection(void *ctx, struct MHD_Connection *connection, void **place,
                        enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = ctx;
    (void)http_visit_turn(server->watch, sizeof(struct visit), connection, place, what);
}

void *call_on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = ctx;
    struct call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    call->server = server;
    call->visit = http_visit_of(connection);
    wg_buf_init(&call->body, server->body_max);
    spool_init(&call->file);
    wg_buf_init(&call->part, HTTP_ANSWER_MAX);
    http_answer_init(&call->answer);
    if (!http_target_parse(target, &call->target, &call->bad)) call->target.path = "";
    (void)atomic_fetch_add(&server->calls, 1);
    return call;
}

void call_on_end(void *ctx, struct MHD_Connection *connection, void **place,
                 enum MHD_RequestTerminationCode why)
{
    struct http_server *server = ctx;
    struct call *call = *place;
    (void)connection;
    (void)why;
    if (!call) return;
    http_answer_clear(&call->answer);
    wg_buf_clear(&call->body);
    wg_buf_clear(&call->part);
    spool_clear(&call->file);
    if (call->upload.free) call->upload.free(call->upload.ctx);
    if (call->is_file) (void)atomic_fetch_sub(&server->files, 1);
    if (call->visit) watch_turn(server->watch, &call->visit->watched, false);
    (void)atomic_fetch_sub(&server->calls, 1);
    free(call);
    *place = NULL;
}

/* The next bytes of a stream. Zero of them would have the library spin: the stream's own wait is
 * the pause, and it is asked again. */
static ssize_t on_read(void *ctx, uint64_t at, char *out, size_t size)
{
    struct call *call = ctx;
    struct wg_error err = {0};
    struct http_stream *stream = &call->answer.stream;
    (void)at;
    while (call->part_at == call->part.len) {
        if (call->ended) return MHD_CONTENT_READER_END_OF_STREAM;
        wg_buf_clear(&call->part);
        wg_buf_init(&call->part, HTTP_ANSWER_MAX);
        call->part_at = 0;
        watch_rest(call->server->watch, &call->visit->watched);
        if (!stream->read(stream->ctx, &call->part, &call->ended, &err) || call->part.failed) {
            wg_log_error("a stream is given up", &err);
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
        watch_turn(call->server->watch, &call->visit->watched, true);
    }
    size_t left = call->part.len - call->part_at, some = left < size ? left : size;
    memcpy(out, call->part.data + call->part_at, some);
    call->part_at += some;
    watch_progress(&call->visit->watched, some);
    return (ssize_t)some;
}

static struct MHD_Response *response_of(struct call *call)
{
    struct http_answer *answer = &call->answer;
    struct MHD_Response *response =
        answer->stream.read
            ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, CALL_BLOCK, on_read, call, NULL)
            : MHD_create_response_from_buffer(answer->body.len,
                                              answer->body.data ? answer->body.data : (char *)"",
                                              MHD_RESPMEM_PERSISTENT);
    bool ok = response != NULL;
    if (ok && answer->type[0])
        ok = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type) ==
             MHD_YES;
    if (ok && answer->location[0])
        ok = MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, answer->location) ==
             MHD_YES;
    for (size_t i = 0; ok && i < answer->header_count; i++)
        ok = MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value) ==
             MHD_YES;
    if (response && !ok) MHD_destroy_response(response);
    return ok ? response : NULL;
}

static enum MHD_Result send_answer(struct call *call, struct MHD_Connection *connection)
{
    struct MHD_Response *response = response_of(call);
    if (!response) return MHD_NO;
    watch_turn(call->server->watch, &call->visit->watched, true);
    watch_progress(&call->visit->watched, call->answer.body.len);
    enum MHD_Result result = MHD_queue_response(connection, call->answer.status, response);
    MHD_destroy_response(response);
    return result;
}

/* Nothing that comes behind this request on its connection is believed. */
static enum MHD_Result refuse(struct call *call, struct MHD_Connection *connection, unsigned status,
                              const char *code, const char *detail)
{
    http_answer_problem(&call->answer, status, code, detail, NULL);
    (void)http_answer_header(&call->answer, "Connection", "close");
    return send_answer(call, connection);
}

/* Content-Length; -1: there is none. */
static int64_t length_of(struct MHD_Connection *connection)
{
    const char *length = NULL;
    if (!http_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH, &length) || !length) return -1;
    return strlen(length) > 15 ? INT64_MAX : strtoll(length, NULL, 10);
}

static bool is_larger(struct MHD_Connection *connection, int64_t max)
{
    return length_of(connection) > max;
}

/* Before the body is read. 0: it may come; else a status. */
static unsigned judge_head(struct call *call, struct MHD_Connection *connection,
                           const char **detail)
{
    static char why[] = "a header is there twice, or its name is none";
    *detail = call->bad.text;
    if (call->bad.code == WG_E_LIMIT) return MHD_HTTP_URI_TOO_LONG;
    if (call->bad.code) return MHD_HTTP_BAD_REQUEST;
    *detail = why;
    return http_headers_are_sound(connection) ? 0 : MHD_HTTP_BAD_REQUEST;
}

static wg_duration take_token(struct http_server *server, const char *address)
{
    if (!server->buckets) return 0;
    (void)pthread_mutex_lock(&server->lock);
    wg_duration wait = buckets_take(server->buckets, address, wg_monotonic());
    (void)pthread_mutex_unlock(&server->lock);
    return wait;
}

static enum MHD_Result refuse_rate(struct call *call, struct MHD_Connection *connection,
                                   wg_duration wait)
{
    char seconds[24];
    const long long whole = (long long)(wait / WG_SECOND) + 1;
    (void)snprintf(seconds, sizeof seconds, "%lld", whole);
    http_answer_problem(&call->answer, MHD_HTTP_TOO_MANY_REQUESTS, "rate",
                        "this address asks more often than the server's limit allows", NULL);
    (void)http_answer_header(&call->answer, "Retry-After", seconds);
    return send_answer(call, connection);
}

static struct http_request request_of(struct call *call, struct MHD_Connection *connection,
                                      const char *method)
{
    struct visit *visit = call->visit;
    struct http_request request = {.method = method,
                                   .target = &call->target,
                                   .body = wg_buf_str(&call->body),
                                   .body_len = call->body.len,
                                   .file = call->is_file ? &call->file : NULL,
                                   .upload = call->upload.ctx,
                                   .upload_error = call->upload_bad.code ? &call->upload_bad : NULL,
                                   .chain = visit->chain,
                                   .connection = connection};
    if (call->server->asks_clients && !visit->known) {
        client_chain(connection, visit->chain, sizeof visit->chain);
        visit->known = true;
    }
    client_address(connection, request.address);
    return request;
}

/* It takes as long as it takes, but must not stand still. */
static enum MHD_Result await_upload(struct call *call, struct MHD_Connection *connection)
{
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    watch_turn(call->server->watch, &call->visit->watched, true);
    return MHD_YES;
}

/* A client that still sends might not see an answer before its end: what is short is let come, but
 * from one that waits to be told to. */
static enum MHD_Result answer_early(struct call *call, struct MHD_Connection *connection)
{
    const char *expect = NULL;
    int64_t length = length_of(connection);
    bool waits = http_header(connection, MHD_HTTP_HEADER_EXPECT, &expect) && expect;
    int64_t most = (int64_t)call->server->body_max;
    if (most < SHORT_BODY) most = SHORT_BODY;
    call->refused = !waits && length >= 0 && length <= most;
    if (call->refused) return MHD_YES;
    (void)http_answer_header(&call->answer, "Connection", "close");
    return send_answer(call, connection);
}

static enum MHD_Result refuse_early(struct call *call, struct MHD_Connection *connection,
                                    unsigned status, const char *code, const char *detail)
{
    http_answer_problem(&call->answer, status, code, detail, NULL);
    return answer_early(call, connection);
}

/* Somebody who may sends a file. */
static enum MHD_Result await_file(struct call *call, struct MHD_Connection *connection, int64_t max)
{
    struct http_server *server = call->server;
    struct wg_error err = {0};
    call->is_file = true;
    if (atomic_fetch_add(&server->files, 1) >= server->files_max)
        return refuse_early(call, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "busy",
                            "other files are being taken in: ask again later");
    if (is_larger(connection, max))
        return refuse_early(call, connection, MHD_HTTP_CONTENT_TOO_LARGE, "limit",
                            "the file is too large");
    if (!spool_open(&call->file, server->spool, max, &err)) {
        wg_log_error("a file cannot be taken in", &err);
        return refuse_early(call, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "spool",
                            "the server has no room for files: its log says why");
    }
    return await_upload(call, connection);
}

static enum MHD_Result begin(struct call *call, struct MHD_Connection *connection,
                             const char *method)
{
    const char *detail;
    struct http_server *server = call->server;
    unsigned status = judge_head(call, connection, &detail);
    if (status) return refuse(call, connection, status, "request", detail);
    const struct http_request request = request_of(call, connection, method);
    wg_duration wait = take_token(server, request.address);
    if (wait > 0) return refuse_rate(call, connection, wait);
    if (server->admit) {
        call->upload.length = length_of(connection);
        int64_t max = server->admit(server->ctx, &request, &call->upload, &call->answer);
        if (call->upload.answered || call->answer.status >= 400)
            return answer_early(call, connection);
        if (call->upload.write) return await_upload(call, connection);
        if (max > 0) return await_file(call, connection, max);
    }
    if (is_larger(connection, (int64_t)server->body_max))
        return refuse(call, connection, MHD_HTTP_CONTENT_TOO_LARGE, "request",
                      "the body is too large");
    return MHD_YES;
}

static void take_upload(struct call *call, const char *body, size_t len)
{
    struct http_upload *upload = &call->upload;
    watch_progress(&call->visit->watched, len);
    if (!call->upload_bad.code && !upload->write(upload->ctx, body, len, &call->upload_bad) &&
        !call->upload_bad.code)
        call->upload_bad.code = WG_E_FAILED;
}

static void take_part(struct call *call, const char *body, size_t len)
{
    if (call->refused) return;
    if (call->upload.write) {
        take_upload(call, body, len);
        return;
    }
    if (!call->is_file) {
        wg_buf_add(&call->body, body, len);
        return;
    }
    watch_progress(&call->visit->watched, len);
    if (!call->file_bad.code && !spool_add(&call->file, body, len, &call->file_bad))
        wg_log_error("a file cannot be taken in", &call->file_bad);
}

static enum MHD_Result serve(struct call *call, struct MHD_Connection *connection,
                             const char *method)
{
    struct http_server *server = call->server;
    const struct http_request request = request_of(call, connection, method);
    if (call->body.failed || call->file.over)
        return refuse(call, connection, MHD_HTTP_CONTENT_TOO_LARGE, "limit",
                      "the body is too large");
    if (call->is_file && (call->file_bad.code || !spool_rewind(&call->file, &call->file_bad)))
        return refuse(call, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "spool",
                      "the server has no room for the file: its log says why");
    if (atomic_load(&server->stops))
        return refuse(call, connection, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping",
                      "this server stops: ask again");
    watch_rest(server->watch, &call->visit->watched);
    server->handle(server->ctx, &request, &call->answer);
    return send_answer(call, connection);
}

enum MHD_Result call_on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *body,
                                size_t *body_len, void **place)
{
    struct call *call = *place;
    (void)ctx;
    (void)url;
    (void)version;
    if (!call || !call->visit) return MHD_NO;
    if (!call->begun) {
        call->begun = true;
        return begin(call, connection, method);
    }
    if (*body_len == 0)
        return call->refused ? send_answer(call, connection) : serve(call, connection, method);
    take_part(call, body, *body_len);
    *body_len = 0;
    return MHD_YES;
}
