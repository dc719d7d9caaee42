/* p256_test.c: ECDSA over P-256 against RFC 6979, and every spelling of a signature or a point that
 * must not pass. */
#include "common/p256.h"

#include "common/text.h"
#include "tests/unit/common/twin.h"
#include "tests/unit/harness.h"

#include <string.h>

#define MESSAGE "sample"
#define R "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define S "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
#define X "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define Y "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"

static uint8_t point[WG_P256_POINT];

static void read_hex(const char *hex, uint8_t *out, size_t len)
{
    CU_ASSERT_TRUE_FATAL(strlen(hex) == 2 * len && wg_unhex(hex, out, len));
}

static bool holds(const uint8_t *signature, size_t len)
{
    read_hex("04" X Y, point, sizeof point);
    return wg_p256_verify(point, MESSAGE, strlen(MESSAGE), signature, len);
}

/* "30450221.." without the numbers' hex written out each time. */
static bool holds_hex(const char *hex)
{
    uint8_t bytes[256];
    size_t len = strlen(hex) / 2;
    CU_ASSERT_TRUE_FATAL(len <= sizeof bytes && wg_unhex(hex, bytes, len));
    return holds(bytes, len);
}

static void test_rfc_6979(void)
{
    CU_ASSERT_TRUE(holds_hex("3046022100" R "022100" S));
    read_hex("04" X Y, point, sizeof point);
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], r[32], s[32];
    read_hex(R, r, sizeof r);
    read_hex(S, s, sizeof s);
    size_t len = twin_der(r, s, signature);
    CU_ASSERT_EQUAL(len, 72);
    CU_ASSERT_TRUE(wg_p256_verify(point, MESSAGE, strlen(MESSAGE), signature, len));
    CU_ASSERT_FALSE(wg_p256_verify(point, "Sample", strlen(MESSAGE), signature, len));
    CU_ASSERT_FALSE(wg_p256_verify(point, MESSAGE, strlen(MESSAGE) - 1, signature, len));
}

/* Hardware makes either; so both must hold, and nobody may tell signers apart by these bytes. */
static void test_twins(void)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], was[WG_IDENTITY_SIGNATURE_MAX], r[32], s[32];
    read_hex(R, r, sizeof r);
    read_hex(S, s, sizeof s);
    size_t len = twin_der(r, s, signature);
    memcpy(was, signature, len);
    size_t other = twin_of(signature);
    CU_ASSERT_TRUE(other != len || memcmp(was, signature, len) != 0);
    CU_ASSERT_TRUE(holds(signature, other));
    CU_ASSERT_EQUAL(twin_of(signature), len);
    CU_ASSERT_EQUAL(memcmp(was, signature, len), 0);
}

static void test_other_spellings(void)
{
    static const char *const cases[] = {
        "",
        "30",
        "3000",
        R S,                                /* raw, as tokens give it */
        "308146022100" R "022100" S,        /* a length in two bytes */
        "3080022100" R "022100" S "0000",   /* BER's indefinite length */
        "3146022100" R "022100" S,          /* a SET */
        "3046032100" R "022100" S,          /* a BIT STRING for r */
        "3046022100" R "042100" S,          /* an OCTET STRING for s */
        "30440220" R "0220" S,              /* both numbers negative */
        "304702220000" R "022100" S,        /* leading zeros that nobody needs */
        "3047022100" R "02220000" S,        /* the same for s */
        "304602812100" R "0220" S,          /* a number's length in two bytes */
        "3047022100" R "022100" S "00",     /* more inside */
        "3046022100" R "022100" S "00",     /* more outside */
        "3049022100" R "022100" S "020101", /* a third number */
        "3045022100" R "022100" S,          /* one byte less than there is */
        "3047022100" R "022100" S,          /* one more */
        "3023022100" R,                     /* r alone */
        "304602ff00" R "022100" S,          /* a number past the end */
        "3025022100" R "0200",              /* s of no bytes */
        "3048022200" R "ff022200" S "ff",   /* numbers of 33 bytes */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CU_ASSERT_FALSE(holds_hex(cases[i]));
    }
}

/* A signature by the same key whose numbers both have 32 bytes and need no zero before them, so
 * that a longer spelling is still no longer than signatures may be. */
