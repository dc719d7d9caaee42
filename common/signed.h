/* signed.h: the envelope of everything that is signed, in TUF's shape:
 *   {"signed": {...}, "signatures": [{"keyid": "<hex>", "sig": "<hex>"}]}
 * The signature, Ed25519 or ECDSA over P-256 in DER, is over the canonical JSON of "signed"; the
 * key id is wg_identity_keyid(). Who has signed is what counts, never the signature's bytes: those
 * of P-256 anybody can turn into others that hold as well. Pure. */
#ifndef WG_COMMON_SIGNED_H
#define WG_COMMON_SIGNED_H

#include "common/identity_key.h"
#include "common/json.h"

#define WG_SIGNATURES_MAX 16
#define WG_SIGNED_BODY_MAX ((size_t)1 << 20) /* bytes of canonical JSON under one signature */

/* New reference to the envelope around body (borrowed), signed by key. NULL on failure. */
WG_MUST_CHECK json_t *wg_signed_make(const json_t *body, const struct wg_identity_key *key,
                                     struct wg_error *err);
/* Appends the envelope as text, in one piece: what is signed goes in as it was signed. */
WG_MUST_CHECK bool wg_signed_write(const json_t *body, const struct wg_identity_key *key,
                                   struct wg_buf *out, struct wg_error *err);
/* An envelope around a signature that is made already. */
WG_MUST_CHECK json_t *wg_signed_wrap(const json_t *body, const struct wg_identity_public *key,
                                     const uint8_t *signature, size_t len, struct wg_error *err);

/* Checks that at least one of keys has signed; *body is then borrowed from envelope. WG_E_VERIFY
 * when no key of ours has signed, or a signature by one of ours does not hold. */
WG_MUST_CHECK bool wg_signed_check(const json_t *envelope, const struct wg_identity_public *keys,
                                   size_t key_count, json_t **body, struct wg_error *err);

#endif
