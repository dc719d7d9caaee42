/* pkcs8.c: PBES2 by hand: wolfCrypt's own reader takes neither scrypt nor the PBKDF2 that openssl
 * writes today, and bounds no costs. */
#include <wolfssl/options.h>

#include "common/pkcs8.h"

#include "common/crypto.h"
#include "common/der.h"

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/pwdbased.h>

#include <stdlib.h>
#include <string.h>

#define LABEL "PRIVATE KEY"
#define LABEL_ENCRYPTED WG_PEM_ENCRYPTED
#define SALT_MAX 64
#define ROUNDS_MAX 10000000U
#define MEMORY_MAX ((uint64_t)256 << 20)
#define WRITTEN_LOG_N 14 /* 16 MiB; with five lanes what OWASP asks for; openssl takes up to 32 */
#define WRITTEN_R 8
#define WRITTEN_P 5
#define WRITTEN_SALT 16
#define WRITTEN_KEY 32

static const uint8_t OID_PBES2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
static const uint8_t OID_PBKDF2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
static const uint8_t OID_SCRYPT[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
static const uint8_t OID_HMAC[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02}; /* and one byte */
static const uint8_t OID_AES[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01}; /* likewise */
#define AES_128_CBC 0x02
#define AES_192_CBC 0x16
#define AES_256_CBC 0x2a

/* ---- reading DER: a view that shrinks from the front ---- */

struct view {
    const uint8_t *at;
    size_t len;
};

/* Takes the next value if it has that tag; lengths of up to two bytes, in their shortest form. */
static bool take(struct view *from, unsigned tag, struct view *out)
{
    const uint8_t *at = from->at;
    if (from->len < 2 || at[0] != tag) return false;
    size_t head = 2, len = at[1];
    if (len == 0x81 && from->len >= 3 && at[2] >= 0x80) {
        len = at[2];
        head = 3;
    } else if (len == 0x82 && from->len >= 4 && at[2] != 0) {
        len = (size_t)at[2] << 8 | at[3];
        head = 4;
    } else if (len >= 0x80) {
        return false;
    }
    if (len > from->len - head) return false;
    *out = (struct view){at + head, len};
    from->at += head + len;
    from->len -= head + len;
    return true;
}

static bool is(struct view value, const uint8_t *bytes, size_t len)
{
    return value.len == len && memcmp(value.at, bytes, len) == 0;
}

static bool take_number(struct view *from, uint32_t *out)
{
    struct view value;
    if (!take(from, WG_DER_INTEGER, &value) || value.len == 0 || value.len > 5 ||
        value.at[0] & 0x80 || (value.len == 5 && value.at[0] != 0))
        return false;
    uint32_t number = 0;
    for (size_t i = 0; i < value.len; i++) number = number << 8 | value.at[i];
    *out = number;
    return true;
}

/* ---- the method ---- */

struct method {
    bool scrypt;
    struct view salt;
    uint32_t rounds, n, r, p;
    int hash;
    size_t key_len;
    struct view iv, data;
};

static bool read_scrypt(struct view params, struct method *out)
{
    uint32_t key_len = 0;
    return take(&params, WG_DER_OCTETS, &out->salt) && take_number(&params, &out->n) &&
           take_number(&params, &out->r) && take_number(&params, &out->p) &&
           (params.len == 0 || take_number(&params, &key_len)) && params.len == 0;
}

static bool read_hash(struct view prf, int *out)
{
    static const int hashes[] = {[7] = WC_SHA, [9] = WC_SHA256, [10] = WC_SHA384, [11] = WC_SHA512};
    struct view oid;
    if (!take(&prf, WG_DER_OID, &oid) || oid.len != sizeof OID_HMAC + 1 ||
        memcmp(oid.at, OID_HMAC, sizeof OID_HMAC) != 0)
        return false;
    size_t i = oid.at[oid.len - 1];
    *out = i < sizeof hashes / sizeof hashes[0] ? hashes[i] : 0;
    return *out != 0;
}

static bool read_pbkdf2(struct view params, struct method *out)
{
    struct view prf;
    uint32_t key_len = 0;
    out->hash = WC_SHA;
    if (!take(&params, WG_DER_OCTETS, &out->salt) || !take_number(&params, &out->rounds))
        return false;
    if (params.len > 0 && params.at[0] == WG_DER_INTEGER && !take_number(&params, &key_len))
        return false;
    if (params.len > 0 && (!take(&params, WG_DER_SEQUENCE, &prf) || !read_hash(prf, &out->hash)))
        return false;
    return params.len == 0;
}

static bool read_derivation(struct view derivation, struct method *out)
{
    struct view oid, params;
    if (!take(&derivation, WG_DER_OID, &oid) || !take(&derivation, WG_DER_SEQUENCE, &params))
        return false;
    out->scrypt = is(oid, OID_SCRYPT, sizeof OID_SCRYPT);
    if (out->scrypt) return read_scrypt(params, out);
    return is(oid, OID_PBKDF2, sizeof OID_PBKDF2) && read_pbkdf2(params, out);
}

static bool read_cipher(struct view cipher, struct method *out)
{
    struct view oid;
    if (!take(&cipher, WG_DER_OID, &oid) || oid.len != sizeof OID_AES + 1 ||
        memcmp(oid.at, OID_AES, sizeof OID_AES) != 0 || !take(&cipher, WG_DER_OCTETS, &out->iv))
        return false;
    unsigned kind = oid.at[oid.len - 1];
    out->key_len = kind == AES_128_CBC ? 16 : kind == AES_192_CBC ? 24 : 32;
    return (kind == AES_128_CBC || kind == AES_192_CBC || kind == AES_256_CBC) &&
           out->iv.len == AES_BLOCK_SIZE;
}

static bool read_method(const uint8_t *der, size_t len, struct method *out)
{
    struct view all = {der, len}, info, algorithm, oid, params, derivation, cipher;
    *out = (struct method){0};
    return take(&all, WG_DER_SEQUENCE, &info) && take(&info, WG_DER_SEQUENCE, &algorithm) &&
           take(&info, WG_DER_OCTETS, &out->data) && take(&algorithm, WG_DER_OID, &oid) &&
           is(oid, OID_PBES2, sizeof OID_PBES2) && take(&algorithm, WG_DER_SEQUENCE, &params) &&
           take(&params, WG_DER_SEQUENCE, &derivation) && take(&params, WG_DER_SEQUENCE, &cipher) &&
           read_derivation(derivation, out) && read_cipher(cipher, out) && out->data.len > 0 &&
           out->data.len % AES_BLOCK_SIZE == 0;
}

static bool check_costs(const struct method *method, struct wg_error *err)
{
    if (method->salt.len == 0 || method->salt.len > SALT_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "the key's salt has %zu bytes", method->salt.len);
    if (!method->scrypt)
        return (method->rounds > 0 && method->rounds <= ROUNDS_MAX) ||
               wg_fail(err, WG_E_LIMIT, "the key asks for %u rounds of PBKDF2, at most %u allowed",
                       method->rounds, ROUNDS_MAX);
    if (method->n < 2 || method->n & (method->n - 1) || method->r == 0 || method->p == 0)
        return wg_fail(err, WG_E_BAD_INPUT, "the key's scrypt parameters make no sense");
    return (method->r <= 64 && method->p <= 16 &&
            (uint64_t)128 * method->n * method->r <= MEMORY_MAX) ||
           wg_fail(err, WG_E_LIMIT, "the key asks for more than 256 MiB of scrypt");
}

static bool derive(const struct method *method, const char *passphrase, size_t len,
                   uint8_t key[WRITTEN_KEY], struct wg_error *err)
{
    int code = 0, log_n = 0;
    if (len == 0 || len > WG_PASSPHRASE_MAX)
        return wg_fail(err, WG_E_VERIFY, "a passphrase of %zu bytes: expected 1 to %d", len,
                       WG_PASSPHRASE_MAX);
    while (method->scrypt && ((uint32_t)1 << log_n) < method->n) log_n++;
    if (method->scrypt)
        code = wc_scrypt(key, (const byte *)passphrase, (int)len, method->salt.at,
                         (int)method->salt.len, log_n, (int)method->r, (int)method->p,
                         (int)method->key_len);
    else
        code = wc_PBKDF2(key, (const byte *)passphrase, (int)len, method->salt.at,
                         (int)method->salt.len, (int)method->rounds, (int)method->key_len,
                         method->hash);
    return code == 0 || wg_fail(err, WG_E_FAILED, "deriving a key (wolfCrypt %d)", code);
}

static bool cipher(bool encrypts, const uint8_t *key, size_t key_len, const uint8_t *iv,
                   const uint8_t *in, uint8_t *out, size_t len, struct wg_error *err)
{
    Aes aes;
    int code = wc_AesInit(&aes, NULL, INVALID_DEVID);
    if (code == 0)
        code = wc_AesSetKey(&aes, key, (word32)key_len, iv,
                            encrypts ? AES_ENCRYPTION : AES_DECRYPTION);
    if (code == 0)
        code = encrypts ? wc_AesCbcEncrypt(&aes, out, in, (word32)len)
                        : wc_AesCbcDecrypt(&aes, out, in, (word32)len);
    wc_AesFree(&aes);
    explicit_bzero(&aes, sizeof aes);
    return code == 0 || wg_fail(err, WG_E_FAILED, "AES-CBC (wolfCrypt %d)", code);
}

/* The length without padding (RFC 8018, 6.1.1); 0: it is not the padding of a key. */
static size_t unpadded(const uint8_t *plain, size_t len)
{
    size_t pad = plain[len - 1], wrong = pad == 0 || pad > AES_BLOCK_SIZE || pad >= len;
    for (size_t i = 1; !wrong && i <= pad; i++) wrong |= plain[len - i] != pad;
    struct view all = {plain, wrong ? 0 : len - pad}, info;
    return take(&all, WG_DER_SEQUENCE, &info) && all.len == 0 ? len - pad : 0;
}

static bool decrypt(const struct method *method, const char *passphrase, size_t passphrase_len,
                    struct wg_buf *out, struct wg_error *err)
{
    uint8_t key[WRITTEN_KEY], plain[WG_PKCS8_MAX] = {0};
    bool ok = derive(method, passphrase, passphrase_len, key, err) &&
              cipher(false, key, method->key_len, method->iv.at, method->data.at, plain,
                     method->data.len, err);
    size_t len = ok ? unpadded(plain, method->data.len) : 0;
    if (ok && len == 0) ok = wg_fail(err, WG_E_VERIFY, "wrong passphrase");
    ok = ok && wg_pem_put(LABEL, plain, len, out, err);
    explicit_bzero(key, sizeof key);
    explicit_bzero(plain, sizeof plain);
    return ok;
}

bool wg_pkcs8_decrypt(const char *pem, size_t len, const char *passphrase, size_t passphrase_len,
                      struct wg_buf *out, struct wg_error *err)
{
    uint8_t der[WG_PKCS8_MAX];
    struct method method;
    size_t der_len = 0;
    if (!wg_pem_get(pem, len, LABEL_ENCRYPTED, der, sizeof der, &der_len))
        return wg_fail(err, WG_E_BAD_INPUT, "no " LABEL_ENCRYPTED " in PEM form");
    if (!read_method(der, der_len, &method))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "the key is not encrypted by PBES2 with scrypt or PBKDF2 and AES-CBC; "
                       "convert it with: openssl pkey -in FILE -aes256 -out NEW");
    return check_costs(&method, err) && decrypt(&method, passphrase, passphrase_len, out, err);
}

