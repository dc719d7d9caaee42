/* hmac_sha1.c: HMAC with SHA-1 by wolfCrypt. */
#include "common/crypt/hmac_sha1.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hmac.h>

_Static_assert(WG_HMAC_SHA1_SIZE == WC_SHA_DIGEST_SIZE, "size of a code");

bool wg_hmac_sha1(struct wg_bytes key, struct wg_bytes data, uint8_t out[WG_HMAC_SHA1_SIZE],
                  struct wg_error *err)
{
    Hmac hmac;
    if (key.len > WG_HKDF_IN_MAX || data.len > WG_HKDF_IN_MAX)
        return wg_fail(err, WG_E_LIMIT, "too many bytes for a code, at most %zu allowed",
                       WG_HKDF_IN_MAX);
    int code = wc_HmacInit(&hmac, NULL, INVALID_DEVID);
    if (code == 0) code = wc_HmacSetKey(&hmac, WC_SHA, key.data, (word32)key.len);
    if (code == 0) code = wc_HmacUpdate(&hmac, data.data, (word32)data.len);
    if (code == 0) code = wc_HmacFinal(&hmac, out);
    wc_HmacFree(&hmac);
    explicit_bzero(&hmac, sizeof hmac);
    return code == 0 || wg_fail(err, WG_E_FAILED, "HMAC-SHA-1: %s (wolfCrypt %d)",
                                wc_GetErrorString(code), code);
}
