/* pkcs8_test.c: keys under a passphrase, as openssl 3.0 wrote them; tests/tuf has openssl read
 * ours. */
#include "common/pkcs8.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

#define WORD "correct-horse"

static const char ED_PLAIN[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MC4CAQAwBQYDK2VwBCIEIHDHG7Zs4oXZwj1D0KlgUBi3ZVx1B9CGgCFgLp9hITfz\n"
                               "-----END PRIVATE KEY-----\n";
static const char P256_PLAIN[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5vrXvp/ysBuBosRC\n"
    "Y6JRzpVa/+Y/tlakCuoD6v/n/BGhRANCAAT7NTNJrknIZ3Aq3KM+2wBQdomYYMmF\n"
    "pefvAtU3y0dCtoJ46DV8PbtDagTHDnyT/pmrqEZwYO/3rwM7JtlvzbPa\n"
    "-----END PRIVATE KEY-----\n";
static const char ED_SHA256[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh3PrBK5e5ViQICCAAw\n"
                                "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPcXvfDp/zElGd6ISFqFAKEEQHfH\n"
                                "8jePpn8sGjylXwhjwEmkh3yEDvY/Hy1UXgsiVLLSNcv2/72xolUno85xYNxvqApz\n"
                                "AimQRbDhwuC/9II1Fek=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char ED_SHA512[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiDcO6gWBFLNgICA+gw\n"
                                "DAYIKoZIhvcNAgsFADAdBglghkgBZQMEARYEEOGh1mNEVpnTocrgcPyv+Z4EQGV0\n"
                                "bkTRwt8PFUzkbEFmSoGWzadvdxCCfAmyvapcJPCAV3faCpenkFQA8dpBTXkuJKFz\n"
                                "4LbZ3t0IPRzmHpBDG3M=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char ED_SHA1[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                              "MIGNMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAjTVv9WUHUnKAICCAAw\n"
                              "HQYJYIZIAWUDBAECBBBI3/sJoZVE2JES8BjHXe0fBEDrKcWOnszKvuRqXSy7PwW+\n"
                              "R14NLcNQdm94vDBtf9NNoGG7mp+EZAWFq3s+xvUlZiiiGPBBg4YvIXima+ootXGf\n"
                              "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char P256_SCRYPT[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAje3vNZrO8MpwICQAAC\n"
    "AQgCAQEwHQYJYIZIAWUDBAECBBB630k9Rt6/I91+CcckuCOaBIGQ1oMNvhNIuHe7\n"
    "0K+IJ1bSjVZCNWbXpC6mfY+fKjIGcABX6mOJAnEMBqLdI8jHTXBVny6sJYi5dBRl\n"
    "HTRaEKRbaynaIBlxIl34vso/ynr9QSc8ZF1Tn2B9JzJqDAc7NYU0U4CZBsqzbWZL\n"
    "05I8B8UBh0EiFhA9aM2Bu2KZ0pCdU1k2J9dPTsWdcXA9gnX03sSn\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char ED_OLD[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                             "MFgwHAYKKoZIhvcNAQwBAzAOBAgiYwqGetOfIAICCAAEONXEJr8rDmmqs9ezaXMk\n"
                             "82kkZy1tAGK6oZU5aCnk1PI0k//+EtzW6nu4Dt9EIqiD+QjzRD3cfy5U\n"
                             "-----END ENCRYPTED PRIVATE KEY-----\n";

static struct wg_error err;

static bool decrypt(const char *pem, const char *word, struct wg_buf *out)
{
    wg_error_clear(&err);
    wg_buf_init(out, 4096);
    return wg_pkcs8_decrypt(pem, strlen(pem), word, strlen(word), out, &err);
}

static void same(const char *pem, const char *plain)
{
    struct wg_buf out;
    ASSERT_OK(decrypt(pem, WORD, &out), &err);
    ASSERT_TEXT(wg_buf_str(&out), plain);
    wg_buf_clear(&out);
}

static void test_openssl(void)
{
    same(ED_SHA256, ED_PLAIN);
    same(ED_SHA512, ED_PLAIN);
    same(ED_SHA1, ED_PLAIN);
    same(P256_SCRYPT, P256_PLAIN);
    CU_ASSERT_TRUE(wg_pkcs8_is_encrypted(ED_SHA256, strlen(ED_SHA256)));
    CU_ASSERT_FALSE(wg_pkcs8_is_encrypted(ED_PLAIN, strlen(ED_PLAIN)));
}

static void refused(const char *pem, const char *word, enum wg_error_code code)
{
    struct wg_buf out;
    CU_ASSERT_FALSE(decrypt(pem, word, &out));
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_EQUAL(out.len, 0);
    wg_buf_clear(&out);
}

static void test_refusals(void)
{
    refused(ED_SHA256, "correct-hors", WG_E_VERIFY);
    refused(ED_SHA256, "", WG_E_VERIFY);
    refused(P256_SCRYPT, "Correct-horse", WG_E_VERIFY);
    refused(ED_OLD, WORD, WG_E_BAD_INPUT);
    refused(ED_PLAIN, WORD, WG_E_BAD_INPUT);
    refused("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", WORD, WG_E_BAD_INPUT);
}

static bool from_der(const uint8_t *der, size_t len, const char *word)
{
    struct wg_buf pem, out;
    wg_error_clear(&err);
    wg_buf_init(&pem, 8192);
    ASSERT_OK(wg_pem_put("ENCRYPTED PRIVATE KEY", der, len, &pem, &err), &err);
    bool ok = decrypt(wg_buf_str(&pem), word, &out);
    wg_buf_clear(&pem);
    wg_buf_clear(&out);
    return ok;
}

/* No changed byte leads to a crash, nor to a dear derivation. */
static void test_every_byte_changed(void)
{
    uint8_t der[WG_PKCS8_MAX];
    size_t len = 0;
    CU_ASSERT_TRUE_FATAL(
        wg_pem_get(ED_SHA512, strlen(ED_SHA512), "ENCRYPTED PRIVATE KEY", der, sizeof der, &len));
    for (size_t i = 0; i < len; i++) {
        der[i] ^= 0x10;
        (void)from_der(der, len, WORD);
        der[i] ^= 0x10;
    }
    for (size_t cut = 1; cut < len; cut++) CU_ASSERT_FALSE(from_der(der, cut, WORD));
    CU_ASSERT_TRUE(from_der(der, len, WORD));
}

/* 1000 rounds (02 02 03 e8) become 2^24 and more. */
static void test_costs(void)
{
    static const uint8_t rounds[] = {0x02, 0x02, 0x03, 0xe8};
    uint8_t der[WG_PKCS8_MAX], dear[WG_PKCS8_MAX];
    size_t len = 0;
    CU_ASSERT_TRUE_FATAL(
        wg_pem_get(ED_SHA512, strlen(ED_SHA512), "ENCRYPTED PRIVATE KEY", der, sizeof der, &len));
    uint8_t *at = memmem(der, len, rounds, sizeof rounds);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    size_t before = (size_t)(at - der);
    memcpy(dear, der, before);
    memcpy(dear + before, "\x02\x04\x01\x00\x00\x00", 6);
    memcpy(dear + before + 6, at + 4, len - before - 4);
    dear[2] = (uint8_t)(dear[2] + 2);
    /* the lengths of all that holds it: info, algorithm, parameters, derivation, PBKDF2's own */
    dear[4] = (uint8_t)(dear[4] + 2);
    dear[17] = (uint8_t)(dear[17] + 2);
    dear[19] = (uint8_t)(dear[19] + 2);
    dear[32] = (uint8_t)(dear[32] + 2);
    CU_ASSERT_FALSE(from_der(dear, len + 2, WORD));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

static void test_write_and_read(void)
{
    uint8_t der[WG_PKCS8_MAX];
    size_t len = 0;
    struct wg_buf pem;
    wg_error_clear(&err);
    CU_ASSERT_TRUE_FATAL(
        wg_pem_get(P256_PLAIN, strlen(P256_PLAIN), "PRIVATE KEY", der, sizeof der, &len));
    wg_buf_init(&pem, 8192);
    ASSERT_OK(wg_pkcs8_encrypt(der, len, WORD, strlen(WORD), &pem, &err), &err);
    CU_ASSERT_TRUE(wg_pkcs8_is_encrypted(wg_buf_str(&pem), pem.len));
    same(wg_buf_str(&pem), P256_PLAIN);
    refused(wg_buf_str(&pem), "wrong-horse", WG_E_VERIFY);
    wg_buf_clear(&pem);
}

WG_SUITE("pkcs8", {"as openssl writes them", test_openssl}, {"refusals", test_refusals},
         {"every byte changed", test_every_byte_changed}, {"costs are bounded", test_costs},
         {"written and read", test_write_and_read})
