/* s3_url.c: AWS Signature Version 4 in the query of a GET. Names are those of its specification. */
#include "orchestrator/release/s3_url.h"

#include "common/crypt/hkdf.h"
#include "common/crypto.h"
#include "common/text.h"

#include <string.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define SCHEME "https://"
#define DATE_TEXT 17 /* 20130524T000000Z, with NUL */
#define SCOPE_MAX 128
#define CREDENTIAL_MAX 512
#define SECRET_MAX 1100
#define CANONICAL_MAX (WG_URL_MAX + 512)

static const char unreserved[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/* What stands in one of them needs no escaping, so the canonical path is the path. */
static bool is_plain(const char *text, const char *more)
{
    for (; *text; text++)
        if (!strchr(unreserved, *text) && !strchr(more, *text)) return false;
    return true;
}

static bool is_signable(const struct s3_grant *grant)
{
    wg_time lasts = grant->expires / WG_SECOND - grant->issued / WG_SECOND;
    size_t scheme = sizeof SCHEME - 1;
    return strncmp(grant->base, SCHEME, scheme) == 0 && grant->base[scheme] != '\0' &&
           grant->base[scheme] != '/' && is_plain(grant->base + scheme, "/:[]") &&
           grant->object[0] && is_plain(grant->object, "/") && grant->region[0] &&
           is_plain(grant->region, "") && grant->access_key[0] && grant->issued > 0 && lasts > 0 &&
           lasts <= S3_LASTS_MOST / WG_SECOND;
}

/* "2013-05-24T00:00:00.000Z" as "20130524T000000Z". */
static void date_of(wg_time time, char out[DATE_TEXT])
{
    char text[WG_TIME_TEXT];
    size_t len = 0;
    wg_time_text(time, text);
    for (const char *at = text; *at && *at != '.' && len < DATE_TEXT - 2; at++)
        if (*at != '-' && *at != ':') out[len++] = *at;
    out[len] = 'Z';
    out[len + 1] = '\0';
}

static bool escape(const char *text, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (; *text; text++) {
        bool fits = strchr(unreserved, *text)
                        ? wg_format(out + len, size - len, "%c", *text)
                        : wg_format(out + len, size - len, "%%%02X", (unsigned char)*text);
        if (!fits) return false;
        len += strlen(out + len);
    }
    return true;
}

static bool hmac(const uint8_t key[WG_HMAC_SIZE], const char *text, uint8_t out[WG_HMAC_SIZE],
                 struct wg_error *err)
{
    return wg_hmac((struct wg_bytes){key, WG_HMAC_SIZE}, (struct wg_bytes){text, strlen(text)}, out,
                   err);
}

/* A key for this day, region and service alone. */
static bool signing_key(const char *secret, const char *day, const char *region,
                        uint8_t out[WG_HMAC_SIZE], struct wg_error *err)
{
    char first[SECRET_MAX];
    if (!wg_format(first, sizeof first, "AWS4%s", secret)) {
        explicit_bzero(first, sizeof first);
        return wg_fail(err, WG_E_LIMIT, "the secret key is too long");
    }
    bool ok = wg_hmac((struct wg_bytes){first, strlen(first)}, (struct wg_bytes){day, strlen(day)},
                      out, err) &&
              hmac(out, region, out, err) && hmac(out, "s3", out, err) &&
              hmac(out, "aws4_request", out, err);
    explicit_bzero(first, sizeof first);
    return ok;
}

struct request {
    char date[DATE_TEXT], day[9];
    char scope[SCOPE_MAX];
    char query[WG_URL_MAX]; /* without the signature; its keys are in order */
};

static bool make_request(const struct s3_grant *grant, struct request *out)
{
    char credential[CREDENTIAL_MAX], escaped[WG_URL_MAX];
    long long lasts = grant->expires / WG_SECOND - grant->issued / WG_SECOND;
    date_of(grant->issued, out->date);
    return wg_copy_n(out->day, sizeof out->day, out->date, sizeof out->day - 1) &&
           wg_format(out->scope, sizeof out->scope, "%s/%s/s3/aws4_request", out->day,
                     grant->region) &&
           wg_format(credential, sizeof credential, "%s/%s", grant->access_key, out->scope) &&
           escape(credential, escaped, sizeof escaped) &&
           wg_format(out->query, sizeof out->query,
                     "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=%s&X-Amz-Date=%s"
                     "&X-Amz-Expires=%lld&X-Amz-SignedHeaders=host",
                     escaped, out->date, lasts);
}

/* base and object apart, as the host that is signed and the path. */
static bool hash_request(const struct s3_grant *grant, const struct request *request,
                         char out[WG_SHA256_HEX], struct wg_error *err)
{
    char canonical[CANONICAL_MAX];
    const char *host = grant->base + sizeof SCHEME - 1, *path = host + strcspn(host, "/");
    return (wg_format(canonical, sizeof canonical,
                      "GET\n%s/%s\n%s\nhost:%.*s\n\nhost\nUNSIGNED-PAYLOAD", path, grant->object,
                      request->query, (int)(path - host), host) ||
            wg_fail(err, WG_E_LIMIT, "the URL is too long")) &&
           wg_sha256_of(canonical, strlen(canonical), out, err);
}

static bool sign(const struct s3_grant *grant, const struct request *request, const char *secret,
                 char out[2 * WG_HMAC_SIZE + 1], struct wg_error *err)
{
    char hash[WG_SHA256_HEX], text[CANONICAL_MAX];
    uint8_t key[WG_HMAC_SIZE], mac[WG_HMAC_SIZE];
    if (!hash_request(grant, request, hash, err)) return false;
    bool ok = (wg_format(text, sizeof text, ALGORITHM "\n%s\n%s\n%s", request->date, request->scope,
                         hash) ||
               wg_fail(err, WG_E_LIMIT, "the URL is too long")) &&
              signing_key(secret, request->day, grant->region, key, err) &&
              hmac(key, text, mac, err);
    explicit_bzero(key, sizeof key);
    if (ok) wg_hex(mac, sizeof mac, out);
    return ok;
}

bool s3_presign(const struct s3_grant *grant, const char *secret, char out[WG_URL_MAX],
                struct wg_error *err)
{
    struct request request;
    char signature[2 * WG_HMAC_SIZE + 1];
    if (!is_signable(grant))
        return wg_fail(err, WG_E_BAD_INPUT, "no URL can be presigned for \"%.100s\"", grant->base);
    if (!make_request(grant, &request)) return wg_fail(err, WG_E_LIMIT, "the URL is too long");
    return sign(grant, &request, secret, signature, err) &&
           (wg_format(out, WG_URL_MAX, "%s/%s?%s&X-Amz-Signature=%s", grant->base, grant->object,
                      request.query, signature) ||
            wg_fail(err, WG_E_LIMIT, "the URL is too long"));
}
