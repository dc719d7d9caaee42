/* fetch.c: libcurl's easy interface. */
#include "orchestrator/openid/fetch.h"

#include <curl/curl.h>
#include <string.h>

#define CONNECT_PATIENCE (5 * WG_SECOND)

static size_t take(const char *bytes, size_t size, size_t count, void *ctx)
{
    struct wg_buf *body = ctx;
    wg_buf_add(body, bytes, size * count);
    return body->failed ? 0 : size * count;
}

static bool set_up(CURL *easy, const struct openid_fetch *what, struct curl_slist *headers,
                   struct wg_buf *body)
{
    return !curl_easy_setopt(easy, CURLOPT_URL, what->url) &&
           !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") &&
           !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
           !curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)OPENID_PATIENCE) &&
           !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_PATIENCE) &&
           !curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)body->max) &&
           (!what->ca[0] || (!curl_easy_setopt(easy, CURLOPT_CAINFO, what->ca) &&
                             !curl_easy_setopt(easy, CURLOPT_CAPATH, NULL))) &&
           !curl_easy_setopt(easy, CURLOPT_USERAGENT, "wavegate/" WG_VERSION) &&
           !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) &&
           (!what->form || !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, what->form)) &&
           (!what->user || (!curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) &&
                            !curl_easy_setopt(easy, CURLOPT_USERNAME, what->user) &&
                            !curl_easy_setopt(easy, CURLOPT_PASSWORD, what->password))) &&
           (!what->bearer || (!curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) &&
                              !curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, what->bearer))) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
}

bool openid_fetch(const struct openid_fetch *what, struct wg_buf *body, long *status,
                  struct wg_error *err)
{
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    bool ok = (easy && headers && set_up(easy, what, headers, body)) ||
              wg_fail_memory(err, "asking the provider");
    CURLcode code = ok ? curl_easy_perform(easy) : CURLE_OK;
    *status = 0;
    if (ok) (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    if (!ok) return false;
    if (body->over || code == CURLE_FILESIZE_EXCEEDED)
        return wg_fail(err, WG_E_NETWORK, "%.200s: more than %zu bytes", what->url, body->max);
    return code == CURLE_OK ||
           wg_fail(err, WG_E_NETWORK, "%.200s: %s", what->url, curl_easy_strerror(code));
}

void openid_encode(struct wg_buf *out, const char *value)
{
    for (; *value; value++) {
        bool plain = (*value >= 'a' && *value <= 'z') || (*value >= 'A' && *value <= 'Z') ||
                     (*value >= '0' && *value <= '9') || strchr("-._~", *value);
        if (plain)
            wg_buf_char(out, *value);
        else
            wg_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*value);
    }
}

void openid_form_add(struct wg_buf *text, const char *name, const char *value)
{
    if (text->len > 0 && text->data[text->len - 1] != '?') wg_buf_char(text, '&');
    openid_encode(text, name);
    wg_buf_char(text, '=');
    openid_encode(text, value);
}
