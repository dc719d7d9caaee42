/* aead_test.c: ChaCha20-Poly1305 against RFC 8439; whatever is changed does not come out. */
#include "common/crypt/aead.h"

#include "tests/unit/crypt/hex.h"

static struct wg_error err;

static const struct vector {
    const char *key, *nonce, *bound, *plain, *sealed;
} RFC_8439[] = {
    {/* 2.8.2 */
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
     "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a2049662049"
     "20636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c20"
     "73756e73637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92"
     "728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b"
     "4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
    {/* A.5 */
     "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0", "000000000102030405060708",
     "f33388860000000000004e91",
     "496e7465726e65742d4472616674732061726520647261667420646f63756d656e74732076616c696420666f7220"
     "61206d6178696d756d206f6620736978206d6f6e74687320616e64206d617920626520757064617465642c207265"
     "706c616365642c206f72206f62736f6c65746564206279206f7468657220646f63756d656e747320617420616e79"
     "2074696d652e20497420697320696e617070726f70726961746520746f2075736520496e7465726e65742d447261"
     "667473206173207265666572656e6365206d6174657269616c206f7220746f2063697465207468656d206f746865"
     "72207468616e206173202fe2809c776f726b20696e2070726f67726573732e2fe2809d",
     "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d"
     "26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1"
     "ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b"
     "5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea"
     "1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d36"
     "1094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336"
     "fea1851f38"},
};

struct bytes {
    uint8_t key[WG_AEAD_KEY], nonce[WG_AEAD_NONCE], bound[64], plain[512], sealed[512];
    size_t bound_len, plain_len, sealed_len;
};

static struct wg_aead_use use_of(const struct vector *vector, struct bytes *out)
{
    (void)hex_read(vector->key, out->key, sizeof out->key);
    (void)hex_read(vector->nonce, out->nonce, sizeof out->nonce);
    out->bound_len = hex_read(vector->bound, out->bound, sizeof out->bound);
    out->plain_len = hex_read(vector->plain, out->plain, sizeof out->plain);
    out->sealed_len = hex_read(vector->sealed, out->sealed, sizeof out->sealed);
    return (struct wg_aead_use){out->key, out->nonce, out->bound, out->bound_len};
}

static void test_vectors(void)
{
    for (size_t i = 0; i < sizeof RFC_8439 / sizeof RFC_8439[0]; i++) {
        struct bytes bytes;
        uint8_t out[512];
        struct wg_aead_use use = use_of(&RFC_8439[i], &bytes);
        ASSERT_OK(wg_aead_seal(&use, bytes.plain, bytes.plain_len, out, &err), &err);
        hex_same(out, bytes.plain_len + WG_AEAD_TAG, RFC_8439[i].sealed);
        ASSERT_OK(wg_aead_open(&use, bytes.sealed, bytes.sealed_len, out, &err), &err);
        hex_same(out, bytes.plain_len, RFC_8439[i].plain);
    }
}

/* Refused, and out holds nothing but zeros. */
static void expect_refused(const struct wg_aead_use *use, const uint8_t *sealed, size_t len)
{
    uint8_t out[512];
    memset(out, 0x55, sizeof out);
    CU_ASSERT_FALSE(wg_aead_open(use, sealed, len, out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    unsigned any = 0;
    for (size_t i = 0; i + WG_AEAD_TAG < len; i++) any |= out[i];
    CU_ASSERT_EQUAL(any, 0);
}

static void test_each_bit(void)
{
    struct bytes bytes;
    struct wg_aead_use use = use_of(&RFC_8439[0], &bytes);
    for (size_t bit = 0; bit < 8 * bytes.sealed_len; bit++) {
        bytes.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(&use, bytes.sealed, bytes.sealed_len);
        bytes.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * bytes.bound_len; bit++) {
        bytes.bound[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(&use, bytes.sealed, bytes.sealed_len);
        bytes.bound[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < bytes.sealed_len; len++) expect_refused(&use, bytes.sealed, len);
}

static void test_nothing(void)
{
    struct bytes bytes;
    uint8_t out[WG_AEAD_TAG];
    struct wg_aead_use use = use_of(&RFC_8439[0], &bytes);
    use.bound = NULL;
    use.bound_len = 0;
    ASSERT_OK(wg_aead_seal(&use, "", 0, out, &err), &err);
    ASSERT_OK(wg_aead_open(&use, out, sizeof out, bytes.plain, &err), &err);
    CU_ASSERT_FALSE(wg_aead_seal(&use, "", WG_AEAD_MAX + 1, out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

WG_SUITE("crypt aead", {"RFC 8439", test_vectors}, {"each bit, each length", test_each_bit},
         {"nothing to seal", test_nothing})
