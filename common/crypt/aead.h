/* aead.h: ChaCha20-Poly1305 (RFC 8439), of wolfCrypt: bytes sealed under a key cannot be read, nor
 * changed unseen, without it. Pure. A nonce may be used once for a key. */
#ifndef WG_COMMON_CRYPT_AEAD_H
#define WG_COMMON_CRYPT_AEAD_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define WG_AEAD_KEY 32
#define WG_AEAD_NONCE 12
#define WG_AEAD_TAG 16 /* bytes that sealing adds, behind the others */
#define WG_AEAD_MAX ((size_t)1 << 30)

/* Bytes that are sealed with, or bound to, the others. */
struct wg_aead_use {
    const uint8_t *key;   /* WG_AEAD_KEY bytes */
    const uint8_t *nonce; /* WG_AEAD_NONCE bytes */
    const void *bound;    /* not stored, but must be the same when opened; NULL: nothing */
    size_t bound_len;
};

/* Writes len + WG_AEAD_TAG bytes to out. At most WG_AEAD_MAX at once. out may not overlap data. */
WG_MUST_CHECK bool wg_aead_seal(const struct wg_aead_use *use, const void *data, size_t len,
                                uint8_t *out, struct wg_error *err);
/* Writes len - WG_AEAD_TAG bytes to out. WG_E_VERIFY when they are not what was sealed so, and out
 * is wiped: nothing unauthenticated comes out. out may not overlap sealed. */
WG_MUST_CHECK bool wg_aead_open(const struct wg_aead_use *use, const uint8_t *sealed, size_t len,
                                uint8_t *out, struct wg_error *err);

#endif
