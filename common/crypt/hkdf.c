/* hkdf.c: HMAC and HKDF with SHA-256 by wolfCrypt. */
#include "common/crypt/hkdf.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hmac.h>

_Static_assert(WG_HMAC_SIZE == WC_SHA256_DIGEST_SIZE, "size of a code");

static bool hkdf_fail(struct wg_error *err, const char *what, int code)
{
    if (code == MEMORY_E) return wg_fail_memory(err, what);
    return wg_fail(err, WG_E_FAILED, "%s: %s (wolfCrypt %d)", what, wc_GetErrorString(code), code);
}

static bool check_size(struct wg_bytes bytes, struct wg_error *err)
{
    return bytes.len <= WG_HKDF_IN_MAX ||
           wg_fail(err, WG_E_LIMIT, "%zu bytes for a code or a key, at most %zu allowed", bytes.len,
                   WG_HKDF_IN_MAX);
}

/* wolfCrypt asks for an address even where there are no bytes. */
static const uint8_t *address_of(struct wg_bytes bytes)
{
    static const uint8_t nothing[1];
    return bytes.data ? bytes.data : nothing;
}

bool wg_hmac(struct wg_bytes key, struct wg_bytes data, uint8_t out[WG_HMAC_SIZE],
             struct wg_error *err)
{
    Hmac hmac;
    if (!check_size(key, err) || !check_size(data, err)) return false;
    int code = wc_HmacInit(&hmac, NULL, INVALID_DEVID);
    if (code != 0) return hkdf_fail(err, "HMAC-SHA-256", code);
    code = wc_HmacSetKey(&hmac, WC_SHA256, address_of(key), (word32)key.len);
    if (code == 0) code = wc_HmacUpdate(&hmac, address_of(data), (word32)data.len);
    if (code == 0) code = wc_HmacFinal(&hmac, out);
    wc_HmacFree(&hmac);
    explicit_bzero(&hmac, sizeof hmac);
    return code == 0 || hkdf_fail(err, "HMAC-SHA-256", code);
}

bool wg_hkdf(struct wg_bytes secret, struct wg_bytes salt, struct wg_bytes info, uint8_t *out,
             size_t out_len, struct wg_error *err)
{
    if (!check_size(secret, err) || !check_size(salt, err) || !check_size(info, err)) return false;
    if (out_len > WG_HKDF_OUT_MAX)
        return wg_fail(err, WG_E_LIMIT, "%zu bytes of key, at most %zu allowed", out_len,
                       WG_HKDF_OUT_MAX);
    /* an empty salt is the salt of RFC 5869 that was "not provided" */
    int code =
        wc_HKDF(WC_SHA256, address_of(secret), (word32)secret.len, salt.len > 0 ? salt.data : NULL,
                (word32)salt.len, address_of(info), (word32)info.len, out, (word32)out_len);
    return code == 0 || hkdf_fail(err, "HKDF-SHA-256", code);
}

bool wg_same_secret(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *left = a, *right = b;
    unsigned differ = 0;
    for (size_t i = 0; i < len; i++) differ |= (unsigned)(left[i] ^ right[i]);
    return differ == 0;
}
