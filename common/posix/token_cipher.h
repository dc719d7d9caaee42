/* token_cipher.h: an AES-256 key behind PKCS#11 that seals short texts and never leaves its token:
 * AES-GCM (CKM_AES_GCM), NIST SP 800-38D. Not shared between threads. */
#ifndef WG_COMMON_POSIX_TOKEN_CIPHER_H
#define WG_COMMON_POSIX_TOKEN_CIPHER_H

#include "common/posix/passphrase.h"

#include <stddef.h>
#include <stdint.h>

#define WG_TOKEN_CIPHER_ID 16  /* bytes of the key's CKA_ID */
#define WG_TOKEN_CIPHER_IV 12  /* bytes, another for each text */
#define WG_TOKEN_CIPHER_TAG 16 /* bytes that sealing adds, behind the others */
#define WG_TOKEN_CIPHER_MAX 256

struct wg_token_cipher;

/* uri: pkcs11:, as signing_key.h has it; pin gives the PIN where that names no pin-source. Tries
 * the key. NULL on failure: WG_E_NOT_FOUND: no such module, token or key; WG_E_DENIED: the PIN, or
 * the key could be taken out; WG_E_USAGE: another kind of key, or its CKA_ID is not of
 * WG_TOKEN_CIPHER_ID bytes; WG_E_IO: the token did not do it. */
WG_MUST_CHECK struct wg_token_cipher *
wg_token_cipher_open(const char *uri, const struct wg_passphrase_source *pin, struct wg_error *err);
void wg_token_cipher_free(struct wg_token_cipher *cipher); /* NULL is fine */
/* WG_TOKEN_CIPHER_ID bytes. */
const uint8_t *wg_token_cipher_id(const struct wg_token_cipher *cipher);

/* Writes iv, and len + WG_TOKEN_CIPHER_TAG bytes to out; bound is not stored, but must be the same
 * when it is opened. At most WG_TOKEN_CIPHER_MAX bytes. Opened once before it is given out. WG_E_IO
 * when the token does not do it: it went away. */
WG_MUST_CHECK bool wg_token_cipher_seal(struct wg_token_cipher *cipher, const char *bound,
                                        const void *data, size_t len,
                                        uint8_t iv[WG_TOKEN_CIPHER_IV], uint8_t *out,
                                        struct wg_error *err);
/* Writes len - WG_TOKEN_CIPHER_TAG bytes to out; nothing when it fails. WG_E_VERIFY when they are
 * not what was sealed so; WG_E_IO as above. */
WG_MUST_CHECK bool wg_token_cipher_unseal(struct wg_token_cipher *cipher, const char *bound,
                                          const uint8_t iv[WG_TOKEN_CIPHER_IV],
                                          const uint8_t *sealed, size_t len, uint8_t *out,
                                          struct wg_error *err);

/* Has the token make such a key, with the URI's object= for a name and a random CKA_ID, which out
 * gets. WG_E_CONFLICT when there is an object of that name. */
WG_MUST_CHECK bool wg_token_cipher_make(const char *uri, const struct wg_passphrase_source *pin,
                                        uint8_t out[WG_TOKEN_CIPHER_ID], struct wg_error *err);
/* Before a token that went away is opened again; see wg_token_module_end(). */
void wg_token_cipher_restart(const char *uri);

#endif
