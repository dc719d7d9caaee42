/* p256.h: ECDSA over P-256 with SHA-256, checking only; all of wolfCrypt. Pure. */
#ifndef WG_COMMON_P256_H
#define WG_COMMON_P256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WG_P256_POINT 65         /* bytes, uncompressed: 0x04, x, y */
#define WG_P256_SIGNATURE_MAX 72 /* bytes of DER */

/* On the curve, and not its point at infinity? */
bool wg_p256_point_is_sound(const uint8_t point[WG_P256_POINT]);

/* Does the signature over SHA-256 of data hold? It must be the one DER spelling of two numbers
 * from 1 to the curve's order less 1 (RFC 3279, 2.2.3). There are always two that hold, (r, s) and
 * (r, n - s), and hardware makes either: whoever counts or compares must not do it by the bytes of
 * a signature. */
bool wg_p256_verify(const uint8_t point[WG_P256_POINT], const void *data, size_t len,
                    const uint8_t *signature, size_t signature_len);

/* Gives back what wolfCrypt keeps for points that this thread has met, up to 13 MB: for devices
 * when they are done, and before a thread ends. */
void wg_p256_rest(void);

#endif
