/* remote.c: one request after the other over one connection of libcurl. */
#include "orchestrator/remote/remote.h"

#include "common/crypto.h"
#include "common/message.h"
#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/text.h"
#include "orchestrator/remote/problem.h"
#include "orchestrator/remote/tls_pair.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROBLEM_MAX ((size_t)1024 * 1024)
#define TOKEN_MAX 256
#define CONNECT_SECONDS 10L
#define SILENT_SECONDS 120L /* a server that sends nothing for so long is given up */
#define WORKING_SECONDS                                                                            \
    660L /* one that was given something to do: a campaign over a big fleet, say */

struct remote {
    CURL *easy;
    char server[WG_URL_MAX];
    char why[CURL_ERROR_SIZE];
    char token[TOKEN_MAX];
    bool has_pair;
    struct tls_pair pair;
    json_t *problem; /* owned */
};

/* What one request sends, and where its answer goes. */
struct exchange {
    struct remote *remote;
    const char *method, *type, *accept;
    const void *body; /* or a file */
    size_t body_len;
    FILE *file;
    int64_t file_len; /* below 0: to its end */
    bool once;        /* with a key that lets the server know a repetition */
    struct curl_slist *headers;
    remote_bytes_fn take; /* NULL: into answer */
    void *ctx;
    struct wg_buf answer;
    struct wg_error *err;
    bool stopped; /* by take, which has said why */
};

static bool set_fixed(struct remote *remote, const struct remote_way *way)
{
    CURL *easy = remote->easy;
    const struct tls_pair *pair = &remote->pair;
    return !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") &&
           !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
           !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, remote->why) &&
           !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) &&
           !curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) && /* of a host that is gone */
           !curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SILENT_SECONDS) &&
           !curl_easy_setopt(easy, CURLOPT_USERAGENT, "wavegate/" WG_VERSION) &&
           (!way->ca[0] || (!curl_easy_setopt(easy, CURLOPT_CAINFO, way->ca) &&
                            !curl_easy_setopt(easy, CURLOPT_CAPATH, NULL))) &&
           (!remote->has_pair || (!curl_easy_setopt(easy, CURLOPT_SSLCERT, pair->certificate) &&
                                  !curl_easy_setopt(easy, CURLOPT_SSLKEY, pair->key)));
}

static bool read_token(struct remote *remote, const char *file, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, TOKEN_MAX);
    bool ok = wg_secret_path_check(file, err) && wg_file_read(file, &text, err);
    if (ok) {
        const char *token = wg_buf_str(&text);
        size_t len = strcspn(token, "\r\n");
        ok = (len > 0 && token[len + strspn(token + len, "\r\n")] == '\0' &&
              wg_format(remote->token, sizeof remote->token, "%.*s", (int)len, token)) ||
             wg_fail(err, WG_E_BAD_FILE, "%s: expected a token, wgt_..., in one line", file);
    }
    if (text.data) explicit_bzero(text.data, text.cap);
    wg_buf_clear(&text);
    return ok;
}

static bool take_way(struct remote *remote, const struct remote_way *way, struct wg_error *err)
{
    size_t len = strlen(way->server);
    while (len > 0 && way->server[len - 1] == '/') len--;
    if (strncmp(way->server, "https://", 8) != 0 ||
        !wg_format(remote->server, sizeof remote->server, "%.*s", (int)len, way->server))
        return wg_fail(err, WG_E_USAGE, "server: expected https://HOST[:PORT], got \"%.80s\"",
                       way->server);
    if (way->ca[0] && access(way->ca, R_OK) != 0)
        return wg_fail_errno(err, "server: ca: %s", way->ca);
    if (way->token_file[0]) return read_token(remote, way->token_file, err);
    remote->has_pair = way->certificate[0] != '\0';
    return !remote->has_pair ||
           tls_pair_init(&remote->pair, way->certificate, way->key, &way->secret, err);
}

struct remote *remote_new(const struct remote_way *way, struct wg_error *err)
{
    struct remote *remote = calloc(1, sizeof *remote);
    if (remote) remote->pair.fd = -1;
    if (remote) remote->easy = curl_easy_init();
    if (!remote || !remote->easy) {
        (void)wg_fail_memory(err, "a connection");
    } else if (take_way(remote, way, err)) {
        if (set_fixed(remote, way)) return remote;
        (void)wg_fail(err, WG_E_FAILED, "libcurl does not take what it needs");
    }
    remote_free(remote);
    return NULL;
}

