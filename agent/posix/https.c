/* https.c: a small HTTPS client: wolfSSL below, http_parser above, nothing kept between calls. */
#include <wolfssl/options.h>

#include "agent/posix/https.h"

#include "common/posix/file.h"
#include "common/posix/tls_pins.h"
#include "common/posix/tls_start.h"
#include "common/text.h"

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <http_parser.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 65536
#define HOST_MAX 256
#define SILENCE_MAX (30 * WG_SECOND) /* without a byte: the connection is given up */
#define LOOK_EVERY 200               /* ms between looks at cancel */
#define HEADER_MAX 128

/* Forward-secret AEAD alone; the library would offer far weaker ones too. */
static const char suites[] =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

struct https {
    const struct https_config *config;
    const struct https_sink *sink;
    struct wg_error *err;
    char host[HOST_MAX], port[8], path[1024];
    int64_t start;
    const struct https_post *post; /* NULL: a GET */
    int fd;
    WOLFSSL_CTX *ctx;
    WOLFSSL *ssl;
    struct tls_pins_look look;
    http_parser parser;
    char header[HEADER_MAX], range[HEADER_MAX]; /* header at hand; value of Content-Range */
    char retry[HEADER_MAX];                     /* value of Retry-After */
    bool in_value, failed, complete;
};

static bool fail_tls(struct https *https, const char *what, int result)
{
    char words[WOLFSSL_MAX_ERROR_SZ];
    int code = wolfSSL_get_error(https->ssl, result);
    if (https->look.why[0])
        return wg_fail(https->err, WG_E_VERIFY, "%s %s: %s", what, https->host, https->look.why);
    wolfSSL_ERR_error_string((unsigned long)(code < 0 ? -code : code), words);
    bool verify =
        code == DOMAIN_NAME_MISMATCH || code == ASN_NO_SIGNER_E || code == ASN_SELF_SIGNED_E;
    return wg_fail(https->err, verify ? WG_E_VERIFY : WG_E_NETWORK, "%s %s: %s (%d)", what,
                   https->host, words, code);
}

static bool copy_field(const struct http_parser_url *url, const char *text,
                       enum http_parser_url_fields field, char *out, size_t size)
{
    if (!(url->field_set & 1u << field)) return false;
    return wg_copy_n(out, size, text + url->field_data[field].off, url->field_data[field].len);
}

static bool read_url(struct https *https, const char *text)
{
    struct http_parser_url url;
    char scheme[8];
    http_parser_url_init(&url);
    if (http_parser_parse_url(text, strlen(text), 0, &url) != 0 ||
        !copy_field(&url, text, UF_SCHEMA, scheme, sizeof scheme) || strcmp(scheme, "https") != 0 ||
        !copy_field(&url, text, UF_HOST, https->host, sizeof https->host) ||
        !copy_field(&url, text, UF_PATH, https->path, sizeof https->path))
        return wg_fail(https->err, WG_E_BAD_INPUT, "\"%.100s\" is no https URL", text);
    if (!copy_field(&url, text, UF_PORT, https->port, sizeof https->port))
        (void)wg_copy(https->port, sizeof https->port, "443");
    char query[512];
    if (copy_field(&url, text, UF_QUERY, query, sizeof query)) {
        size_t used = strlen(https->path);
        int len = snprintf(https->path + used, sizeof https->path - used, "?%s", query);
        if (len < 0 || (size_t)len >= sizeof https->path - used)
            return wg_fail(https->err, WG_E_LIMIT, "the URL is too long");
    }
    return true;
}

/* Waits until the socket is ready; false when cancelled or silent for too long. */
static bool wait_for(struct https *https, short events)
{
    wg_time end = wg_monotonic() + SILENCE_MAX;
    while (wg_monotonic() < end) {
        struct pollfd set = {.fd = https->fd, .events = events};
        if (atomic_load(https->config->cancel))
            return wg_fail(https->err, WG_E_INTERRUPTED, "cancelled");
        if (poll(&set, 1, LOOK_EVERY) > 0) return true;
    }
    return wg_fail(https->err, WG_E_NETWORK, "%s: no answer in time", https->host);
}

