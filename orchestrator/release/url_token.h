/* url_token.h: URLs that open one artifact for one device, for a while, for so many bytes.
 *
 *     https://HOST/artifacts/SHA256?d=DEVICE&e=EXPIRES&b=BYTES&k=KEYID&m=MAC
 *
 * EXPIRES: seconds since 1970; BYTES: how much may be sent under this URL; MAC: HMAC-SHA-256 as hex
 * over path, device, expiry, bytes and key name. There is one way to write each URL: anything else,
 * even of the same meaning (%61, another order, leading zeros), is refused. */
#ifndef WG_ORCHESTRATOR_RELEASE_URL_TOKEN_H
#define WG_ORCHESTRATOR_RELEASE_URL_TOKEN_H

#include "common/crypto.h"
#include "common/message.h"
#include "orchestrator/release/url_keys.h"

#define URL_MAC_BYTES 32
#define URL_PREFIX_MAX 128                 /* bytes of a path before "/SHA256" */
#define URL_BYTES_MAX ((int64_t)1 << 50)   /* largest allowance */
#define URL_EXPIRES_MAX ((int64_t)1 << 40) /* seconds */
#define URL_TARGET_MAX 448                 /* path and query */

struct url_grant {
    const char *base;   /* "https://HOST[:PORT]/artifacts", without the last '/' */
    const char *sha256; /* the artifact: 64 hex digits */
    const char *device;
    wg_time expires; /* cut to whole seconds */
    int64_t bytes;   /* 1..URL_BYTES_MAX */
};

struct url_token {
    char prefix[URL_PREFIX_MAX + 1]; /* "/artifacts" */
    char sha256[WG_SHA256_HEX];
    char device[WG_NAME_MAX + 1];
    char key[URL_KEY_ID_MAX + 1];
    wg_time expires;
    int64_t bytes;
    uint8_t mac[URL_MAC_BYTES]; /* also what the token is known by when its bytes are counted */
};

/* When a token is good: until it expires, give or take the clocks' difference; and never longer
 * from now than a token may last, so that a clock that once ran ahead leaves nothing for years. */
struct url_times {
    wg_time now;
    wg_duration skew;
    wg_duration longest;
};

/* Signs with the first key. The same grant gives the same URL. */
WG_MUST_CHECK bool url_sign(const struct url_keys *keys, const struct url_grant *grant,
                            char out[WG_URL_MAX], struct wg_error *err);

/* Path and query as they stood in the request, undecoded. WG_E_BAD_INPUT. */
WG_MUST_CHECK bool url_token_parse(const char *target, struct url_token *out, struct wg_error *err);
/* The one text that parses to this token. */
WG_MUST_CHECK bool url_token_text(const struct url_token *token, char out[URL_TARGET_MAX],
                                  struct wg_error *err);
/* WG_E_VERIFY: the key is not known or the MAC does not hold (in constant time). WG_E_DENIED: it
 * does, and the token has expired, or lasts longer than any may. */
WG_MUST_CHECK bool url_token_check(const struct url_token *token, const struct url_keys *keys,
                                   const struct url_times *times, struct wg_error *err);

#endif
