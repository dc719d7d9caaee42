/* p256.c: ECDSA over P-256 by wolfCrypt.
 *
 * wolfCrypt's reader of signatures is lenient: it takes numbers with more leading zeros than they
 * need. The DER is read here first, strictly.
 *
 * Debian's wolfSSL keeps a table of some 100 KiB for each point it has met (FP_ECC). A device meets
 * few keys and seldom: the tables are given back after every call. */
#include "common/p256.h"

#include "common/crypto.h"
#include "common/der.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ecc.h>

#define NUMBER 32 /* bytes of r, of s, and of the order */

/* n of FIPS 186-4, D.1.2.3, big-endian. */
static const uint8_t GROUP_ORDER[NUMBER] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* Takes an INTEGER from the front: in its shortest form, above 0, below the order. */
static bool take_number(const uint8_t **at, size_t *left)
{
    static const uint8_t zero[NUMBER];
    uint8_t number[NUMBER] = {0};
    if (*left < 2 || (*at)[0] != WG_DER_INTEGER) return false;
    const uint8_t *value = *at + 2;
    size_t len = (*at)[1];
    if (len == 0 || len > NUMBER + 1 || len > *left - 2 || value[0] & 0x80) return false;
    if (value[0] == 0 && (len == 1 || !(value[1] & 0x80))) return false; /* 0, or too long */
    *at += 2 + len;
    *left -= 2 + len;
    if (value[0] == 0) {
        value++;
        len--;
    }
    if (len > NUMBER) return false;
    memcpy(number + NUMBER - len, value, len);
    return memcmp(number, zero, NUMBER) > 0 && memcmp(number, GROUP_ORDER, NUMBER) < 0;
}

static bool is_signature(const uint8_t *signature, size_t len)
{
    if (len < 2 || len > WG_P256_SIGNATURE_MAX || signature[0] != WG_DER_SEQUENCE ||
        signature[1] != len - 2)
        return false;
    const uint8_t *at = signature + 2;
    size_t left = len - 2;
    return take_number(&at, &left) && take_number(&at, &left) && left == 0;
}

static bool point_import(const uint8_t point[WG_P256_POINT], ecc_key *key)
{
    if (point[0] != 0x04 || wc_ecc_init(key) != 0) return false;
    if (wc_ecc_import_x963_ex(point, WG_P256_POINT, key, ECC_SECP256R1) == 0 &&
        wc_ecc_check_key(key) == 0)
        return true;
    wc_ecc_free(key);
    return false;
}

static void tables_free(void)
{
#ifdef FP_ECC
    wc_ecc_fp_free();
#endif
}

bool wg_p256_point_is_sound(const uint8_t point[WG_P256_POINT])
{
    ecc_key key;
    bool sound = point_import(point, &key);
    if (sound) wc_ecc_free(&key);
    tables_free();
    return sound;
}

static bool hash_of(const void *data, size_t len, uint8_t hash[WG_SHA256_SIZE])
{
    struct wg_sha256 sha;
    if (!wg_sha256_init(&sha, NULL)) return false;
    bool ok = wg_sha256_add(&sha, data, len, NULL) && wg_sha256_end(&sha, hash, NULL);
    wg_sha256_clear(&sha);
    return ok;
}

bool wg_p256_verify(const uint8_t point[WG_P256_POINT], const void *data, size_t len,
                    const uint8_t *signature, size_t signature_len)
{
    uint8_t hash[WG_SHA256_SIZE];
    ecc_key key;
    int holds = 0;
    if (!is_signature(signature, signature_len) || !hash_of(data, len, hash) ||
        !point_import(point, &key))
        return false;
    int code =
        wc_ecc_verify_hash(signature, (word32)signature_len, hash, sizeof hash, &holds, &key);
    wc_ecc_free(&key);
    tables_free();
    return code == 0 && holds == 1;
}
