/* pkcs8.h: secret keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958) in PBES2 (RFC 8018)
 * with AES-CBC, as openssl writes and reads it. Written with scrypt (RFC 7914); read with scrypt or
 * PBKDF2. Pure but for the random salt. */
#ifndef WG_COMMON_PKCS8_H
#define WG_COMMON_PKCS8_H

#include "common/buf.h"

#include <stdint.h>

#define WG_PKCS8_MAX 2048      /* bytes of DER, encrypted or not */
#define WG_PASSPHRASE_MAX 1024 /* bytes */

/* Appends the PEM text "ENCRYPTED PRIVATE KEY" of the key, a PrivateKeyInfo in DER. */
WG_MUST_CHECK bool wg_pkcs8_encrypt(const void *der, size_t len, const char *passphrase,
                                    size_t passphrase_len, struct wg_buf *pem,
                                    struct wg_error *err);

/* Is there such a text? */
bool wg_pkcs8_is_encrypted(const char *pem, size_t len);
/* Appends the PEM text "PRIVATE KEY" of what was encrypted; the caller wipes it. WG_E_VERIFY for a
 * wrong passphrase; WG_E_BAD_INPUT for another form or method; WG_E_LIMIT when deriving the key
 * would cost more than 256 MiB or 10,000,000 rounds. */
WG_MUST_CHECK bool wg_pkcs8_decrypt(const char *pem, size_t len, const char *passphrase,
                                    size_t passphrase_len, struct wg_buf *out,
                                    struct wg_error *err);

/* Appends der as PEM with lines of 64. */
WG_MUST_CHECK bool wg_pem_put(const char *label, const void *der, size_t len, struct wg_buf *out,
                              struct wg_error *err);
/* The DER between the lines of that label; at most size bytes. False without an error when there
 * are no such lines, or what is between them is not base64. */
bool wg_pem_get(const char *pem, size_t len, const char *label, uint8_t *der, size_t size,
                size_t *der_len);

#endif
