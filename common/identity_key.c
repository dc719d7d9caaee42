/* identity_key.c: Ed25519 through common/crypto, P-256 through wolfCrypt. */
#include <wolfssl/options.h>

#include "common/identity_key.h"

#include "common/pem.h"
#include "common/text.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include <string.h>

#define DER_MAX 512
#define PUBLIC_LABEL "PUBLIC KEY"

_Static_assert(WG_ED25519_SECRET == WG_P256_SECRET, "one field holds either secret");

/* The DER before the raw key: AlgorithmIdentifier, BIT STRING without unused bits (RFC 8410,
 * RFC 5480). */
static const uint8_t ed25519_spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const uint8_t p256_spki[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const uint8_t ed25519_algorithm[] = {0x30, 5, 0x06, 3, 0x2b, 0x65, 0x70};
static const uint8_t ecdsa_algorithm[] = {0x30, 10,   0x06, 8,    0x2a, 0x86,
                                          0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

static bool fail_code(struct wg_error *err, const char *what, int code)
{
    return wg_fail(err, WG_E_FAILED, "%s: wolfCrypt says %d", what, code);
}

void wg_identity_clear(struct wg_identity_key *key)
{
    explicit_bzero(key, sizeof *key);
}

static void take_ed25519(const struct wg_secret_key *from, struct wg_identity_key *out)
{
    *out = (struct wg_identity_key){.public_key = {WG_IDENTITY_ED25519, WG_ED25519_PUBLIC, {0}}};
    memcpy(out->public_key.bytes, from->public_key.bytes, WG_ED25519_PUBLIC);
    memcpy(out->secret, from->seed, sizeof out->secret);
    memcpy(out->pair, from->pair, sizeof out->pair);
}

static bool take_p256(ecc_key *key, struct wg_identity_key *out, struct wg_error *err)
{
    word32 point = WG_P256_POINT, secret = WG_P256_SECRET;
    *out = (struct wg_identity_key){.public_key = {WG_IDENTITY_P256, WG_P256_POINT, {0}}};
    int code = wc_ecc_export_x963(key, out->public_key.bytes, &point);
    if (code == 0) code = wc_ecc_export_private_only(key, out->secret, &secret);
    if (code == 0 && point == WG_P256_POINT && secret == WG_P256_SECRET) return true;
    wg_identity_clear(out);
    return fail_code(err, "a P-256 key", code);
}

static bool make_p256(struct wg_identity_key *out, struct wg_error *err)
{
    WC_RNG rng;
    ecc_key key;
    int code = wc_InitRng(&rng);
    if (code != 0) return fail_code(err, "randomness", code);
    code = wc_ecc_init(&key);
    if (code == 0) code = wc_ecc_make_key_ex(&rng, WG_P256_SECRET, &key, ECC_SECP256R1);
    bool ok = code == 0 ? take_p256(&key, out, err) : fail_code(err, "making a P-256 key", code);
    (void)wc_ecc_free(&key);
    (void)wc_FreeRng(&rng);
    return ok;
}

bool wg_identity_make(enum wg_identity_kind kind, struct wg_identity_key *out, struct wg_error *err)
{
    struct wg_secret_key ed;
    if (kind == WG_IDENTITY_P256) return make_p256(out, err);
    bool ok = wg_key_make(&ed, err);
    if (ok) take_ed25519(&ed, out);
    wg_key_clear(&ed);
    return ok;
}

static bool p256_from_scalar(const uint8_t *scalar, struct wg_identity_key *out,
                             struct wg_error *err)
{
    ecc_key key;
    int code = wc_ecc_init(&key);
    if (code == 0)
        code = wc_ecc_import_private_key_ex(scalar, WG_P256_SECRET, NULL, 0, &key, ECC_SECP256R1);
    if (code == 0) code = wc_ecc_make_pub(&key, NULL);
    bool ok = code == 0 ? take_p256(&key, out, err)
                        : wg_fail(err, WG_E_BAD_INPUT, "this is no P-256 scalar (%d)", code);
    (void)wc_ecc_free(&key);
    return ok;
}

bool wg_identity_from_secret(enum wg_identity_kind kind, const uint8_t secret[WG_P256_SECRET],
                             struct wg_identity_key *out, struct wg_error *err)
{
    struct wg_secret_key ed;
    if (kind == WG_IDENTITY_P256) return p256_from_scalar(secret, out, err);
    bool ok = wg_secret_key_from_seed(secret, &ed, err);
    if (ok) take_ed25519(&ed, out);
    wg_key_clear(&ed);
    return ok;
}

/* The scalar with its point, as wolfCrypt wants them. */
static int load_p256(const struct wg_identity_key *from, ecc_key *key)
{
    int code = wc_ecc_init(key);
    if (code != 0) return code;
    return wc_ecc_import_private_key_ex(from->secret, WG_P256_SECRET, from->public_key.bytes,
                                        WG_P256_POINT, key, ECC_SECP256R1);
}

static bool p256_from_der(const uint8_t *der, word32 len, struct wg_identity_key *out,
                          struct wg_error *err)
{
    ecc_key key;
    word32 at = 0;
    int code = wc_ecc_init(&key);
    if (code == 0) code = wc_EccPrivateKeyDecode(der, &at, &key, len);
    if (code == 0 && wc_ecc_get_curve_id(key.idx) != ECC_SECP256R1) code = BAD_FUNC_ARG;
    /* a key without its public half has it computed */
    if (code == 0 && key.type == ECC_PRIVATEKEY_ONLY) code = wc_ecc_make_pub(&key, NULL);
    bool ok = code == 0 ? take_p256(&key, out, err)
                        : wg_fail(err, WG_E_BAD_INPUT,
                                  "neither an Ed25519 nor a P-256 key in PKCS#8 form (%d)", code);
    (void)wc_ecc_free(&key);
    return ok;
}

bool wg_identity_from_pem(const char *pem, size_t len, struct wg_identity_key *out,
                          struct wg_error *err)
{
    struct wg_secret_key ed;
    uint8_t der[DER_MAX];
    if (len == 0 || len > (size_t)1 << 20) return wg_fail(err, WG_E_LIMIT, "no key in PEM form");
    bool is_ed = wg_secret_key_from_pem(pem, len, &ed, NULL);
    if (is_ed) take_ed25519(&ed, out);
    wg_key_clear(&ed);
    if (is_ed) return true;
    if (wg_pkcs8_is_encrypted(pem, len))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "the key is encrypted; decrypt it with: openssl pkey -in FILE");
    int der_len = wc_KeyPemToDer((const byte *)pem, (int)len, der, sizeof der, NULL);
    bool ok = der_len > 0 ? p256_from_der(der, (word32)der_len, out, err)
                          : wg_fail(err, WG_E_BAD_INPUT, "no key in PEM form (%d)", der_len);
    explicit_bzero(der, sizeof der);
    return ok;
}

static bool p256_to_pem(const struct wg_identity_key *key, char *out, struct wg_error *err)
{
    ecc_key ecc;
    uint8_t der[DER_MAX];
    word32 len = sizeof der;
    int code = load_p256(key, &ecc);
    if (code == 0) code = wc_EccKeyToPKCS8(&ecc, der, &len);
    if (code > 0)
        code = wc_DerToPem(der, len, (byte *)out, WG_IDENTITY_PEM_MAX - 1, PKCS8_PRIVATEKEY_TYPE);
    if (code > 0) out[code] = '\0';
    (void)wc_ecc_free(&ecc);
    explicit_bzero(der, sizeof der);
    return code > 0 || fail_code(err, "writing a P-256 key", code);
}

bool wg_identity_to_pem(const struct wg_identity_key *key, char out[WG_IDENTITY_PEM_MAX],
                        struct wg_error *err)
{
    struct wg_secret_key ed;
    if (key->public_key.kind == WG_IDENTITY_P256) return p256_to_pem(key, out, err);
    bool ok = wg_secret_key_from_seed(key->secret, &ed, err) && wg_secret_key_to_pem(&ed, out, err);
    wg_key_clear(&ed);
    return ok;
}

bool wg_identity_public_from(const uint8_t *bytes, size_t len, struct wg_identity_public *out,
                             struct wg_error *err)
{
    struct wg_public_key ed;
    if (len != WG_ED25519_PUBLIC && len != WG_P256_POINT)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "a public key of %zu bytes is neither Ed25519 nor P-256", len);
    *out = (struct wg_identity_public){
        len == WG_P256_POINT ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519, len, {0}};
    memcpy(out->bytes, bytes, len);
    if (out->kind == WG_IDENTITY_ED25519) return wg_public_key_from_bytes(bytes, &ed, err);
    return wg_p256_point_is_sound(bytes) ||
           wg_fail(err, WG_E_VERIFY, "the P-256 public key is no point of the curve");
}

