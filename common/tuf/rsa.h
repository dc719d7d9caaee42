/* rsa.h: RSASSA-PSS with SHA-256 and a salt of 32 bytes, checking only; all of wolfCrypt. Keys are
 * SubjectPublicKeyInfo in DER, 2048 to 4096 bits. */
#ifndef WG_COMMON_TUF_RSA_H
#define WG_COMMON_TUF_RSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RSA_DER_MAX 550 /* bytes: 4096 bits and 65537 */

/* Written in the one way that DER allows, and of such a size? */
bool rsa_key_is_sound(const uint8_t *der, size_t der_len);

/* Does the signature over data hold? */
bool rsa_pss_verify(const uint8_t *der, size_t der_len, const void *data, size_t len,
                    const uint8_t *signature, size_t signature_len);

#endif
