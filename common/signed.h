/* signed.h: the envelope of everything that is signed, in TUF's shape:
 *   {"signed": {...}, "signatures": [{"keyid": "<hex>", "sig": "<hex>"}]}
 * The signature is over the canonical JSON of "signed". Pure. */
#ifndef WG_COMMON_SIGNED_H
#define WG_COMMON_SIGNED_H

#include "common/crypto.h"
#include "common/json.h"

#define WG_SIGNATURES_MAX 16

/* New reference to the envelope around body (borrowed), signed by key. NULL on failure. */
WG_MUST_CHECK json_t *wg_signed_make(const json_t *body, const struct wg_secret_key *key,
                                     struct wg_error *err);

/* Checks that at least one of keys has signed; *body is then borrowed from envelope. WG_E_VERIFY
 * when no key of ours has signed, or a signature by one of ours does not hold. */
WG_MUST_CHECK bool wg_signed_check(const json_t *envelope, const struct wg_public_key *keys,
                                   size_t key_count, json_t **body, struct wg_error *err);

#endif
