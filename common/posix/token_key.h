/* token_key.h: a secret key behind PKCS#11 that signs and never leaves its token. Inner part of
 * signing_key. */
#ifndef WG_COMMON_POSIX_TOKEN_KEY_H
#define WG_COMMON_POSIX_TOKEN_KEY_H

#include "common/identity_key.h"
#include "common/posix/passphrase.h"

struct wg_token_key;

/* See wg_signing_key_open(). Where the PIN is in a file (pin-source, or pin->file) a token that
 * went away and came back is found again, by opening and by signing, at most once a second: the
 * whole module is started anew for it (wg_token_module_end), so keys of one module belong to one
 * thread, or are used under one lock. A PIN that is refused is not tried again. */
WG_MUST_CHECK struct wg_token_key *
wg_token_key_open(const char *uri, const struct wg_passphrase_source *pin, struct wg_error *err);
void wg_token_key_free(struct wg_token_key *key); /* NULL is fine */
const struct wg_identity_public *wg_token_key_public(const struct wg_token_key *key);
WG_MUST_CHECK bool wg_token_key_sign(struct wg_token_key *key, const void *data, size_t len,
                                     uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                                     struct wg_error *err);

/* The same of a digest that was made already; P-256 alone. */
WG_MUST_CHECK bool wg_token_key_sign_digest(struct wg_token_key *key, const void *digest,
                                            size_t len, uint8_t out[WG_IDENTITY_SIGNATURE_MAX],
                                            size_t *out_len, struct wg_error *err);

#endif
