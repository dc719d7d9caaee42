/* proxy.c: who goes through the proxy, and how it is asked. */
#include "agent/posix/proxy.h"

#include "common/age/base64.h"
#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "common/text.h"

#include <arpa/inet.h>
#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CREDENTIALS_MAX 512

bool proxy_read(const char *text, struct proxy *out, struct wg_error *err)
{
    struct http_parser_url url;
    size_t len = strlen(text);
    http_parser_url_init(&url);
    if (len > 0 && text[len - 1] == '/') len--;
    bool ok = len > 0 && len < URL_HOST_MAX + 32 && strncmp(text, "http://", 7) == 0 &&
              http_parser_parse_url(text, len, 0, &url) == 0 &&
              url.field_set == (1u << UF_SCHEMA | 1u << UF_HOST | 1u << UF_PORT) &&
              wg_copy_n(out->host, sizeof out->host, text + url.field_data[UF_HOST].off,
                        url.field_data[UF_HOST].len) &&
              wg_copy_n(out->port, sizeof out->port, text + url.field_data[UF_PORT].off,
                        url.field_data[UF_PORT].len);
    return ok || wg_fail(err, WG_E_BAD_FILE,
                         "proxy: expected http://HOST:PORT, credentials in proxy_credentials");
}

struct exception {
    char host[URL_HOST_MAX];
    char port[8]; /* "": any */
    int bits;     /* -1: no network */
};

static bool split_bits(struct exception *out)
{
    char *slash = strchr(out->host, '/'), *end = NULL;
    out->bits = -1;
    if (!slash) return true;
    *slash = '\0';
    bool six = strchr(out->host, ':');
    long bits = strtol(slash + 1, &end, 10);
    out->bits = (int)bits;
    return slash[1] >= '0' && slash[1] <= '9' && *end == '\0' && bits <= (six ? 128 : 32) &&
           url_is_address(out->host);
}

static bool split(const char *text, struct exception *out)
{
    const char *close = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = close ? (close[1] == ':' ? close + 1 : NULL) : strchr(text, ':');
    if (!close && colon && strchr(colon + 1, ':')) colon = NULL; /* a bare IPv6 address */
    size_t len = close ? (size_t)(close - text) - 1 : colon ? (size_t)(colon - text) : strlen(text);
    *out = (struct exception){.bits = -1};
    if ((text[0] == '[' && !close) || (close && close[1] && !colon)) return false;
    if (len == 0 || !wg_copy_n(out->host, sizeof out->host, text + (close ? 1 : 0), len))
        return false;
    if (colon && (strspn(colon + 1, "0123456789") != strlen(colon + 1) || !colon[1] ||
                  !wg_copy(out->port, sizeof out->port, colon + 1)))
        return false;
    return !strpbrk(out->host, " \t@") && split_bits(out);
}

bool proxy_exception_check(const char *text, struct wg_error *err)
{
    struct exception exception;
    bool star = strchr(text, '*') && strcmp(text, "*") != 0;
    return (!star && split(text, &exception)) ||
           wg_fail(
               err, WG_E_BAD_FILE,
               "no_proxy: \"%.80s\": expected a host, .DOMAIN, an address, ADDRESS/BITS or \"*\"",
               text);
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, (size_t)whole) != 0) return false;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

static bool in_network(const struct exception *exception, const char *host)
{
    unsigned char a[16], b[16];
    for (int i = 0; i < 2; i++) {
        int family = i == 0 ? AF_INET : AF_INET6, all = i == 0 ? 32 : 128;
        if (inet_pton(family, host, a) == 1 && inet_pton(family, exception->host, b) == 1)
            return same_bits(a, b, exception->bits < 0 ? all : exception->bits);
    }
    return false;
}

static bool ends_in(const char *host, const char *domain)
{
    size_t host_len = strlen(host), len = strlen(domain);
    if (strcasecmp(host, domain + 1) == 0) return true;
    return host_len > len && strcasecmp(host + host_len - len, domain) == 0;
}