void wg_identity_spki(const struct wg_identity_public *key, struct wg_buf *out)
{
    if (key->kind == WG_IDENTITY_P256)
        wg_buf_add(out, p256_spki, sizeof p256_spki);
    else
        wg_buf_add(out, ed25519_spki, sizeof ed25519_spki);
    wg_buf_add(out, key->bytes, key->len);
}

bool wg_identity_from_spki(const void *der, size_t len, struct wg_identity_public *out,
                           struct wg_error *err)
{
    const uint8_t *bytes = der;
    if (len == sizeof p256_spki + WG_P256_POINT && memcmp(bytes, p256_spki, sizeof p256_spki) == 0)
        return wg_identity_public_from(bytes + sizeof p256_spki, WG_P256_POINT, out, err);
    if (len == sizeof ed25519_spki + WG_ED25519_PUBLIC &&
        memcmp(bytes, ed25519_spki, sizeof ed25519_spki) == 0)
        return wg_identity_public_from(bytes + sizeof ed25519_spki, WG_ED25519_PUBLIC, out, err);
    return wg_fail(err, WG_E_BAD_INPUT, "the public key is neither Ed25519 nor P-256");
}

bool wg_identity_public_from_pem(const char *pem, size_t len, struct wg_identity_public *out,
                                 struct wg_error *err)
{
    uint8_t der[DER_MAX];
    size_t der_len = 0;
    if (!wg_pem_get(pem, len, PUBLIC_LABEL, der, sizeof der, &der_len))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "no " PUBLIC_LABEL " in PEM form; make one with: "
                       "openssl pkey -in SECRET -pubout");
    return wg_identity_from_spki(der, der_len, out, err);
}

