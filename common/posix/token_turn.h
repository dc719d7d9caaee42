/* token_turn.h: what a device does with a key in a PKCS#11 token: one thing at a time, in whatever
 * thread, each with a session of its own. So a token that was away is found again without a new
 * process, and nothing of it is held while nothing is done. The URI (RFC 7512) says where the PIN
 * is (pin-source=); nobody is asked. */
#ifndef WG_COMMON_POSIX_TOKEN_TURN_H
#define WG_COMMON_POSIX_TOKEN_TURN_H

#include "common/identity_key.h"

/* WG_E_USAGE: a program that was built without keys in tokens (the small agent). */
WG_MUST_CHECK bool token_turn_has(struct wg_error *err);
/* WG_E_NOT_FOUND: no such token or key; WG_E_DENIED: the PIN. */
WG_MUST_CHECK bool token_turn_public(const char *uri, struct wg_identity_public *out,
                                     struct wg_error *err);
/* Checked before it is given out. */
WG_MUST_CHECK bool token_turn_sign(const char *uri, const void *data, size_t len,
                                   uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                                   struct wg_error *err);
/* Of a digest; P-256 alone. */
WG_MUST_CHECK bool token_turn_sign_digest(const char *uri, const void *digest, size_t len,
                                          uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                                          struct wg_error *err);
/* A new pair under the URI's object, which never leaves the token; one of that name goes first. */
WG_MUST_CHECK bool token_turn_make(const char *uri, enum wg_identity_kind kind,
                                   struct wg_identity_public *out, struct wg_error *err);
/* What has that name is destroyed; nothing there is fine. */
WG_MUST_CHECK bool token_turn_destroy(const char *uri, struct wg_error *err);

#endif