void remote_free(struct remote *remote)
{
    if (!remote) return;
    curl_easy_cleanup(remote->easy);
    tls_pair_clear(&remote->pair);
    json_decref(remote->problem);
    explicit_bzero(remote, sizeof *remote);
    free(remote);
}

const json_t *remote_problem(const struct remote *remote)
{
    return remote->problem;
}

static bool add_header(struct exchange *exchange, const char *name, const char *value)
{
    char line[TOKEN_MAX + 64];
    struct curl_slist *more =
        wg_format(line, sizeof line, "%s:%s%s", name, value[0] ? " " : "", value)
            ? curl_slist_append(exchange->headers, line)
            : NULL;
    explicit_bzero(line, sizeof line);
    if (more) exchange->headers = more;
    return more != NULL;
}

static bool add_once(struct exchange *exchange)
{
    uint8_t bytes[16];
    char hex[2 * sizeof bytes + 1];
    if (!exchange->once) return true;
    if (!wg_random(bytes, sizeof bytes, exchange->err)) return false;
    wg_hex(bytes, sizeof bytes, hex);
    return add_header(exchange, "Idempotency-Key", hex);
}

static bool add_headers(struct exchange *exchange)
{
    const struct remote *remote = exchange->remote;
    char bearer[TOKEN_MAX + 8] = "";
    if (remote->token[0]) (void)wg_format(bearer, sizeof bearer, "Bearer %s", remote->token);
    bool ok = (!bearer[0] || add_header(exchange, "Authorization", bearer)) &&
              (!exchange->accept || add_header(exchange, "Accept", exchange->accept)) &&
              (!exchange->type || add_header(exchange, "Content-Type", exchange->type)) &&
              add_header(exchange, "Expect", exchange->file ? "100-continue" : "") &&
              add_once(exchange);
    explicit_bzero(bearer, sizeof bearer);
    return ok;
}

static long status_of(const struct exchange *exchange)
{
    long status = 0;
    (void)curl_easy_getinfo(exchange->remote->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t receive(char *bytes, size_t size, size_t count, void *ctx)
{
    struct exchange *exchange = ctx;
    size_t len = size * count;
    if (exchange->take && status_of(exchange) < 300) {
        exchange->stopped = !exchange->take(exchange->ctx, bytes, len, exchange->err);
        return exchange->stopped ? CURL_WRITEFUNC_ERROR : len;
    }
    wg_buf_add(&exchange->answer, bytes, len);
    return exchange->answer.failed ? CURL_WRITEFUNC_ERROR : len;
}

static size_t send_file(char *out, size_t size, size_t count, void *ctx)
{
    FILE *file = ctx;
    size_t got = fread(out, 1, size * count, file);
    return got == 0 && ferror(file) ? CURL_READFUNC_ABORT : got;
}

static bool set_body(struct exchange *exchange)
{
    CURL *easy = exchange->remote->easy;
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    /* what sends the file may pause, and a large one takes its time to be taken in */
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                           exchange->file   ? 0L
                           : exchange->body ? WORKING_SECONDS
                                            : SILENT_SECONDS);
    if (exchange->file)
        return !curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) &&
               !curl_easy_setopt(easy, CURLOPT_READFUNCTION, send_file) &&
               !curl_easy_setopt(easy, CURLOPT_READDATA, exchange->file) &&
               !curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)exchange->file_len);
    return !exchange->body ||
           (!curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_len) &&
            !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body));
}

static bool set_up(struct exchange *exchange, const struct remote_path *path)
{
    CURL *easy = exchange->remote->easy;
    char url[WG_URL_MAX + sizeof REMOTE_PREFIX + REMOTE_PATH_MAX];
    if (!remote_path_check(path, exchange->err)) return false;
    (void)wg_format(url, sizeof url, "%s" REMOTE_PREFIX "%s", exchange->remote->server, path->text);
    exchange->remote->why[0] = '\0';
    bool ok = add_headers(exchange) && set_body(exchange) &&
              !curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method) &&
              !curl_easy_setopt(easy, CURLOPT_URL, url) &&
              !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) &&
              !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) &&
              !curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    return ok || wg_fail_memory(exchange->err, "a request");
}

