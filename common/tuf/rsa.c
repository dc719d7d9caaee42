/* rsa.c: RSASSA-PSS by wolfCrypt.
 *
 * A key counts once towards a threshold, so it must not have two spellings: what wolfCrypt read is
 * written again and has to be the same bytes. */
#include "common/tuf/rsa.h"

#include "common/crypto.h"

#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/rsa.h>

#define MODULUS_MIN 256 /* bytes */
#define MODULUS_MAX 512

static bool key_import(const uint8_t *der, size_t der_len, RsaKey *key)
{
    uint8_t again[RSA_DER_MAX];
    word32 at = 0;
    if (der_len > RSA_DER_MAX || wc_InitRsaKey(key, NULL) != 0) return false;
    if (wc_RsaPublicKeyDecode(der, &at, key, (word32)der_len) == 0 &&
        wc_RsaEncryptSize(key) >= MODULUS_MIN && wc_RsaEncryptSize(key) <= MODULUS_MAX &&
        wc_RsaKeyToPublicDer(key, again, sizeof again) == (int)der_len &&
        memcmp(again, der, der_len) == 0)
        return true;
    (void)wc_FreeRsaKey(key);
    return false;
}

bool rsa_key_is_sound(const uint8_t *der, size_t der_len)
{
    RsaKey key;
    if (!key_import(der, der_len, &key)) return false;
    (void)wc_FreeRsaKey(&key);
    return true;
}

bool rsa_pss_verify(const uint8_t *der, size_t der_len, const void *data, size_t len,
                    const uint8_t *signature, size_t signature_len)
{
    uint8_t in[MODULUS_MAX], out[MODULUS_MAX], hash[WG_SHA256_SIZE];
    RsaKey key;
    if (signature_len > sizeof in || !wg_sha256_digest(data, len, hash, NULL) ||
        !key_import(der, der_len, &key))
        return false;
    memcpy(in, signature, signature_len);
    bool holds = wc_RsaEncryptSize(&key) == (int)signature_len &&
                 wc_RsaPSS_VerifyCheck(in, (word32)signature_len, out, sizeof out, hash,
                                       sizeof hash, WC_HASH_TYPE_SHA256, WC_MGF1SHA256, &key) > 0;
    (void)wc_FreeRsaKey(&key);
    return holds;
}
