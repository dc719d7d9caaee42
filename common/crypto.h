/* crypto.h: the few primitives that we use, all of wolfCrypt, behind names that say what they are
 * for. Deterministic but for wg_random and key making. Thread-safe: no shared state. */
#ifndef WG_COMMON_CRYPTO_H
#define WG_COMMON_CRYPTO_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define WG_SHA256_SIZE 32
#define WG_SHA256_HEX 65 /* with NUL */
#define WG_ED25519_PUBLIC 32
#define WG_ED25519_SECRET 32 /* the seed of RFC 8032 */
#define WG_ED25519_SIGNATURE 64
#define WG_KEY_PEM_MAX 512

WG_MUST_CHECK bool wg_random(void *out, size_t len, struct wg_error *err);

/* Streaming SHA-256 (FIPS 180-4). */
struct wg_sha256 {
    union {
        _Alignas(16) uint8_t bytes[256]; /* wolfCrypt's wc_Sha256; crypto.c asserts that it fits */
    } state;
};
WG_MUST_CHECK bool wg_sha256_init(struct wg_sha256 *sha, struct wg_error *err);
WG_MUST_CHECK bool wg_sha256_add(struct wg_sha256 *sha, const void *data, size_t len,
                                 struct wg_error *err);
WG_MUST_CHECK bool wg_sha256_end(struct wg_sha256 *sha, uint8_t out[WG_SHA256_SIZE],
                                 struct wg_error *err);
void wg_sha256_clear(struct wg_sha256 *sha);
/* Of one piece: as bytes, and in hex. */
WG_MUST_CHECK bool wg_sha256_digest(const void *data, size_t len, uint8_t out[WG_SHA256_SIZE],
                                    struct wg_error *err);
WG_MUST_CHECK bool wg_sha256_of(const void *data, size_t len, char hex[WG_SHA256_HEX],
                                struct wg_error *err);

/* Ed25519 (RFC 8032): one half of common/identity_key.h, which is what others use. */
struct wg_public_key {
    uint8_t bytes[WG_ED25519_PUBLIC];
    char id[WG_SHA256_HEX]; /* hex SHA-256 of bytes: the key id in signatures */
};
struct wg_secret_key {
    uint8_t seed[WG_ED25519_SECRET];
    struct wg_public_key public_key;
    /* SHA-256 of seed and public half, which were seen to belong together. wg_sign() computes the
     * public half anew where this does not hold. */
    uint8_t pair[WG_SHA256_SIZE];
};

WG_MUST_CHECK bool wg_key_make(struct wg_secret_key *out, struct wg_error *err);
void wg_key_clear(struct wg_secret_key *key); /* wipes */
/* From the 32 bytes of RFC 8032. WG_E_VERIFY for a public key that no honest signer has: a point of
 * small order, or an encoding that is not the canonical one. */
WG_MUST_CHECK bool wg_secret_key_from_seed(const uint8_t seed[WG_ED25519_SECRET],
                                           struct wg_secret_key *out, struct wg_error *err);
WG_MUST_CHECK bool wg_public_key_from_bytes(const uint8_t bytes[WG_ED25519_PUBLIC],
                                            struct wg_public_key *out, struct wg_error *err);
/* PEM: PKCS#8 "PRIVATE KEY" (RFC 8410), as openssl writes it. */
WG_MUST_CHECK bool wg_secret_key_from_pem(const char *pem, size_t len, struct wg_secret_key *out,
                                          struct wg_error *err);
WG_MUST_CHECK bool wg_secret_key_to_pem(const struct wg_secret_key *key, char out[WG_KEY_PEM_MAX],
                                        struct wg_error *err);

WG_MUST_CHECK bool wg_sign(const struct wg_secret_key *key, const void *data, size_t len,
                           uint8_t out[WG_ED25519_SIGNATURE], struct wg_error *err);
/* False with WG_E_VERIFY when the signature does not hold. Refuses S >= L (FACTS: wolfSSL 5.5.4
 * does not) and small-order public keys. */
WG_MUST_CHECK bool wg_verify(const struct wg_public_key *key, const void *data, size_t len,
                             const uint8_t signature[WG_ED25519_SIGNATURE], struct wg_error *err);

#endif
