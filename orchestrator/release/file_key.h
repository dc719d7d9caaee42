/* file_key.h: the file keys of artifacts at rest: each wrapped under the key-encryption key, in an
 * envelope of its own, bound to its artifact. A new key-encryption key means new envelopes; the
 * bodies of the artifacts stay as they are.
 *
 * An envelope is one line of canonical JSON. Its format says what it is sealed with; format, kek
 * and artifact are bound to it.
 *   wavegate-file-key-1  a file's key: {"artifact", "format", "kek", "salt", "sealed"}. The sealing
 *                        key is made of it and the salt, so each is used once (HKDF-SHA-256,
 *                        ChaCha20-Poly1305 with a nonce of zero)
 *   wavegate-file-key-2  a token's key: {"artifact", "format", "iv", "kek", "sealed"}: AES-256-GCM
 */
#ifndef WG_ORCHESTRATOR_RELEASE_FILE_KEY_H
#define WG_ORCHESTRATOR_RELEASE_FILE_KEY_H

#include "common/age/key.h"
#include "common/buf.h"
#include "orchestrator/release/kek.h"

#define FILE_KEY_ENVELOPE_MAX 1024

/* The key-encryption keys that are in use: while they change, the old and the new. Borrowed. */
struct kek_ring {
    const struct kek *keks;
    size_t count;
};

/* artifact: a name (wg_name_is_valid), such as the hash of its body. Appends to out. */
WG_MUST_CHECK bool file_key_wrap(const struct kek *kek, const char *artifact,
                                 const struct age_file_key *key, struct wg_buf *out,
                                 struct wg_error *err);
/* WG_E_BAD_INPUT: no envelope; WG_E_NOT_FOUND: wrapped under a key that the ring lacks;
 * WG_E_VERIFY: changed, or of another artifact; WG_E_IO: the token does not do it. out is filled
 * only when all holds. */
WG_MUST_CHECK bool file_key_unwrap(struct kek_ring ring, const char *artifact, const char *text,
                                   size_t len, struct age_file_key *out, struct wg_error *err);
/* The same key in a new envelope, under `to`. */
WG_MUST_CHECK bool file_key_rewrap(struct kek_ring ring, const struct kek *to, const char *artifact,
                                   const char *text, size_t len, struct wg_buf *out,
                                   struct wg_error *err);
/* The id of the key-encryption key that an envelope is wrapped under, which is not checked here. */
WG_MUST_CHECK bool file_key_kek(const char *text, size_t len, char out[KEK_ID],
                                struct wg_error *err);

#endif
