/* p256.h: ECDSA over P-256 with SHA-256, checking only; all of wolfCrypt. */
#ifndef WG_COMMON_TUF_P256_H
#define WG_COMMON_TUF_P256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define P256_POINT 65 /* bytes: 0x04, x, y */

/* On the curve, and not its point at infinity? */
bool p256_point_is_sound(const uint8_t point[P256_POINT]);

/* Does the ASN.1 DER signature over SHA-256 of data hold? */
bool p256_verify(const uint8_t point[P256_POINT], const void *data, size_t len,
                 const uint8_t *signature, size_t signature_len);

#endif
