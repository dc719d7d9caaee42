/* https.c: a small HTTPS client: one connection for each address that an answer leads to, nothing
 * kept between calls. A redirect gets no Referer, and the device's certificate only where it would
 * have had it anyhow; a POST follows none. */
#include "agent/posix/https.h"

#include "agent/posix/https_answer.h"
#include "agent/posix/https_link.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHUNK 65536
#define REQUEST_MAX (URL_TARGET_MAX + 1024)

/* One call. Large, so not on the stack of a thread. */
struct https {
    const struct https_config *config;
    const struct https_request *request;
    const struct https_post *post; /* NULL: a GET */
    struct wg_error *err;
    struct url own, url, next; /* where it began, where it is, where it goes on */
    struct https_link link;
    struct answer answer;
    char chunk[CHUNK], text[REQUEST_MAX];
};

static bool is_own(const struct https *https)
{
    const struct https_config *config = https->config;
    struct url own;
    if (config->own_count == 0 && url_same_origin(&https->own, &https->url)) return true;
    for (size_t i = 0; i < config->own_count; i++)
        if (url_read(config->own[i], &own, NULL) && url_same_origin(&own, &https->url)) return true;
    return false;
}

static bool shows_pair(const struct https *https)
{
    const struct download_settings *settings = https->config->settings;
    if (!https->config->cert_file) return false;
    for (size_t i = 0; i < settings->host_count; i++)
        if (strcasecmp(settings->hosts[i], https->url.host) == 0) return true;
    return is_own(https);
}

static bool send_get(struct https *https)
{
    char host[URL_AUTHORITY_MAX], if_range[HTTPS_ETAG_MAX + 16] = "";
    const struct https_request *request = https->request;
    url_host(&https->url, host);
    if (request->if_range)
        (void)wg_format(if_range, sizeof if_range, "If-Range: %s\r\n", request->if_range);
    bool fits = wg_format(https->text, sizeof https->text,
                          "GET %s HTTP/1.1\r\nHost: %s\r\nRange: bytes=%lld-\r\n%s"
                          "User-Agent: wavegate-agent/%s\r\nAccept-Encoding: identity\r\n"
                          "Connection: close\r\n\r\n",
                          https->url.target, host, (long long)request->start, if_range, WG_VERSION);
    if (!fits) return wg_fail(https->err, WG_E_LIMIT, "the request is too long");
    return https_link_send(&https->link, https->text, strlen(https->text));
}

static bool send_post(struct https *https)
{
    char host[URL_AUTHORITY_MAX];
    const struct https_post *post = https->post;
    url_host(&https->url, host);
    bool fits = wg_format(https->text, sizeof https->text,
                          "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n"
                          "Content-Length: %zu\r\nUser-Agent: wavegate-agent/%s\r\n"
                          "Accept-Encoding: identity\r\nConnection: close\r\n\r\n",
                          https->url.target, host, post->type, post->len, WG_VERSION);
    if (!fits) return wg_fail(https->err, WG_E_LIMIT, "the request is too long");
    return https_link_send(&https->link, https->text, strlen(https->text)) &&
           https_link_send(&https->link, post->body, post->len);
}

static bool receive(struct https *https)
{
    const struct download_settings *settings = https->config->settings;
    struct pace_limit *limit = https->config->limit;
    struct pace_floor floor;
    size_t len = 0, piece = limit ? pace_limit_piece(limit, CHUNK) : CHUNK;
    bool ok = true;
    pace_floor_init(&floor, settings->slowest, settings->patience, wg_monotonic());
    https->link.floor = &floor;
    while (ok && !https->answer.complete) {
        ok = https_link_read(&https->link, https->chunk, piece, &len) &&
             answer_feed(&https->answer, https->chunk, len);
        wg_duration wait = ok && limit ? pace_limit_take(limit, len, wg_monotonic()) : 0;
        if (wait > 0 && !https->answer.complete) ok = https_link_rest(&https->link, wait);
    }
    https->link.floor = NULL;
    return ok;
}

static bool ask(struct https *https, const struct https_sink *sink)
{
    answer_init(&https->answer, https->url.host, sink, https->err);
    https->answer.any_status = https->post != NULL;
    bool ok =
        https_link_open(&https->link, https->config, &https->url, shows_pair(https), https->err) &&
        (https->post ? send_post(https) : send_get(https)) && receive(https);
    https_link_close(&https->link);
    return ok;
}

static bool follow(struct https *https, const struct https_sink *sink)
{
    for (int hops = 0;; hops++) {
        if (!ask(https, sink)) return false;
        if (!https->answer.location[0]) return true;
        if (hops == HTTPS_REDIRECTS_MAX)
            return wg_fail(https->err, WG_E_NETWORK, "%s: more than %d redirects", https->own.host,
                           HTTPS_REDIRECTS_MAX);
        if (!url_resolve(&https->url, https->answer.location, &https->next, https->err)) {
            https->err->code = WG_E_NETWORK;
            return wg_context(https->err, "%s: redirect", https->url.host);
        }
        https->url = https->next;
    }
}

/* Both calls; https is the caller's, zeroed. */
static bool run(struct https *https, const struct https_config *config, const char *url,
                const struct https_sink *sink, struct wg_error *err)
{
    struct wg_error own = {0};
    struct download_settings usual;
    struct https_config whole = *config;
    if (!whole.settings) {
        download_settings_init(&usual);
        whole.settings = &usual;
    }
    https->config = &whole;
    https->err = err ? err : &own;
    https->link.fd = -1;
    bool ok = url_read(url, &https->own, https->err);
    https->url = https->own;
    return ok && follow(https, sink);
}

bool https_get(const struct https_config *config, const struct https_request *request,
               const struct https_sink *sink, int *status, struct wg_error *err)
{
    struct https *https = calloc(1, sizeof *https);
    if (status) *status = 0;
    if (!https) return wg_fail_memory(err, "a download");
    https->request = request;
    bool ok = run(https, config, request->url, sink, err);
    if (status) *status = https->answer.head.status;
    free(https);
    return ok;
}

bool https_post(const struct https_config *config, const char *url, const struct https_post *post,
                const struct https_sink *sink, int *status, int64_t *retry, struct wg_error *err)
{
    struct https *https = calloc(1, sizeof *https);
    *status = 0;
    *retry = 0;
    if (!https) return wg_fail_memory(err, "a request");
    https->post = post;
    bool ok = run(https, config, url, sink, err);
    *status = https->answer.head.status;
    *retry = answer_retry(&https->answer);
    free(https);
    return ok;
}
