/* pkcs8.h: secret keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958) in PBES2 (RFC 8018)
 * with AES-CBC, as openssl writes and reads it. Written with scrypt (RFC 7914); read with scrypt or
 * PBKDF2. Pure but for the random salt. */
#ifndef WG_COMMON_PKCS8_H
#define WG_COMMON_PKCS8_H

#include "common/pem.h"

#include <stdint.h>

#define WG_PKCS8_MAX WG_PEM_DER_MAX /* bytes of DER, encrypted or not */
#define WG_PASSPHRASE_MAX 1024      /* bytes */

/* Appends the PEM text "ENCRYPTED PRIVATE KEY" of the key, a PrivateKeyInfo in DER. */
WG_MUST_CHECK bool wg_pkcs8_encrypt(const void *der, size_t len, const char *passphrase,
                                    size_t passphrase_len, struct wg_buf *pem,
                                    struct wg_error *err);

/* Appends the PEM text "PRIVATE KEY" of what was encrypted; the caller wipes it. WG_E_VERIFY for a
 * wrong passphrase; WG_E_BAD_INPUT for another form or method; WG_E_LIMIT when deriving the key
 * would cost more than 256 MiB or 10,000,000 rounds. */
WG_MUST_CHECK bool wg_pkcs8_decrypt(const char *pem, size_t len, const char *passphrase,
                                    size_t passphrase_len, struct wg_buf *out,
                                    struct wg_error *err);

#endif