/* ---- writing ---- */

static void put_method(struct wg_buf *out, const uint8_t *salt, const uint8_t *iv)
{
    uint8_t aes[sizeof OID_AES + 1];
    memcpy(aes, OID_AES, sizeof OID_AES);
    aes[sizeof OID_AES] = AES_256_CBC;
    size_t algorithm = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_OID, OID_PBES2, sizeof OID_PBES2);
    size_t params = wg_der_open(out, WG_DER_SEQUENCE);
    size_t derivation = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_OID, OID_SCRYPT, sizeof OID_SCRYPT);
    size_t scrypt = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_OCTETS, salt, WRITTEN_SALT);
    wg_der_number(out, (uint64_t)1 << WRITTEN_LOG_N);
    wg_der_number(out, WRITTEN_R);
    wg_der_number(out, WRITTEN_P);
    wg_der_close(out, scrypt);
    wg_der_close(out, derivation);
    size_t encryption = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_OID, aes, sizeof aes);
    wg_der_put(out, WG_DER_OCTETS, iv, AES_BLOCK_SIZE);
    wg_der_close(out, encryption);
    wg_der_close(out, params);
    wg_der_close(out, algorithm);
}

static bool encrypt(const void *der, size_t len, const uint8_t *key, const uint8_t *salt,
                    const uint8_t *iv, struct wg_buf *pem, struct wg_error *err)
{
    uint8_t plain[WG_PKCS8_MAX], data[WG_PKCS8_MAX];
    struct wg_buf out;
    size_t pad = AES_BLOCK_SIZE - len % AES_BLOCK_SIZE;
    wg_buf_init(&out, WG_PKCS8_MAX);
    memcpy(plain, der, len);
    memset(plain + len, (int)pad, pad);
    bool ok = cipher(true, key, WRITTEN_KEY, iv, plain, data, len + pad, err);
    if (ok) {
        size_t info = wg_der_open(&out, WG_DER_SEQUENCE);
        put_method(&out, salt, iv);
        wg_der_put(&out, WG_DER_OCTETS, data, len + pad);
        wg_der_close(&out, info);
    }
    ok = ok && wg_buf_check(&out, err, "encrypted key") &&
         wg_pem_put(LABEL_ENCRYPTED, out.data, out.len, pem, err);
    explicit_bzero(plain, sizeof plain);
    wg_buf_clear(&out);
    return ok;
}

bool wg_pkcs8_encrypt(const void *der, size_t len, const char *passphrase, size_t passphrase_len,
                      struct wg_buf *pem, struct wg_error *err)
{
    uint8_t random[WRITTEN_SALT + AES_BLOCK_SIZE], key[WRITTEN_KEY];
    struct method method = {.scrypt = true,
                            .salt = {random, WRITTEN_SALT},
                            .n = (uint32_t)1 << WRITTEN_LOG_N,
                            .r = WRITTEN_R,
                            .p = WRITTEN_P,
                            .key_len = WRITTEN_KEY};
    if (len == 0 || len > WG_PKCS8_MAX / 2)
        return wg_fail(err, WG_E_LIMIT, "a key of %zu bytes cannot be encrypted", len);
    bool ok = wg_random(random, sizeof random, err) &&
              derive(&method, passphrase, passphrase_len, key, err) &&
              encrypt(der, len, key, random, random + WRITTEN_SALT, pem, err);
    explicit_bzero(key, sizeof key);
    return ok;
}
