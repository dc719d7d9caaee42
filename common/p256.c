/* p256.c: ECDSA over P-256 by wolfCrypt.
 *
 * wolfCrypt 5.5.4 takes a signature in its one DER spelling alone, and numbers in range alone:
 * there is no reader of DER here, but p256_test.c holds every version to it.
 *
 * Debian's wolfSSL keeps a table of some 100 KiB for each point it has met (FP_ECC), of each
 * thread. With them a signature is checked in half a millisecond, where they must be made anew
 * in 13. */
#include "common/p256.h"

#include "common/crypto.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/ecc.h>

static bool point_import(const uint8_t point[WG_P256_POINT], ecc_key *key)
{
    if (point[0] != 0x04 || wc_ecc_init(key) != 0) return false;
    if (wc_ecc_import_x963_ex(point, WG_P256_POINT, key, ECC_SECP256R1) == 0 &&
        wc_ecc_check_key(key) == 0)
        return true;
    wc_ecc_free(key);
    return false;
}

void wg_p256_rest(void)
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
    return sound;
}

bool wg_p256_verify(const uint8_t point[WG_P256_POINT], const void *data, size_t len,
                    const uint8_t *signature, size_t signature_len)
{
    uint8_t hash[WG_SHA256_SIZE];
    ecc_key key;
    int holds = 0;
    if (signature_len > WG_P256_SIGNATURE_MAX || !wg_sha256_digest(data, len, hash, NULL) ||
        !point_import(point, &key))
        return false;
    int code =
        wc_ecc_verify_hash(signature, (word32)signature_len, hash, sizeof hash, &holds, &key);
    wc_ecc_free(&key);
    return code == 0 && holds == 1;
}