static bool open_address(struct https *https, const struct addrinfo *address)
{
    int error = 0;
    socklen_t len = sizeof error;
    https->fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (https->fd < 0) return wg_fail_errno(https->err, "%s", https->host);
    if (connect(https->fd, address->ai_addr, address->ai_addrlen) == 0) return true;
    bool ok = errno == EINPROGRESS && wait_for(https, POLLOUT) &&
              getsockopt(https->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
    if (ok) return true;
    if (error) errno = error;
    if (!https->err || https->err->code != WG_E_INTERRUPTED)
        (void)wg_fail(https->err, WG_E_NETWORK, "%s:%s: %s", https->host, https->port,
                      strerror(errno));
    (void)close(https->fd);
    https->fd = -1;
    return false;
}

static bool open_socket(struct https *https)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int code = getaddrinfo(https->host, https->port, &hints, &list);
    if (code != 0)
        return wg_fail(https->err, WG_E_NETWORK, "%s: %s", https->host, gai_strerror(code));
    bool ok = false;
    for (struct addrinfo *at = list; at && !ok; at = at->ai_next) ok = open_address(https, at);
    freeaddrinfo(list);
    return ok;
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static bool use_pair(struct https *https)
{
    const struct https_config *config = https->config;
    return wolfSSL_CTX_use_certificate_chain_file(https->ctx, config->cert_file) ==
               WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_PrivateKey_file(https->ctx, config->key_file, WOLFSSL_FILETYPE_PEM) ==
               WOLFSSL_SUCCESS;
}

static bool set_up_tls(struct https *https)
{
    const struct https_config *config = https->config;
    if (!wg_tls_start(https->err)) return false;
    https->ctx = wolfSSL_CTX_new(wolfTLS_client_method());
    if (!https->ctx) return wg_fail_memory(https->err, "TLS");
    wolfSSL_CTX_set_verify(https->ctx, WOLFSSL_VERIFY_PEER, NULL);
    if (wolfSSL_CTX_SetMinVersion(https->ctx, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(https->ctx, suites) != WOLFSSL_SUCCESS)
        return wg_fail(https->err, WG_E_FAILED, "wolfSSL lacks TLS 1.2 or its suites");
    if (wolfSSL_CTX_load_verify_locations(https->ctx, config->ca_file, NULL) != WOLFSSL_SUCCESS ||
        (config->cert_file && !use_pair(https)))
        return wg_fail(https->err, WG_E_VERIFY,
                       "certificate, key or CA of the device cannot be used");
    https->ssl = wolfSSL_new(https->ctx);
    if (!https->ssl || wolfSSL_set_fd(https->ssl, https->fd) != WOLFSSL_SUCCESS ||
        wolfSSL_check_domain_name(https->ssl, https->host) != WOLFSSL_SUCCESS)
        return wg_fail_memory(https->err, "TLS");
    https->look.pins = config->pins;
    tls_pins_watch(&https->look, https->ssl);
    wolfSSL_SetIOWriteFlags(https->ssl, MSG_NOSIGNAL);
    if (!is_address(https->host))
        (void)wolfSSL_UseSNI(https->ssl, WOLFSSL_SNI_HOST_NAME, https->host,
                             (unsigned short)strlen(https->host));
    return true;
}

/* What wolfSSL waits for; 0: it failed. */
static short wanted(struct https *https, int result)
{
    int code = wolfSSL_get_error(https->ssl, result);
    if (code == WOLFSSL_ERROR_WANT_READ) return POLLIN;
    if (code == WOLFSSL_ERROR_WANT_WRITE) return POLLOUT;
    return 0;
}

static bool shake_hands(struct https *https)
{
    int result;
    while ((result = wolfSSL_connect(https->ssl)) != WOLFSSL_SUCCESS) {
        short events = wanted(https, result);
        if (!events) return fail_tls(https, "connecting to", result);
        if (!wait_for(https, events)) return false;
    }
    return !https->look.pins || https->look.asked ||
           wg_fail(https->err, WG_E_VERIFY, "%s: the pins were not asked", https->host);
}

static bool send_bytes(struct https *https, const char *bytes, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        int wrote = wolfSSL_write(https->ssl, bytes + sent, (int)(len - sent));
        if (wrote > 0) {
            sent += (size_t)wrote;
            continue;
        }
        short events = wanted(https, wrote);
        if (!events) return fail_tls(https, "sending to", wrote);
        if (!wait_for(https, events)) return false;
    }
    return true;
}

static bool send_request(struct https *https)
{
    char request[2048], what[HEADER_MAX + 64];
    const struct https_post *post = https->post;
    bool fits = post ? wg_format(what, sizeof what, "Content-Type: %s\r\nContent-Length: %zu",
                                 post->type, post->len)
                     : wg_format(what, sizeof what, "Range: bytes=%lld-", (long long)https->start);
    fits = fits && wg_format(request, sizeof request,
                             "%s %s HTTP/1.1\r\nHost: %s:%s\r\n%s\r\n"
                             "User-Agent: wavegate-agent/%s\r\nAccept-Encoding: identity\r\n"
                             "Connection: close\r\n\r\n",
                             post ? "POST" : "GET", https->path, https->host, https->port, what,
                             WG_VERSION);
    if (!fits) return wg_fail(https->err, WG_E_LIMIT, "the request is too long");
    return send_bytes(https, request, strlen(request)) &&
           (!post || send_bytes(https, post->body, post->len));
}

static int on_header_field(http_parser *parser, const char *at, size_t len)
{
    struct https *https = parser->data;
    if (https->in_value) https->header[0] = '\0';
    https->in_value = false;
    size_t used = strlen(https->header);
    (void)wg_copy_n(https->header + used, sizeof https->header - used, at, len);
    return 0;
}

static int on_header_value(http_parser *parser, const char *at, size_t len)
{
    struct https *https = parser->data;
    https->in_value = true;
    char *value = strcasecmp(https->header, "content-range") == 0 ? https->range
                  : strcasecmp(https->header, "retry-after") == 0 ? https->retry
                                                                  : NULL;
    size_t used = value ? strlen(value) : 0;
    if (value) (void)wg_copy_n(value + used, HEADER_MAX - used, at, len);
    return 0;
}

/* "bytes 100-199/200" */
static bool read_range(struct https *https, int64_t *start, int64_t *total)
{
    char *end = NULL;
    if (strncmp(https->range, "bytes ", 6) != 0) return false;
    *start = strtoll(https->range + 6, &end, 10);
    const char *slash = end && *end == '-' ? strchr(end, '/') : NULL;
    if (!slash) return false;
    *total = strtoll(slash + 1, &end, 10);
    return *end == '\0' && *start >= 0 && *total > *start;
}

static int on_headers(http_parser *parser)
{
    struct https *https = parser->data;
    int64_t start = 0, total = (int64_t)parser->content_length;
    bool ok = true;
    if (https->post)
        total = 0; /* whatever the status: the caller judges */
    else if (parser->status_code == 206)
        ok = read_range(https, &start, &total) ||
             wg_fail(https->err, WG_E_NETWORK, "%s: an answer without a range", https->host);
    else if (parser->status_code != 200)
        ok = wg_fail(https->err, parser->status_code == 404 ? WG_E_NOT_FOUND : WG_E_NETWORK,
                     "%s answers %d to %.*s", https->host, (int)parser->status_code,
                     (int)strcspn(https->path, "?"), https->path); /* the rest may be a secret */
    ok = ok && https->sink->begin(https->sink->ctx, start, total, https->err);
    https->failed = !ok;
    return ok ? 0 : -1;
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct https *https = parser->data;
    https->failed = !https->sink->body(https->sink->ctx, at, len, https->err);
    return https->failed ? -1 : 0;
}

static int on_complete(http_parser *parser)
{
    struct https *https = parser->data;
    https->complete = true;
    http_parser_pause(parser, 1); /* what follows was not asked for */
    return 0;
}

/* One read; false at the end of the connection or when it failed. */
static bool read_some(struct https *https, char *chunk, size_t *len)
{
    int got;
    while ((got = wolfSSL_read(https->ssl, chunk, CHUNK)) <= 0) {
        short events = wanted(https, got);
        if (!events)
            return wg_fail(https->err, WG_E_NETWORK, "%s: the connection ended early", https->host);
        if (!wait_for(https, events)) return false;
    }
    *len = (size_t)got;
    return true;
}

static bool receive(struct https *https)
{
    static const http_parser_settings settings = {.on_header_field = on_header_field,
                                                  .on_header_value = on_header_value,
                                                  .on_headers_complete = on_headers,
                                                  .on_body = on_body,
                                                  .on_message_complete = on_complete};
    char *chunk = malloc(CHUNK);
    size_t len = 0;
    if (!chunk) return wg_fail_memory(https->err, "receiving");
    http_parser_init(&https->parser, HTTP_RESPONSE);
    https->parser.data = https;
    bool ok = true;
    while (ok && !https->complete) {
        ok = read_some(https, chunk, &len) && !atomic_load(https->config->cancel);
        if (ok && http_parser_execute(&https->parser, &settings, chunk, len) != len &&
            !https->complete)
            ok = https->failed
                     ? false
                     : wg_fail(https->err, WG_E_NETWORK, "%s: not an HTTP answer", https->host);
    }
    free(chunk);
    return ok;
}

static bool run(struct https *https, const char *url)
{
    bool ok = read_url(https, url) && open_socket(https) && set_up_tls(https) &&
              shake_hands(https) && send_request(https) && receive(https);
    if (https->ssl) (void)wolfSSL_shutdown(https->ssl);
    wolfSSL_free(https->ssl);
    wolfSSL_CTX_free(https->ctx);
#ifdef FP_ECC
    /* the curve's cache of this thread would be lost with the thread */
    wc_ecc_fp_free();
#endif
    if (https->fd >= 0) (void)close(https->fd);
    return ok;
}

bool https_get(const struct https_config *config, const char *url, int64_t start,
               const struct https_sink *sink, struct wg_error *err)
{
    struct wg_error own = {0};
    struct https https = {
        .config = config, .sink = sink, .err = err ? err : &own, .start = start, .fd = -1};
    return run(&https, url);
}

bool https_post(const struct https_config *config, const char *url, const struct https_post *post,
                const struct https_sink *sink, int *status, int64_t *retry, struct wg_error *err)
{
    struct wg_error own = {0};
    struct https https = {
        .config = config, .sink = sink, .err = err ? err : &own, .post = post, .fd = -1};
    bool ok = run(&https, url);
    *status = (int)https.parser.status_code;
    *retry = strtoll(https.retry, NULL, 10); /* a date is not understood, and counts as none */
    if (*retry < 0) *retry = 0;
    return ok;
}
