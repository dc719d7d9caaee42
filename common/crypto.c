/* crypto.c: random bytes, SHA-256 and Ed25519 by wolfCrypt.
 *
 * wolfSSL 5.5.4 accepts two things that RFC 8032 and good sense refuse: a signature whose scalar S
 * is not below the group order L (every signature then has twins), and public keys of small order
 * (for which signatures can be made without a secret). Both are refused here, before wolfCrypt is
 * asked. */
#include "common/crypto.h"

#include "common/text.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sha256.h>

#define RANDOM_BLOCK_MAX                                                                           \
    ((size_t)4096) /* bytes asked of wolfCrypt at once; it gives 64 KiB at most */
#define HASH_BLOCK_MAX ((size_t)1 << 30) /* wolfCrypt counts in 32 bits */
#define SIGNED_MAX ((size_t)1 << 30)     /* bytes under one signature, for the same reason */

_Static_assert(sizeof(wc_Sha256) <= sizeof(struct wg_sha256), "wc_Sha256 fits");
_Static_assert(_Alignof(wc_Sha256) <= _Alignof(struct wg_sha256), "wc_Sha256 is aligned");
_Static_assert(WG_ED25519_PUBLIC == ED25519_PUB_KEY_SIZE, "size of a public key");
_Static_assert(WG_ED25519_SECRET == ED25519_KEY_SIZE, "size of a seed");
_Static_assert(WG_ED25519_SIGNATURE == ED25519_SIG_SIZE, "size of a signature");

/* Little-endian, as in RFC 8032: the order L of the base point, and the field's prime p. */
static const uint8_t GROUP_ORDER[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
static const uint8_t FIELD_PRIME[32] = {
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};

/* The y coordinates of the eight points of small order; x only adds the sign bit. Their encodings
 * that are not canonical have y >= p and fall to that check. */
static const uint8_t SMALL_ORDER_Y[][32] = {
    {0},
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}};

static bool crypto_fail(struct wg_error *err, const char *what, int code)
{
    if (code == MEMORY_E) return wg_fail_memory(err, what);
    return wg_fail(err, WG_E_FAILED, "%s: %s (wolfCrypt %d)", what, wc_GetErrorString(code), code);
}

/* Is the little-endian number a below b? Not in constant time: both are public. */
static bool number_is_below(const uint8_t a[32], const uint8_t b[32])
{
    for (int i = 31; i >= 0; i--)
        if (a[i] != b[i]) return a[i] < b[i];
    return false;
}

static bool public_key_is_sound(const uint8_t key[WG_ED25519_PUBLIC])
{
    uint8_t y[WG_ED25519_PUBLIC];
    memcpy(y, key, sizeof y);
    y[31] &= 0x7f;
    if (!number_is_below(y, FIELD_PRIME)) return false;
    for (size_t i = 0; i < sizeof SMALL_ORDER_Y / sizeof SMALL_ORDER_Y[0]; i++)
        if (memcmp(y, SMALL_ORDER_Y[i], sizeof y) == 0) return false;
    return true;
}

bool wg_random(void *out, size_t len, struct wg_error *err)
{
    WC_RNG rng;
    int code = wc_InitRng(&rng);
    if (code != 0) return crypto_fail(err, "random bytes", code);
    uint8_t *at = out;
    while (code == 0 && len > 0) {
        size_t n = len < RANDOM_BLOCK_MAX ? len : RANDOM_BLOCK_MAX;
        code = wc_RNG_GenerateBlock(&rng, at, (word32)n);
        at += n;
        len -= n;
    }
    (void)wc_FreeRng(&rng);
    return code == 0 || crypto_fail(err, "random bytes", code);
}

static wc_Sha256 *sha_state(struct wg_sha256 *sha)
{
    return (wc_Sha256 *)(void *)sha->state.bytes;
}

bool wg_sha256_init(struct wg_sha256 *sha, struct wg_error *err)
{
    memset(sha, 0, sizeof *sha);
    int code = wc_InitSha256(sha_state(sha));
    return code == 0 || crypto_fail(err, "SHA-256", code);
}

bool wg_sha256_add(struct wg_sha256 *sha, const void *data, size_t len, struct wg_error *err)
{
    const uint8_t *at = data;
    while (len > 0) {
        size_t n = len < HASH_BLOCK_MAX ? len : HASH_BLOCK_MAX;
        int code = wc_Sha256Update(sha_state(sha), at, (word32)n);
        if (code != 0) return crypto_fail(err, "SHA-256", code);
        at += n;
        len -= n;
    }
    return true;
}

bool wg_sha256_end(struct wg_sha256 *sha, uint8_t out[WG_SHA256_SIZE], struct wg_error *err)
{
    int code = wc_Sha256Final(sha_state(sha), out);
    return code == 0 || crypto_fail(err, "SHA-256", code);
}

void wg_sha256_clear(struct wg_sha256 *sha)
{
    wc_Sha256Free(sha_state(sha));
    explicit_bzero(sha, sizeof *sha);
}

bool wg_sha256_digest(const void *data, size_t len, uint8_t out[WG_SHA256_SIZE],
                      struct wg_error *err)
{
    struct wg_sha256 sha;
    if (!wg_sha256_init(&sha, err)) return false;
    bool ok = wg_sha256_add(&sha, data, len, err) && wg_sha256_end(&sha, out, err);
    wg_sha256_clear(&sha);
    return ok;
}

