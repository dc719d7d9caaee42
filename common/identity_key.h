/* identity_key.h: the key of whoever signs: a person, the director, an X.509 identity. Ed25519, or
 * P-256 for what knows nothing else. With the forms that certificates need of it:
 * SubjectPublicKeyInfo, AlgorithmIdentifier, signature. Thread-safe: no shared state. */
#ifndef WG_COMMON_IDENTITY_KEY_H
#define WG_COMMON_IDENTITY_KEY_H

#include "common/buf.h"
#include "common/crypto.h"
#include "common/p256.h"

#define WG_P256_SECRET 32
#define WG_SPKI_MAX 96
#define WG_IDENTITY_SIGNATURE_MAX 80
#define WG_IDENTITY_PEM_MAX 1024

enum wg_identity_kind { WG_IDENTITY_ED25519, WG_IDENTITY_P256 };

struct wg_identity_public {
    enum wg_identity_kind kind;
    size_t len; /* WG_ED25519_PUBLIC or WG_P256_POINT */
    uint8_t bytes[WG_P256_POINT];
};
struct wg_identity_key {
    struct wg_identity_public public_key;
    uint8_t secret[WG_P256_SECRET]; /* the seed, or the scalar */
    uint8_t pair[WG_SHA256_SIZE];   /* of Ed25519: as in struct wg_secret_key */
};

WG_MUST_CHECK bool wg_identity_make(enum wg_identity_kind kind, struct wg_identity_key *out,
                                    struct wg_error *err);
void wg_identity_clear(struct wg_identity_key *key); /* wipes */
/* From the seed of RFC 8032, or the scalar, big-endian. WG_E_BAD_INPUT for a scalar that is none.
 */
WG_MUST_CHECK bool wg_identity_from_secret(enum wg_identity_kind kind,
                                           const uint8_t secret[WG_P256_SECRET],
                                           struct wg_identity_key *out, struct wg_error *err);
/* PKCS#8 "PRIVATE KEY", as openssl writes it. */
WG_MUST_CHECK bool wg_identity_from_pem(const char *pem, size_t len, struct wg_identity_key *out,
                                        struct wg_error *err);
WG_MUST_CHECK bool wg_identity_to_pem(const struct wg_identity_key *key,
                                      char out[WG_IDENTITY_PEM_MAX], struct wg_error *err);

/* From the raw bytes; the kind goes by their number. WG_E_VERIFY for a weak Ed25519 key or a point
 * that is not on the curve. */
WG_MUST_CHECK bool wg_identity_public_from(const uint8_t *bytes, size_t len,
                                           struct wg_identity_public *out, struct wg_error *err);
/* Appends the SubjectPublicKeyInfo. */
void wg_identity_spki(const struct wg_identity_public *key, struct wg_buf *out);
/* Reads a SubjectPublicKeyInfo in the one form that wg_identity_spki() writes. */
WG_MUST_CHECK bool wg_identity_from_spki(const void *der, size_t len,
                                         struct wg_identity_public *out, struct wg_error *err);
/* PEM "PUBLIC KEY", as openssl writes it. WG_E_BAD_INPUT for a key of another kind, or none. */
WG_MUST_CHECK bool wg_identity_public_from_pem(const char *pem, size_t len,
                                               struct wg_identity_public *out,
                                               struct wg_error *err);
WG_MUST_CHECK bool wg_identity_public_to_pem(const struct wg_identity_public *key,
                                             char out[WG_IDENTITY_PEM_MAX], struct wg_error *err);
/* Hex SHA-256 of the raw bytes: the key id in signed envelopes (common/signed.h). */
WG_MUST_CHECK bool wg_identity_keyid(const struct wg_identity_public *key, char hex[WG_SHA256_HEX],
                                     struct wg_error *err);
/* Hex SHA-256 of the SubjectPublicKeyInfo: what pins are. */
WG_MUST_CHECK bool wg_identity_id(const struct wg_identity_public *key, char hex[WG_SHA256_HEX],
                                  struct wg_error *err);
bool wg_identity_same(const struct wg_identity_public *a, const struct wg_identity_public *b);

/* Appends the AlgorithmIdentifier of signatures by keys of that kind. */
void wg_identity_algorithm(enum wg_identity_kind kind, struct wg_buf *out);
/* Ed25519: 64 bytes; P-256: ECDSA with SHA-256 in DER. */
/* A secret key wherever it is. sign is as wg_identity_sign(). All borrowed. */
struct wg_identity_signer {
    const struct wg_identity_public *public_key;
    bool (*sign)(const void *ctx, const void *data, size_t len,
                 uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err);
    const void *ctx;
};
WG_MUST_CHECK bool wg_identity_sign(const struct wg_identity_key *key, const void *data, size_t len,
                                    uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                                    struct wg_error *err);
/* WG_E_VERIFY when the signature does not hold. Of P-256 there are always two that do:
 * common/p256.h. */
WG_MUST_CHECK bool wg_identity_verify(const struct wg_identity_public *key, const void *data,
                                      size_t len, const uint8_t *signature, size_t signature_len,
                                      struct wg_error *err);

#endif
