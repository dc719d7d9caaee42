/* x25519.c: X25519 by wolfCrypt.
 *
 * wolfSSL 5.5.4 hands out an all-zero shared secret, and refuses secrets that are not clamped; for
 * RFC 7748 the function itself clamps. The unused top bit of a public value is cleared here too, so
 * that it does not depend on which of wolfCrypt's implementations was built. */
#include "common/crypt/x25519.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

static const uint8_t BASE_POINT[WG_X25519_SIZE] = {9};

_Static_assert(WG_X25519_SIZE == CURVE25519_KEYSIZE, "size of a key");

static bool multiply(const uint8_t secret[WG_X25519_SIZE], const uint8_t point[WG_X25519_SIZE],
                     uint8_t out[WG_X25519_SIZE], struct wg_error *err)
{
    uint8_t scalar[WG_X25519_SIZE], u[WG_X25519_SIZE];
    memcpy(scalar, secret, sizeof scalar);
    memcpy(u, point, sizeof u);
    scalar[0] &= 0xf8;
    scalar[31] = (uint8_t)((scalar[31] & 0x7f) | 0x40);
    u[31] &= 0x7f;
    int code =
        wc_curve25519_generic(WG_X25519_SIZE, out, WG_X25519_SIZE, scalar, WG_X25519_SIZE, u);
    explicit_bzero(scalar, sizeof scalar);
    return code == 0 ||
           wg_fail(err, WG_E_FAILED, "X25519: %s (wolfCrypt %d)", wc_GetErrorString(code), code);
}

bool wg_x25519_public(const uint8_t secret[WG_X25519_SIZE], uint8_t out[WG_X25519_SIZE],
                      struct wg_error *err)
{
    return multiply(secret, BASE_POINT, out, err);
}

bool wg_x25519_shared(const uint8_t secret[WG_X25519_SIZE],
                      const uint8_t their_public[WG_X25519_SIZE], uint8_t out[WG_X25519_SIZE],
                      struct wg_error *err)
{
    if (!multiply(secret, their_public, out, err)) return false;
    /* in constant time: the bytes are secret */
    unsigned any = 0;
    for (size_t i = 0; i < WG_X25519_SIZE; i++) any |= out[i];
    if (any != 0) return true;
    explicit_bzero(out, WG_X25519_SIZE);
    return wg_fail(err, WG_E_VERIFY,
                   "X25519: the public value is a point of small order: "
                   "nothing secret can be shared with it");
}