bool wg_sha256_of(const void *data, size_t len, char hex[WG_SHA256_HEX], struct wg_error *err)
{
    uint8_t hash[WG_SHA256_SIZE];
    bool ok = wg_sha256_digest(data, len, hash, err);
    if (ok) wg_hex(hash, sizeof hash, hex);
    return ok;
}

bool wg_public_key_from_bytes(const uint8_t bytes[WG_ED25519_PUBLIC], struct wg_public_key *out,
                              struct wg_error *err)
{
    struct wg_public_key key;
    if (!public_key_is_sound(bytes))
        return wg_fail(err, WG_E_VERIFY,
                       "the Ed25519 public key is weak (small order or not canonical): "
                       "no honest signer has it");
    memcpy(key.bytes, bytes, sizeof key.bytes);
    if (!wg_sha256_of(key.bytes, sizeof key.bytes, key.id, err)) return false;
    *out = key;
    return true;
}

/* Both halves stand together, at the beginning. */
static bool pair_digest(const struct wg_secret_key *key, uint8_t out[WG_SHA256_SIZE],
                        struct wg_error *err)
{
    _Static_assert(offsetof(struct wg_secret_key, public_key.bytes) == WG_ED25519_SECRET,
                   "the public half follows the secret one");
    return wg_sha256_digest(key, WG_ED25519_SECRET + WG_ED25519_PUBLIC, out, err);
}

bool wg_secret_key_from_seed(const uint8_t seed[WG_ED25519_SECRET], struct wg_secret_key *out,
                             struct wg_error *err)
{
    uint8_t public_bytes[WG_ED25519_PUBLIC];
    ed25519_key key;
    int code = wc_ed25519_init(&key);
    if (code != 0) return crypto_fail(err, "Ed25519 key", code);
    code = wc_ed25519_import_private_only(seed, WG_ED25519_SECRET, &key);
    if (code == 0) code = wc_ed25519_make_public(&key, public_bytes, sizeof public_bytes);
    wc_ed25519_free(&key);
    if (code != 0) return crypto_fail(err, "Ed25519 key", code);
    if (!wg_public_key_from_bytes(public_bytes, &out->public_key, err)) return false;
    memcpy(out->seed, seed, WG_ED25519_SECRET);
    return pair_digest(out, out->pair, err);
}

bool wg_key_make(struct wg_secret_key *out, struct wg_error *err)
{
    uint8_t seed[WG_ED25519_SECRET];
    bool ok = wg_random(seed, sizeof seed, err) && wg_secret_key_from_seed(seed, out, err);
    explicit_bzero(seed, sizeof seed);
    return ok || wg_context(err, "making an Ed25519 key");
}

void wg_key_clear(struct wg_secret_key *key)
{
    explicit_bzero(key, sizeof *key);
}

bool wg_sign(const struct wg_secret_key *key, const void *data, size_t len,
             uint8_t out[WG_ED25519_SIGNATURE], struct wg_error *err)
{
    if (len > SIGNED_MAX)
        return wg_fail(err, WG_E_LIMIT, "%zu bytes to sign, at most %zu allowed", len, SIGNED_MAX);
    ed25519_key ed;
    uint8_t pair[WG_SHA256_SIZE];
    if (!pair_digest(key, pair, err)) return false;
    int code = wc_ed25519_init(&ed);
    if (code != 0) return crypto_fail(err, "signing", code);
    /* A signature with another key's public half would give the secret away. Whether the halves
     * belong together is seen by their digest; without it this import finds out. */
    int trusted = memcmp(pair, key->pair, sizeof pair) == 0;
    code = wc_ed25519_import_private_key_ex(key->seed, WG_ED25519_SECRET, key->public_key.bytes,
                                            WG_ED25519_PUBLIC, &ed, trusted);
    word32 size = WG_ED25519_SIGNATURE;
    if (code == 0) code = wc_ed25519_sign_msg(data, (word32)len, out, &size, &ed);
    wc_ed25519_free(&ed);
    return code == 0 || crypto_fail(err, "signing", code);
}

static bool signature_holds(const struct wg_public_key *key, const void *data, size_t len,
                            const uint8_t signature[WG_ED25519_SIGNATURE])
{
    if (len > SIGNED_MAX || !public_key_is_sound(key->bytes) ||
        !number_is_below(signature + 32, GROUP_ORDER))
        return false;
    ed25519_key ed;
    if (wc_ed25519_init(&ed) != 0) return false;
    int holds = 0;
    int code = wc_ed25519_import_public(key->bytes, WG_ED25519_PUBLIC, &ed);
    if (code == 0)
        code =
            wc_ed25519_verify_msg(signature, WG_ED25519_SIGNATURE, data, (word32)len, &holds, &ed);
    wc_ed25519_free(&ed);
    return code == 0 && holds == 1;
}

bool wg_verify(const struct wg_public_key *key, const void *data, size_t len,
               const uint8_t signature[WG_ED25519_SIGNATURE], struct wg_error *err)
{
    if (signature_holds(key, data, len, signature)) return true;
    return wg_fail(err, WG_E_VERIFY, "the signature of key %.16s does not hold", key->id);
}