static void make_short(uint8_t r[32], uint8_t s[32])
{
    uint8_t secret[WG_P256_SECRET], signature[WG_IDENTITY_SIGNATURE_MAX];
    struct wg_identity_key key;
    struct wg_error err = {0};
    read_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", secret,
             sizeof secret);
    ASSERT_OK(wg_identity_from_secret(WG_IDENTITY_P256, secret, &key, &err), &err);
    do {
        size_t len = 0;
        ASSERT_OK(wg_identity_sign(&key, MESSAGE, strlen(MESSAGE), signature, &len, &err), &err);
        (void)twin_number(twin_number(signature + 2, r), s);
    } while (r[0] == 0 || s[0] == 0 || (r[0] | s[0]) & 0x80);
}

/* The spelling of a format in which r and s stand for the numbers: "3044 0220 r 0220 s". */
static bool holds_as(const char *format, const uint8_t r[32], const uint8_t s[32])
{
    uint8_t bytes[128];
    size_t len = 0;
    for (; *format; format++) {
        if (*format == ' ') continue;
        if (*format == 'r' || *format == 's') {
            memcpy(bytes + len, *format == 'r' ? r : s, 32);
            len += 32;
            continue;
        }
        const char digits[] = {format[0], format[1], '\0'};
        CU_ASSERT_TRUE_FATAL(wg_unhex(digits, bytes + len++, 1));
        format++;
    }
    return holds(bytes, len);
}

static void test_longer_spellings(void)
{
    static const char *const cases[] = {"308144 0220 r 0220 s",    "3082 0044 0220 r 0220 s",
                                        "3045 022100 r 0220 s",    "3045 0220 r 022100 s",
                                        "3045 028120 r 0220 s",    "3045 0220 r 028120 s",
                                        "3045 0220 r 0220 s 00",   "3044 0220 r 0220 s 00",
                                        "3046 0220 r 0220 s 0500", "3080 0220 r 0220 s 0000"};
    uint8_t r[32], s[32];
    make_short(r, s);
    CU_ASSERT_TRUE(holds_as("3044 0220 r 0220 s", r, s));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool taken = holds_as(cases[i], r, s);
        if (taken) printf("\n    taken: %s ", cases[i]);
        CU_ASSERT_FALSE(taken);
    }
}

static void test_numbers_out_of_range(void)
{
    static const char *const cases[] = {
        "3026020100022100" S,
        "3026022100" R "020100",
        "3006020100020100", /* zeros */
        "3046022100" TWIN_ORDER "022100" S,
        "3046022100" R "022100" TWIN_ORDER,
        "3006020101020101", /* 1 and 1: in range, and no signature of this */
        "3046022100ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff022100" S,
    };
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], r[32], s[32];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_FALSE(holds_hex(cases[i]));
    /* small s, so that s + n still has 32 bytes: no further spelling by adding the order */
    read_hex(R, r, sizeof r);
    read_hex(S, s, sizeof s);
    memset(s, 0, sizeof s);
    size_t len = twin_der(r, s, signature);
    CU_ASSERT_FALSE(holds(signature, len));
}

static void test_changed_bits(void)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], r[32], s[32];
    read_hex(R, r, sizeof r);
    read_hex(S, s, sizeof s);
    size_t len = twin_der(r, s, signature);
    for (size_t bit = 0; bit < len * 8; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        CU_ASSERT_FALSE(holds(signature, len));
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    for (size_t short_len = 0; short_len < len; short_len++)
        CU_ASSERT_FALSE(holds(signature, short_len));
    CU_ASSERT_TRUE(holds(signature, len));
}

static void test_points(void)
{
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define PRIME "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
    static const char *const cases[] = {
        "04" ZERO ZERO, /* nowhere */
        "00" ZERO ZERO, /* infinity, padded */
        "02" X ZERO,    /* compressed */
        "06" X Y,       /* hybrid */
        "04" Y X,       /* swapped */
        "04" X "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298",
        "04" PRIME Y, /* not below the prime */
        "04" X PRIME,
        /* of secp256k1: its base point */
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
    };
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX], r[32], s[32];
    read_hex("04" X Y, point, sizeof point);
    CU_ASSERT_TRUE(wg_p256_point_is_sound(point));
    read_hex(R, r, sizeof r);
    read_hex(S, s, sizeof s);
    size_t len = twin_der(r, s, signature);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_hex(cases[i], point, sizeof point);
        CU_ASSERT_FALSE(wg_p256_point_is_sound(point));
        CU_ASSERT_FALSE(wg_p256_verify(point, MESSAGE, strlen(MESSAGE), signature, len));
    }
}

WG_SUITE("p256", {"RFC 6979", test_rfc_6979}, {"twins", test_twins},
         {"other spellings", test_other_spellings}, {"longer spellings", test_longer_spellings},
         {"numbers out of range", test_numbers_out_of_range}, {"changed bits", test_changed_bits},
         {"points", test_points})
