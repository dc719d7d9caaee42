/* hkdf.h: HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869), of wolfCrypt: a code that only the
 * holder of a key can make, and keys made of other keys. Pure. */
#ifndef WG_COMMON_CRYPT_HKDF_H
#define WG_COMMON_CRYPT_HKDF_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define WG_HMAC_SIZE 32
#define WG_HKDF_OUT_MAX ((size_t)255 * 32) /* RFC 5869, 2.3 */
#define WG_HKDF_IN_MAX ((size_t)1 << 20)   /* of each argument */

struct wg_bytes {
    const void *data; /* borrowed; NULL for none */
    size_t len;
};

WG_MUST_CHECK bool wg_hmac(struct wg_bytes key, struct wg_bytes data, uint8_t out[WG_HMAC_SIZE],
                           struct wg_error *err);
/* out_len bytes made of secret. The same secret, salt and info make the same bytes. */
WG_MUST_CHECK bool wg_hkdf(struct wg_bytes secret, struct wg_bytes salt, struct wg_bytes info,
                           uint8_t *out, size_t out_len, struct wg_error *err);
/* Whether two codes are equal, in a time that does not tell where they differ. */
bool wg_same_secret(const void *a, const void *b, size_t len);

#endif