static bool fits(const char *text, const struct url *url)
{
    struct exception exception;
    if (strcmp(text, "*") == 0) return true;
    if (!split(text, &exception)) return false;
    if (exception.port[0] && strcmp(exception.port, url->port) != 0) return false;
    if (url_is_address(url->host)) return in_network(&exception, url->host);
    if (exception.host[0] == '.') return ends_in(url->host, exception.host);
    return strcasecmp(exception.host, url->host) == 0;
}

bool proxy_is_for(const struct proxy *proxy, const struct url *url)
{
    if (!proxy->host[0]) return false;
    for (size_t i = 0; i < proxy->exception_count; i++)
        if (fits(proxy->exceptions[i], url)) return false;
    return true;
}

/* The header field, "" without credentials. */
static bool authorize(const struct proxy *proxy, char *out, size_t size, struct wg_error *err)
{
    struct wg_buf text;
    out[0] = '\0';
    if (!proxy->credentials[0]) return true;
    wg_buf_init(&text, CREDENTIALS_MAX);
    bool ok = wg_secret_path_check(proxy->credentials, err) &&
              wg_file_read(proxy->credentials, &text, err);
    const char *line = ok ? wg_buf_str(&text) : "";
    size_t len = strcspn(line, "\r\n");
    char base64[CREDENTIALS_MAX * 4 / 3 + 8];
    if (ok && (!memchr(line, ':', len) || line[len + strspn(line + len, "\r\n")]))
        ok =
            wg_fail(err, WG_E_BAD_FILE, "%s: expected one line, USER:PASSWORD", proxy->credentials);
    if (ok) {
        age_base64_write((const uint8_t *)line, len, base64);
        base64[AGE_BASE64_LEN(len)] = '\0';
        const char *padding = len % 3 == 1 ? "==" : len % 3 == 2 ? "=" : "";
        ok = wg_format(out, size, "Proxy-Authorization: Basic %s%s\r\n", base64, padding) ||
             wg_fail(err, WG_E_LIMIT, "the proxy's credentials are too long");
    }
    explicit_bzero(base64, sizeof base64);
    if (text.data) explicit_bzero(text.data, text.len);
    wg_buf_clear(&text);
    return ok || wg_context(err, "proxy_credentials");
}

bool proxy_request(const struct proxy *proxy, const struct url *url, char out[PROXY_REQUEST_MAX],
                   struct wg_error *err)
{
    char authority[URL_AUTHORITY_MAX], authorization[1024];
    url_authority(url, authority);
    bool ok = authorize(proxy, authorization, sizeof authorization, err) &&
              (wg_format(out, PROXY_REQUEST_MAX, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n",
                         authority, authority, authorization) ||
               wg_fail(err, WG_E_LIMIT, "the request to the proxy is too long"));
    explicit_bzero(authorization, sizeof authorization);
    return ok;
}

bool proxy_answer(const struct proxy *proxy, const char *head, struct wg_error *err)
{
    bool http = strncmp(head, "HTTP/1.", 7) == 0 && (head[7] == '0' || head[7] == '1') &&
                head[8] == ' ' && strspn(head + 9, "0123456789") == 3;
    long status = http ? strtol(head + 9, NULL, 10) : 0;
    if (status >= 200 && status < 300) return true;
    if (!http) return wg_fail(err, WG_E_NETWORK, "proxy %s: not an HTTP answer", proxy->host);
    if (status == 407)
        return wg_fail(err, WG_E_NETWORK, "proxy %s wants other credentials (407): %s", proxy->host,
                       proxy->credentials[0] ? "look into the file of proxy_credentials"
                                             : "set proxy_credentials");
    return wg_fail(err, WG_E_NETWORK, "proxy %s answers %ld to CONNECT", proxy->host, status);
}
