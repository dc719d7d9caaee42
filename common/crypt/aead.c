/* aead.c: ChaCha20-Poly1305 by wolfCrypt. */
#include "common/crypt/aead.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

_Static_assert(WG_AEAD_KEY == CHACHA20_POLY1305_AEAD_KEYSIZE, "size of a key");
_Static_assert(WG_AEAD_NONCE == CHACHA20_POLY1305_AEAD_IV_SIZE, "size of a nonce");
_Static_assert(WG_AEAD_TAG == CHACHA20_POLY1305_AEAD_AUTHTAG_SIZE, "size of a tag");

static bool check_sizes(const struct wg_aead_use *use, size_t len, struct wg_error *err)
{
    return (len <= WG_AEAD_MAX && use->bound_len <= WG_AEAD_MAX) ||
           wg_fail(err, WG_E_LIMIT, "%zu bytes to seal or open, at most %zu allowed", len,
                   WG_AEAD_MAX);
}

bool wg_aead_seal(const struct wg_aead_use *use, const void *data, size_t len, uint8_t *out,
                  struct wg_error *err)
{
    if (!check_sizes(use, len, err)) return false;
    int code = wc_ChaCha20Poly1305_Encrypt(use->key, use->nonce, use->bound, (word32)use->bound_len,
                                           data, (word32)len, out, out + len);
    return code == 0 || wg_fail(err, WG_E_FAILED, "ChaCha20-Poly1305: %s (wolfCrypt %d)",
                                wc_GetErrorString(code), code);
}

bool wg_aead_open(const struct wg_aead_use *use, const uint8_t *sealed, size_t len, uint8_t *out,
                  struct wg_error *err)
{
    if (!check_sizes(use, len, err)) return false;
    if (len < WG_AEAD_TAG)
        return wg_fail(err, WG_E_VERIFY, "%zu sealed bytes: shorter than their tag", len);
    size_t plain = len - WG_AEAD_TAG;
    int code = wc_ChaCha20Poly1305_Decrypt(use->key, use->nonce, use->bound, (word32)use->bound_len,
                                           sealed, (word32)plain, sealed + plain, out);
    if (code == 0) return true;
    if (plain > 0) explicit_bzero(out, plain);
    if (code == MAC_CMP_FAILED_E)
        return wg_fail(err, WG_E_VERIFY, "the sealed bytes do not hold: changed, or another key");
    return wg_fail(err, WG_E_FAILED, "ChaCha20-Poly1305: %s (wolfCrypt %d)",
                   wc_GetErrorString(code), code);
}