bool wg_identity_public_to_pem(const struct wg_identity_public *key, char out[WG_IDENTITY_PEM_MAX],
                               struct wg_error *err)
{
    struct wg_buf spki, pem;
    wg_buf_init(&spki, WG_SPKI_MAX);
    wg_buf_init(&pem, WG_IDENTITY_PEM_MAX - 1);
    wg_identity_spki(key, &spki);
    bool ok = wg_buf_check(&spki, err, "public key") &&
              wg_pem_put(PUBLIC_LABEL, spki.data, spki.len, &pem, err) &&
              wg_copy(out, WG_IDENTITY_PEM_MAX, wg_buf_str(&pem));
    wg_buf_clear(&spki);
    wg_buf_clear(&pem);
    return ok;
}

bool wg_identity_keyid(const struct wg_identity_public *key, char hex[WG_SHA256_HEX],
                       struct wg_error *err)
{
    return wg_sha256_of(key->bytes, key->len, hex, err);
}

bool wg_identity_id(const struct wg_identity_public *key, char hex[WG_SHA256_HEX],
                    struct wg_error *err)
{
    struct wg_buf spki;
    wg_buf_init(&spki, WG_SPKI_MAX);
    wg_identity_spki(key, &spki);
    bool ok = wg_buf_check(&spki, err, "public key") && wg_sha256_of(spki.data, spki.len, hex, err);
    wg_buf_clear(&spki);
    return ok;
}

bool wg_identity_same(const struct wg_identity_public *a, const struct wg_identity_public *b)
{
    return a->kind == b->kind && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

void wg_identity_algorithm(enum wg_identity_kind kind, struct wg_buf *out)
{
    if (kind == WG_IDENTITY_P256)
        wg_buf_add(out, ecdsa_algorithm, sizeof ecdsa_algorithm);
    else
        wg_buf_add(out, ed25519_algorithm, sizeof ed25519_algorithm);
}

static bool sign_p256(const struct wg_identity_key *key, const void *data, size_t len, uint8_t *out,
                      size_t *out_len, struct wg_error *err)
{
    WC_RNG rng;
    ecc_key ecc;
    uint8_t digest[WG_SHA256_SIZE];
    word32 used = WG_IDENTITY_SIGNATURE_MAX;
    if (!wg_sha256_digest(data, len, digest, err)) return false;
    int code = wc_InitRng(&rng);
    if (code != 0) return fail_code(err, "randomness", code);
    code = load_p256(key, &ecc);
    if (code == 0) code = wc_ecc_sign_hash(digest, sizeof digest, out, &used, &rng, &ecc);
    (void)wc_ecc_free(&ecc);
    (void)wc_FreeRng(&rng);
    *out_len = used;
    return code == 0 || fail_code(err, "signing", code);
}

bool wg_identity_sign(const struct wg_identity_key *key, const void *data, size_t len,
                      uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *err)
{
    struct wg_secret_key ed;
    if (key->public_key.kind == WG_IDENTITY_P256)
        return sign_p256(key, data, len, out, out_len, err);
    /* both halves are here: wg_sign() finds out whether they belong together */
    memcpy(ed.seed, key->secret, sizeof ed.seed);
    memcpy(ed.public_key.bytes, key->public_key.bytes, sizeof ed.public_key.bytes);
    memcpy(ed.pair, key->pair, sizeof ed.pair);
    bool ok = wg_sign(&ed, data, len, out, err);
    wg_key_clear(&ed);
    *out_len = WG_ED25519_SIGNATURE;
    return ok;
}

static bool fail_signature(const struct wg_identity_public *key, struct wg_error *err)
{
    char id[WG_SHA256_HEX];
    return wg_identity_keyid(key, id, err) &&
           wg_fail(err, WG_E_VERIFY, "the signature of key %.16s does not hold", id);
}

bool wg_identity_verify(const struct wg_identity_public *key, const void *data, size_t len,
                        const uint8_t *signature, size_t signature_len, struct wg_error *err)
{
    struct wg_public_key ed;
    if (key->kind == WG_IDENTITY_P256)
        return wg_p256_verify(key->bytes, data, len, signature, signature_len) ||
               fail_signature(key, err);
    if (signature_len != WG_ED25519_SIGNATURE) return fail_signature(key, err);
    return wg_public_key_from_bytes(key->bytes, &ed, err) &&
           wg_verify(&ed, data, len, signature, err);
}
