/* signing_key.h: a secret key that signs, wherever it lives:
 *   FILE         PEM "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" (PKCS#8), mode 600
 *   pkcs11:URI   in a token (RFC 7512): token, object, id, serial; ?module-path=, &pin-source=
 * Ed25519 or ECDSA over P-256. Not shared between threads. */
#ifndef WG_COMMON_POSIX_SIGNING_KEY_H
#define WG_COMMON_POSIX_SIGNING_KEY_H

#include "common/identity_key.h"
#include "common/posix/passphrase.h"

struct wg_signing_key;

/* secret gives the passphrase, or the PIN where the URI has no pin-source; asked for only when
 * needed. NULL on failure: WG_E_NOT_FOUND when there is no such file, token or object; WG_E_DENIED
 * when others may read it or the PIN is wrong; WG_E_VERIFY for a wrong passphrase. */
WG_MUST_CHECK struct wg_signing_key *wg_signing_key_open(const char *where,
                                                         const struct wg_passphrase_source *secret,
                                                         struct wg_error *err);
void wg_signing_key_free(struct wg_signing_key *key); /* wipes; NULL is fine */

const struct wg_identity_public *wg_signing_key_public(const struct wg_signing_key *key);
/* Ed25519: 64 bytes; P-256: ECDSA with SHA-256 in DER. Checked before it is given out. */
WG_MUST_CHECK bool wg_signing_key_sign(struct wg_signing_key *key, const void *data, size_t len,
                                       uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                                       struct wg_error *err);

/* Makes a key in a new file, mode 600, under a passphrase of at least 8 bytes (NULL: in the clear,
 * for machines that sign alone). WG_E_CONFLICT when the file is there. */
WG_MUST_CHECK bool wg_signing_key_make(const char *file, enum wg_identity_kind kind,
                                       const struct wg_passphrase *passphrase,
                                       struct wg_identity_public *out, struct wg_error *err);

#endif
