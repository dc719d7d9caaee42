/* kek.h: the key-encryption key: what the file keys of artifacts are wrapped under while they are
 * at rest. It lives in
 *   FILE         32 random bytes that nobody else may read
 *   pkcs11:URI   an AES-256 key in a token (common/posix/token_cipher.h), which it never leaves
 * Not shared between threads. */
#ifndef WG_ORCHESTRATOR_RELEASE_KEK_H
#define WG_ORCHESTRATOR_RELEASE_KEK_H

#include "common/posix/passphrase.h"
#include "common/posix/token_cipher.h"

#define KEK_SIZE 32
#define KEK_ID 33 /* 16 bytes as hex, with NUL */

/* Has a token seal and open: wg_token_cipher_seal() and _unseal(). */
struct kek_token {
    bool (*seal)(void *ctx, const char *bound, const void *data, size_t len,
                 uint8_t iv[WG_TOKEN_CIPHER_IV], uint8_t *out, struct wg_error *err);
    bool (*unseal)(void *ctx, const char *bound, const uint8_t iv[WG_TOKEN_CIPHER_IV],
                   const uint8_t *sealed, size_t len, uint8_t *out, struct wg_error *err);
    void *ctx; /* borrowed */
};

struct kek {
    char id[KEK_ID]; /* stands in what it wraps. Of a file's: made of the key, so that it tells
                        nothing of it; of a token's: the key's CKA_ID. "": no key */
    uint8_t bytes[KEK_SIZE];        /* of a file's; else zero */
    struct kek_token token;         /* seal NULL: a file's */
    struct wg_token_cipher *opened; /* owned: the token's key that kek_load() opened; NULL: none */
};

WG_MUST_CHECK bool kek_from_bytes(const uint8_t bytes[KEK_SIZE], struct kek *out,
                                  struct wg_error *err);
/* Draws a key and writes it, mode 0600, durably, or has the token draw it; out gets its id alone.
 * WG_E_CONFLICT if it is there already. secret: see kek_load(). */
WG_MUST_CHECK bool kek_make(const char *where, const struct wg_passphrase_source *secret,
                            struct kek *out, struct wg_error *err);
/* secret gives the PIN where the URI has no pin-source. A file: WG_E_DENIED when others may read
 * it, WG_E_BAD_FILE when it is not 32 bytes. A token: see wg_token_cipher_open(). */
WG_MUST_CHECK bool kek_load(const char *where, const struct wg_passphrase_source *secret,
                            struct kek *out, struct wg_error *err);
void kek_clear(struct kek *kek); /* wipes, or closes */

#endif
