/* url.c: https addresses, by http_parser's reading of them. */
#include "agent/posix/url.h"

#include "common/text.h"

#include <http_parser.h>

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX 8192

/* Neither a query nor what could move a cursor. */
static bool fail_url(const char *text, struct wg_error *err)
{
    size_t len = 0;
    while (len < 100 && text[len] > ' ' && text[len] < 0x7f && !strchr("?#", text[len])) len++;
    return wg_fail(err, WG_E_BAD_INPUT, "\"%.*s\" is no https URL", (int)len, text);
}

static bool copy_field(const struct http_parser_url *url, const char *text,
                       enum http_parser_url_fields field, char *out, size_t size)
{
    if (!(url->field_set & 1u << field)) return false;
    return wg_copy_n(out, size, text + url->field_data[field].off, url->field_data[field].len);
}

/* Nothing that would end the line of a request. */
static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text >= 0x7f) return false;
    return true;
}

static bool read_target(const struct http_parser_url *url, const char *text, struct url *out,
                        struct wg_error *err)
{
    char query[URL_TARGET_MAX] = "";
    bool has_query = url->field_set & 1u << UF_QUERY;
    if (!(url->field_set & 1u << UF_PATH)) return fail_url(text, err);
    bool fits = copy_field(url, text, UF_PATH, out->target, sizeof out->target) &&
                (!has_query || copy_field(url, text, UF_QUERY, query, sizeof query));
    size_t used = strlen(out->target);
    if (has_query && fits)
        fits = wg_format(out->target + used, sizeof out->target - used, "?%s", query);
    return fits || wg_fail(err, WG_E_LIMIT, "the URL is too long");
}

bool url_read(const char *text, struct url *out, struct wg_error *err)
{
    struct http_parser_url url;
    char scheme[8];
    if (strnlen(text, TEXT_MAX) >= TEXT_MAX) return wg_fail(err, WG_E_LIMIT, "the URL is too long");
    http_parser_url_init(&url);
    if (!is_printable(text) || http_parser_parse_url(text, strlen(text), 0, &url) != 0 ||
        !copy_field(&url, text, UF_SCHEMA, scheme, sizeof scheme) ||
        strcasecmp(scheme, "https") != 0 || url.field_set & 1u << UF_USERINFO ||
        !copy_field(&url, text, UF_HOST, out->host, sizeof out->host))
        return fail_url(text, err);
    if (!copy_field(&url, text, UF_PORT, out->port, sizeof out->port))
        (void)wg_copy(out->port, sizeof out->port, "443");
    return read_target(&url, text, out, err);
}

/* RFC 3986, section 5.2.4; path begins with '/'. */
static void remove_dots(char *path)
{
    char *out = path;
    const char *in = path;
    while (*in) {
        size_t len = 1 + strcspn(in + 1, "/");
        bool up = len == 3 && in[1] == '.' && in[2] == '.', here = len == 2 && in[1] == '.';
        bool last = in[len] == '\0';
        if (up)
            while (out > path && *--out != '/') continue;
        if (!up && !here) {
            memmove(out, in, len);
            out += len;
        } else if (last) {
            *out++ = '/';
        }
        in += len;
    }
    *out = '\0';
}

/* A path, or a query alone, beside the base's. */
static bool merge(const struct url *base, const char *location, char *out, size_t size)
{
    size_t path = (size_t)url_path_len(base);
    char own[URL_TARGET_MAX], authority[URL_AUTHORITY_MAX], query[URL_TARGET_MAX];
    (void)wg_copy_n(own, sizeof own, base->target, path);
    char *slash = strrchr(own, '/');
    size_t given = strcspn(location, "?");
    if (location[0] == '/')
        own[0] = '\0';
    else if (given > 0 && slash)
        slash[1] = '\0';
    size_t used = strlen(own);
    if (!wg_copy(query, sizeof query, location + given) ||
        !wg_copy_n(own + used, sizeof own - used, location, given))
        return false;
    remove_dots(own);
    url_authority(base, authority);
    return wg_format(out, size, "https://%s%s%s", authority, own, query);
}

bool url_resolve(const struct url *base, const char *location, struct url *out,
                 struct wg_error *err)
{
    char text[TEXT_MAX], whole[TEXT_MAX + URL_AUTHORITY_MAX + 16];
    size_t len = strcspn(location, "#");
    size_t first = strcspn(location, ":/?#");
    if (len == 0 || !wg_copy_n(text, sizeof text, location, len))
        return wg_fail(err, WG_E_BAD_INPUT, "a redirect without an address that can be used");
    if (location[first] == ':') return url_read(text, out, err);
    bool fits = strncmp(text, "//", 2) == 0 ? wg_format(whole, sizeof whole, "https:%s", text)
                                            : merge(base, text, whole, sizeof whole);
    if (!fits) return wg_fail(err, WG_E_LIMIT, "the URL is too long");
    return url_read(whole, out, err);
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return strcasecmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

void url_authority(const struct url *url, char out[URL_AUTHORITY_MAX])
{
    bool six = strchr(url->host, ':');
    (void)wg_format(out, URL_AUTHORITY_MAX, "%s%s%s:%s", six ? "[" : "", url->host, six ? "]" : "",
                    url->port);
}

void url_host(const struct url *url, char out[URL_AUTHORITY_MAX])
{
    url_authority(url, out);
    if (strcmp(url->port, "443") == 0) *strrchr(out, ':') = '\0';
}

int url_path_len(const struct url *url)
{
    return (int)strcspn(url->target, "?");
}

bool url_is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}