/* What stands between us and an answer. */
static bool not_reached(const struct exchange *exchange, CURLcode code)
{
    const struct remote *remote = exchange->remote;
    const char *why = remote->why[0] ? remote->why : curl_easy_strerror(code);
    struct wg_error *err = exchange->err;
    if (exchange->stopped) return false;
    if (exchange->answer.over)
        return wg_fail(err, WG_E_LIMIT, "%s: the answer is too long", remote->server);
    if (code == CURLE_OUT_OF_MEMORY) return wg_fail_memory(err, "a request");
    if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_READ_ERROR)
        return wg_fail(err, WG_E_IO, "the file cannot be read");
    enum wg_error_code kind =
        code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ? WG_E_VERIFY
                                                                                : WG_E_NETWORK;
    return wg_fail(err, kind, "%s: %s", remote->server, why);
}

static bool refused(struct exchange *exchange, long status)
{
    struct remote *remote = exchange->remote;
    const struct wg_buf *text = &exchange->answer;
    remote->problem = wg_json_parse(wg_buf_str(text), text->len, PROBLEM_MAX, NULL);
    (void)problem_fail(status, remote->problem, exchange->err);
    if (!remote->problem) (void)wg_context(exchange->err, "%s", remote->server);
    return false;
}

static bool perform(struct exchange *exchange, const struct remote_path *path)
{
    struct remote *remote = exchange->remote;
    json_decref(remote->problem);
    remote->problem = NULL;
    wg_buf_init(&exchange->answer, REMOTE_ANSWER_MAX);
    bool ok = set_up(exchange, path);
    if (ok) {
        CURLcode code = curl_easy_perform(remote->easy);
        long status = status_of(exchange);
        ok = code != CURLE_OK ? not_reached(exchange, code)
                              : status < 300 || refused(exchange, status);
    }
    (void)curl_easy_setopt(remote->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(exchange->headers);
    return ok;
}

/* The document of an exchange that takes none of it itself. */
static json_t *ask(struct exchange *exchange, const struct remote_path *path)
{
    json_t *document = NULL;
    if (perform(exchange, path)) {
        const struct wg_buf *text = &exchange->answer;
        document = text->len == 0 ? json_null()
                                  : wg_json_parse(wg_buf_str(text), text->len, REMOTE_ANSWER_MAX,
                                                  exchange->err);
        if (!document) (void)wg_context(exchange->err, "%s", exchange->remote->server);
    }
    wg_buf_clear(&exchange->answer);
    return document;
}

json_t *remote_get(struct remote *remote, const struct remote_path *path, struct wg_error *err)
{
    struct exchange exchange = {.remote = remote, .method = "GET", .err = err};
    return ask(&exchange, path);
}

json_t *remote_send(struct remote *remote, const char *method, const struct remote_path *path,
                    json_t *body, struct wg_error *err)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
    bool has_body = !json_is_null(body);
    json_t *document = NULL;
    struct exchange exchange = {.remote = remote,
                                .method = method,
                                .type = has_body ? "application/json" : NULL,
                                .body = has_body ? text : NULL,
                                .body_len = text ? strlen(text) : 0,
                                .once = true,
                                .err = err};
    if (text)
        document = ask(&exchange, path);
    else
        (void)wg_fail_memory(err, "a request");
    if (text) explicit_bzero(text, strlen(text));
    free(text);
    json_decref(body);
    return document;
}

bool remote_download(struct remote *remote, const struct remote_path *path, const char *accept,
                     remote_bytes_fn take, void *ctx, struct wg_error *err)
{
    struct exchange exchange = {
        .remote = remote, .method = "GET", .accept = accept, .take = take, .ctx = ctx, .err = err};
    bool ok = perform(&exchange, path);
    wg_buf_clear(&exchange.answer);
    return ok;
}

json_t *remote_upload(struct remote *remote, const char *method, const struct remote_path *path,
                      const char *type, FILE *file, int64_t len, struct wg_error *err)
{
    struct exchange exchange = {.remote = remote,
                                .method = method,
                                .type = type,
                                .file = file,
                                .file_len = len,
                                .err = err};
    return ask(&exchange, path);
}
