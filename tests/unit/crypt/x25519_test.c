/* x25519_test.c: X25519 against RFC 7748, and what it must refuse. */
#include "common/crypt/x25519.h"

#include "tests/unit/crypt/hex.h"

static struct wg_error err;

/* RFC 7748, 5.2; the second point has its unused top bit set. */
static void test_function(void)
{
    static const struct {
        const char *scalar, *point, *result;
    } cases[] = {
        {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
        {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t scalar[32], point[32], result[32];
        (void)hex_read(cases[i].scalar, scalar, sizeof scalar);
        (void)hex_read(cases[i].point, point, sizeof point);
        ASSERT_OK(wg_x25519_shared(scalar, point, result, &err), &err);
        hex_same(result, sizeof result, cases[i].result);
    }
}

/* RFC 7748, 5.2: the function of its own result, once and a thousand times. */
static void test_iterated(void)
{
    uint8_t k[32] = {9}, u[32] = {9}, result[32];
    for (int i = 1; i <= 1000; i++) {
        ASSERT_OK(wg_x25519_shared(k, u, result, &err), &err);
        memcpy(u, k, sizeof u);
        memcpy(k, result, sizeof k);
        if (i == 1)
            hex_same(k, sizeof k,
                     "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
    hex_same(k, sizeof k, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

/* RFC 7748, 6.1. */
static void test_exchange(void)
{
    uint8_t alice[32], bob[32], alice_public[32], bob_public[32], shared[32];
    (void)hex_read("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", alice, 32);
    (void)hex_read("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", bob, 32);
    ASSERT_OK(wg_x25519_public(alice, alice_public, &err), &err);
    ASSERT_OK(wg_x25519_public(bob, bob_public, &err), &err);
    hex_same(alice_public, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    hex_same(bob_public, 32, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    ASSERT_OK(wg_x25519_shared(alice, bob_public, shared, &err), &err);
    hex_same(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    ASSERT_OK(wg_x25519_shared(bob, alice_public, shared, &err), &err);
    hex_same(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

/* All points of small order, on the curve and on its twist, and their other encodings. */
static void test_small_order(void)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080",
    };
    uint8_t secret[32], point[32], shared[32];
    (void)hex_read("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", secret, 32);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        (void)hex_read(points[i], point, sizeof point);
        CU_ASSERT_FALSE(wg_x25519_shared(secret, point, shared, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    }
}

WG_SUITE("crypt x25519", {"RFC 7748, the function", test_function},
         {"RFC 7748, iterated", test_iterated}, {"RFC 7748, an exchange", test_exchange},
         {"points of small order", test_small_order})
