/* webhook_url.c: libcurl's reading of a URL, for it is who goes there; tables of addresses. */
#include "orchestrator/api/webhook_url.h"

#include "common/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>

static const struct {
    uint32_t net;
    int bits;
} nets[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
    {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
};

static bool is_private4(uint32_t address)
{
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        if ((address ^ nets[i].net) >> (32 - nets[i].bits) == 0) return true;
    return false;
}

static uint32_t inside(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Public is 2000::/3 alone, and what carries an address of IPv4 is as that. */
static bool is_private6(const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0)
        return is_private4(inside(bytes + 12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_private4(inside(bytes + 2));
    if (bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] < 2 || inside(bytes) == 0x20010db8))
        return true; /* Teredo and its like; documentation */
    return bytes[0] >> 5 != 1;
}

bool webhook_address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_private4(
            ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return is_private6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    return true;
}

static bool host_is_private(const char *host)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    char bare[INET6_ADDRSTRLEN + 2];
    if (inet_pton(AF_INET, host, &four.sin_addr) == 1)
        return webhook_address_is_private((const struct sockaddr *)(const void *)&four);
    if (host[0] == '[' && wg_copy_n(bare, sizeof bare, host + 1, strcspn(host + 1, "]%")))
        return inet_pton(AF_INET6, bare, &six.sin6_addr) != 1 ||
               webhook_address_is_private((const struct sockaddr *)(const void *)&six);
    return strcmp(host, "localhost") == 0;
}

struct parts {
    CURLU *url;
    char *scheme, *host, *user, *port;
};

static bool parse(const char *text, struct parts *out)
{
    *out = (struct parts){.url = curl_url()};
    if (!out->url || curl_url_set(out->url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) ||
        curl_url_get(out->url, CURLUPART_SCHEME, &out->scheme, 0) ||
        curl_url_get(out->url, CURLUPART_HOST, &out->host, 0))
        return false;
    (void)curl_url_get(out->url, CURLUPART_USER, &out->user, 0);
    (void)curl_url_get(out->url, CURLUPART_PORT, &out->port, CURLU_DEFAULT_PORT);
    return true;
}

static void parts_clear(struct parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->user);
    curl_free(parts->port);
    curl_url_cleanup(parts->url);
}

static bool judge(const struct parts *parts, bool allow_http, bool allow_private,
                  struct wg_error *err)
{
    bool http = strcmp(parts->scheme, "http") == 0;
    if (strcmp(parts->scheme, "https") != 0 && !(http && allow_http))
        return wg_fail(err, WG_E_USAGE, "url: expected https://HOST/PATH");
    if (parts->user)
        return wg_fail(err, WG_E_USAGE, "url: without a name and password: deliveries are signed");
    return allow_private || !host_is_private(parts->host) ||
           wg_fail(err, WG_E_USAGE,
                   "url: %.100s is an address of this machine or network: api: webhook_private "
                   "allows them",
                   parts->host);
}

bool webhook_url_check(const char *url, bool allow_http, bool allow_private, struct wg_error *err)
{
    struct parts parts;
    bool ok = strlen(url) < WEBHOOK_URL_MAX ||
              wg_fail(err, WG_E_USAGE, "url: at most %d bytes", WEBHOOK_URL_MAX - 1);
    if (!ok) return false;
    ok = parse(url, &parts) && parts.scheme && parts.host
             ? judge(&parts, allow_http, allow_private, err)
             : wg_fail(err, WG_E_USAGE, "url: expected https://HOST/PATH");
    parts_clear(&parts);
    return ok;
}

void webhook_url_origin(const char *url, char out[WEBHOOK_ORIGIN_MAX])
{
    struct parts parts;
    out[0] = '\0';
    if (parse(url, &parts))
        (void)wg_format(out, WEBHOOK_ORIGIN_MAX, "%s://%s:%s", parts.scheme, parts.host,
                        parts.port ? parts.port : "");
    parts_clear(&parts);
}
