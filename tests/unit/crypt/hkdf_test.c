/* hkdf_test.c: HMAC-SHA-256 against RFC 4231, HKDF against RFC 5869. */
#include "common/crypt/hkdf.h"

#include "tests/unit/crypt/hex.h"

static struct wg_error err;

static void test_hmac(void)
{
    uint8_t key[131], code[WG_HMAC_SIZE];
    memset(key, 0x0b, 20);
    ASSERT_OK(wg_hmac((struct wg_bytes){key, 20}, (struct wg_bytes){"Hi There", 8}, code, &err),
              &err);
    hex_same(code, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    ASSERT_OK(wg_hmac((struct wg_bytes){"Jefe", 4},
                      (struct wg_bytes){"what do ya want for nothing?", 28}, code, &err),
              &err);
    hex_same(code, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
    ASSERT_OK(wg_hmac((struct wg_bytes){key, sizeof key}, (struct wg_bytes){text, strlen(text)},
                      code, &err),
              &err);
    hex_same(code, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    /* neither key nor bytes */
    ASSERT_OK(wg_hmac((struct wg_bytes){NULL, 0}, (struct wg_bytes){NULL, 0}, code, &err), &err);
    hex_same(code, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_hkdf(void)
{
    static const struct {
        const char *secret, *salt, *info, *out;
    } cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "f0f1f2f3f4f5f6f7f8f9",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b"
         "2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b"
         "8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadb"
         "dcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
         "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t secret[128], salt[128], info[128], out[128];
        size_t len = strlen(cases[i].out) / 2;
        struct wg_bytes a = {secret, hex_read(cases[i].secret, secret, sizeof secret)};
        struct wg_bytes b = {salt, hex_read(cases[i].salt, salt, sizeof salt)};
        struct wg_bytes c = {info, hex_read(cases[i].info, info, sizeof info)};
        ASSERT_OK(wg_hkdf(a, b, c, out, len, &err), &err);
        hex_same(out, len, cases[i].out);
    }
}

static void test_limits(void)
{
    static uint8_t out[WG_HKDF_OUT_MAX + 1];
    struct wg_bytes none = {NULL, 0}, secret = {"secret", 6}, large = {out, WG_HKDF_IN_MAX + 1};
    ASSERT_OK(wg_hkdf(secret, none, none, out, WG_HKDF_OUT_MAX, &err), &err);
    CU_ASSERT_FALSE(wg_hkdf(secret, none, none, out, WG_HKDF_OUT_MAX + 1, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    CU_ASSERT_FALSE(wg_hkdf(large, none, none, out, 32, &err));
    CU_ASSERT_FALSE(wg_hmac(secret, large, out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

static void test_same(void)
{
    CU_ASSERT_TRUE(wg_same_secret("abcd", "abcd", 4));
    CU_ASSERT_TRUE(wg_same_secret("abcd", "abce", 3));
    CU_ASSERT_FALSE(wg_same_secret("abcd", "abce", 4));
    CU_ASSERT_FALSE(wg_same_secret("\x80", "\x00", 1));
    CU_ASSERT_TRUE(wg_same_secret("", "", 0));
}

WG_SUITE("crypt hkdf", {"RFC 4231", test_hmac}, {"RFC 5869", test_hkdf}, {"bounds", test_limits},
         {"comparing", test_same})
