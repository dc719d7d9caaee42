/* x25519.h: Diffie-Hellman on Curve25519 (RFC 7748), of wolfCrypt. Pure. */
#ifndef WG_COMMON_CRYPT_X25519_H
#define WG_COMMON_CRYPT_X25519_H

#include "common/error.h"

#include <stdint.h>

#define WG_X25519_SIZE 32 /* of a secret, of a public value and of what two sides share */

/* The function X25519 with the base point: what is public of a secret. Any 32 bytes are a secret.
 */
WG_MUST_CHECK bool wg_x25519_public(const uint8_t secret[WG_X25519_SIZE],
                                    uint8_t out[WG_X25519_SIZE], struct wg_error *err);
/* What the owner of secret shares with the owner of their_public. WG_E_VERIFY when it would be all
 * zero, as it is for every point of small order: then it is no secret, and out is wiped. */
WG_MUST_CHECK bool wg_x25519_shared(const uint8_t secret[WG_X25519_SIZE],
                                    const uint8_t their_public[WG_X25519_SIZE],
                                    uint8_t out[WG_X25519_SIZE], struct wg_error *err);

#endif
