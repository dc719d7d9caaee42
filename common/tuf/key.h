/* key.h: a public key as TUF metadata writes it, and what it says of a signature:
 *   ed25519  scheme "ed25519"; 32 bytes in hex; signature of 64 bytes
 *   ecdsa    (also under its older name ecdsa-sha2-nistp256) scheme "ecdsa-sha2-nistp256"; PEM
 *            SubjectPublicKeyInfo; signature as ASN.1 DER
 *   rsa      scheme "rsassa-pss-sha256", 2048 to 4096 bits, salt of 32 bytes; PEM
 *            SubjectPublicKeyInfo. Read, because the specification names it; not made by us.
 * Pure; a key owns no memory. */
#ifndef WG_COMMON_TUF_KEY_H
#define WG_COMMON_TUF_KEY_H

#include "common/identity_key.h"
#include "common/json.h"

#define TUF_KEY_BYTES_MAX 550 /* RSA of 4096 bits */
#define TUF_SIGNATURE_MAX 512 /* bytes: RSA of 4096 bits; Ed25519 64, P-256 at most 72 */
#define TUF_KEY_PEM_MAX 1024  /* with NUL */

enum tuf_key_kind { TUF_KEY_ED25519, TUF_KEY_P256, TUF_KEY_RSA };

struct tuf_key {
    enum tuf_key_kind kind;
    size_t len; /* of bytes */
    /* Ed25519: the 32 bytes of RFC 8032; P-256: the uncompressed point; RSA: the whole
     * SubjectPublicKeyInfo, in DER. */
    uint8_t bytes[TUF_KEY_BYTES_MAX];
};

/* From what bytes holds. WG_E_VERIFY for a weak Ed25519 key, a point that is not on the curve, an
 * RSA key of another size or not in DER. */
WG_MUST_CHECK bool tuf_key_from_bytes(enum tuf_key_kind kind, const uint8_t *bytes, size_t len,
                                      struct tuf_key *out, struct wg_error *err);
/* The same key, in TUF's terms. */
WG_MUST_CHECK bool tuf_key_from_identity(const struct wg_identity_public *from, struct tuf_key *out,
                                         struct wg_error *err);
/* From a PEM "PUBLIC KEY" of any kind, as openssl writes it. */
WG_MUST_CHECK bool tuf_key_from_pem(const char *pem, size_t len, struct tuf_key *out,
                                    struct wg_error *err);
/* With lines of 64 and a last newline, as openssl and python cryptography write it. */
WG_MUST_CHECK bool tuf_key_to_pem(const struct tuf_key *key, char out[TUF_KEY_PEM_MAX],
                                  struct wg_error *err);

/* From a key object {"keytype", "scheme", "keyval": {"public"}}; further fields are ignored.
 * WG_E_BAD_INPUT when it is not of that shape; WG_E_NOT_FOUND when it is, but of a type and scheme
 * that are not known here; WG_E_VERIFY as above. */
WG_MUST_CHECK bool tuf_key_from_json(const json_t *object, struct tuf_key *out,
                                     struct wg_error *err);
/* New reference to the key object, or NULL. */
WG_MUST_CHECK json_t *tuf_key_to_json(const struct tuf_key *key, struct wg_error *err);
/* The id that securesystemslib gives it: hex SHA-256 of the key object's canonical JSON. Whoever
 * reads metadata takes ids as mere names and does not make them. */
WG_MUST_CHECK bool tuf_key_id(const struct tuf_key *key, char id[WG_SHA256_HEX],
                              struct wg_error *err);

/* The same key, whatever it is called? */
bool tuf_key_equal(const struct tuf_key *a, const struct tuf_key *b);

/* False with WG_E_VERIFY when the signature does not hold. */
WG_MUST_CHECK bool tuf_key_verify(const struct tuf_key *key, const void *data, size_t len,
                                  const uint8_t *signature, size_t signature_len,
                                  struct wg_error *err);

#endif
