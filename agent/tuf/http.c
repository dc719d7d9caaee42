/* http.c: the request, and http_parser over the answer. */
#include "agent/tuf/http.h"

#include "common/text.h"

#include <http_parser.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define URL_MAX 4096
#define HOST_MAX 256
#define CHUNK 16384

struct url {
    bool tls;
    char host[HOST_MAX], port[8], path[URL_MAX];
};

struct answer {
    const char *host, *path; /* for error texts */
    http_body_fn body;
    void *ctx;
    struct link *link;
    struct wg_error *err;
    int64_t max, received;
    bool failed, complete;
};

static bool copy_field(const struct http_parser_url *parts, const char *text,
                       enum http_parser_url_fields field, char *out, size_t size)
{
    if (!(parts->field_set & 1u << field)) return false;
    return wg_copy_n(out, size, text + parts->field_data[field].off, parts->field_data[field].len);
}

static bool url_read(const char *text, struct url *out, struct wg_error *err)
{
    struct http_parser_url parts;
    char scheme[8];
    http_parser_url_init(&parts);
    bool ok = strlen(text) < URL_MAX && !strpbrk(text, " \r\n") &&
              http_parser_parse_url(text, strlen(text), 0, &parts) == 0 &&
              copy_field(&parts, text, UF_SCHEMA, scheme, sizeof scheme) &&
              copy_field(&parts, text, UF_HOST, out->host, sizeof out->host) &&
              (parts.field_set & 1u << UF_PATH) &&
              !(parts.field_set & (1u << UF_USERINFO | 1u << UF_FRAGMENT));
    out->tls = ok && strcasecmp(scheme, "https") == 0;
    if (!ok || (!out->tls && strcasecmp(scheme, "http") != 0))
        return wg_fail(err, WG_E_BAD_INPUT, "\"%.200s\" is no http: or https: URL", text);
    if (!copy_field(&parts, text, UF_PORT, out->port, sizeof out->port))
        (void)wg_copy(out->port, sizeof out->port, out->tls ? "443" : "80");
    return wg_copy(out->path, sizeof out->path, text + parts.field_data[UF_PATH].off);
}

static bool request_send(struct link *link, const struct url *url, struct wg_error *err)
{
    char request[URL_MAX + HOST_MAX + 256];
    bool six = strchr(url->host, ':') != NULL;
    if (!wg_format(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nUser-Agent: wavegate-tuf/%s\r\n"
                   "Accept-Encoding: identity\r\nConnection: close\r\n\r\n",
                   url->path, six ? "[" : "", url->host, six ? "]" : "", url->port, WG_VERSION))
        return wg_fail(err, WG_E_LIMIT, "the request is too long");
    return link_write(link, request, strlen(request), err);
}

static bool fail_too_long(const struct answer *answer)
{
    return wg_fail(answer->err, WG_E_LIMIT, "%s: more than %" PRId64 " bytes", answer->path,
                   answer->max);
}

static int on_headers(http_parser *parser)
{
    struct answer *answer = parser->data;
    unsigned status = parser->status_code;
    bool ok = status == 200;
    if (!ok)
        (void)wg_fail(answer->err, status == 403 || status == 404 ? WG_E_NOT_FOUND : WG_E_NETWORK,
                      "%s answers %u to %s", answer->host, status, answer->path);
    else if (parser->content_length != UINT64_MAX && parser->content_length > (uint64_t)answer->max)
        ok = fail_too_long(answer);
    answer->failed = !ok;
    return ok ? 0 : -1;
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct answer *answer = parser->data;
    bool ok = (int64_t)len <= answer->max - answer->received || fail_too_long(answer);
    ok = ok && answer->body(answer->ctx, at, len, answer->err);
    answer->received += (int64_t)len;
    link_credit(answer->link, len);
    answer->failed = !ok;
    return ok ? 0 : -1;
}

static int on_complete(http_parser *parser)
{
    struct answer *answer = parser->data;
    answer->complete = true;
    http_parser_pause(parser, 1); /* what follows was not asked for */
    return 0;
}

/* got 0, the end of the connection, ends an answer without a length, and breaks any other. */
static bool feed(http_parser *parser, struct answer *answer, const char *chunk, size_t got)
{
    static const http_parser_settings settings = {
        .on_headers_complete = on_headers, .on_body = on_body, .on_message_complete = on_complete};
    size_t eaten = http_parser_execute(parser, &settings, chunk, got);
    if (answer->failed) return false;
    if (answer->complete) return true;
    if (got == 0)
        return wg_fail(answer->err, WG_E_NETWORK, "%s: the connection ended early", answer->host);
    return eaten == got || wg_fail(answer->err, WG_E_NETWORK, "%s: not an HTTP answer (%s)",
                                   answer->host, http_errno_name(HTTP_PARSER_ERRNO(parser)));
}

static bool receive(struct answer *answer)
{
    char chunk[CHUNK];
    http_parser parser;
    http_parser_init(&parser, HTTP_RESPONSE);
    parser.data = answer;
    while (!answer->complete) {
        size_t got = 0;
        if (!link_read(answer->link, chunk, sizeof chunk, &got, answer->err) ||
            !feed(&parser, answer, chunk, got))
            return false;
    }
    return true;
}

bool http_get(const struct http_options *options, const char *url, int64_t max, http_body_fn body,
              void *ctx, struct wg_error *err)
{
    struct url to;
    struct wg_error own = {0};
    if (!err) err = &own;
    if (!url_read(url, &to, err)) return false;
    struct link *link =
        link_open(to.host, to.port, to.tls ? &options->tls : NULL, &options->pace, err);
    if (!link) return false;
    struct answer answer = {.host = to.host,
                            .path = to.path,
                            .body = body,
                            .ctx = ctx,
                            .link = link,
                            .err = err,
                            .max = max};
    bool ok = request_send(link, &to, err) && receive(&answer);
    link_close(link);
    return ok;
}
