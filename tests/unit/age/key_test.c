/* key_test.c: the text of age keys: written as age-keygen does, read strictly. */
#include "common/age/key.h"

#include "tests/unit/crypt/hex.h"

static struct wg_error err;

/* The example of the specification (C2SP age.md): 32 bytes 0x42. */
static const char IDENTITY[] =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static const char RECIPIENT[] = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

static void test_example(void)
{
    struct age_identity identity;
    struct age_recipient recipient;
    char text[AGE_BECH32_TEXT];
    ASSERT_OK(age_identity_read(IDENTITY, &identity, &err), &err);
    for (size_t i = 0; i < sizeof identity.secret; i++) CU_ASSERT_EQUAL(identity.secret[i], 0x42);
    ASSERT_OK(age_identity_write(&identity, text, &err), &err);
    ASSERT_TEXT(text, IDENTITY);
    ASSERT_OK(age_recipient_write(&identity.recipient, text, &err), &err);
    ASSERT_TEXT(text, RECIPIENT);
    ASSERT_OK(age_recipient_read(RECIPIENT, &recipient, &err), &err);
    CU_ASSERT_EQUAL(memcmp(&recipient, &identity.recipient, sizeof recipient), 0);
    age_identity_clear(&identity);
    for (size_t i = 0; i < sizeof identity.secret; i++) CU_ASSERT_EQUAL(identity.secret[i], 0);
}

static void test_made(void)
{
    struct age_identity a, b, again;
    char text[AGE_BECH32_TEXT];
    ASSERT_OK(age_identity_make(&a, &err), &err);
    ASSERT_OK(age_identity_make(&b, &err), &err);
    CU_ASSERT_NOT_EQUAL(memcmp(a.secret, b.secret, sizeof a.secret), 0);
    ASSERT_OK(age_identity_write(&a, text, &err), &err);
    ASSERT_OK(age_identity_read(text, &again, &err), &err);
    CU_ASSERT_EQUAL(memcmp(&a, &again, sizeof a), 0);
}

static void expect_no_identity(const char *text)
{
    struct age_identity identity;
    memset(&identity, 0x33, sizeof identity);
    CU_ASSERT_FALSE(age_identity_read(text, &identity, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_PTR_NULL(strstr(err.text, "GFPYYSJZ"));
    CU_ASSERT_EQUAL(identity.secret[0], 0x33);
}

/* Each place with each character of the alphabet, and some of none. */
static void test_mistyped(void)
{
    char text[sizeof IDENTITY];
    for (size_t i = 0; i < sizeof IDENTITY - 1; i++) {
        memcpy(text, IDENTITY, sizeof text);
        for (const char *c = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LBIO1qz \n-\x80"; *c; c++) {
            if (*c == IDENTITY[i]) continue;
            text[i] = *c;
            expect_no_identity(text);
        }
    }
}

static void test_refused(void)
{
    char text[2 * sizeof IDENTITY], lower[sizeof IDENTITY];
    expect_no_identity("");
    expect_no_identity("AGE-SECRET-KEY-");
    expect_no_identity("AGE-SECRET-KEY-1");
    expect_no_identity(
        "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG");
    expect_no_identity(RECIPIENT);
    for (size_t len = 0; len < sizeof IDENTITY - 1; len++) {
        (void)wg_copy_n(text, sizeof text, IDENTITY, len);
        expect_no_identity(text);
    }
    (void)wg_format(text, sizeof text, "%s\n", IDENTITY);
    expect_no_identity(text);
    (void)wg_format(text, sizeof text, "%sQ", IDENTITY);
    expect_no_identity(text);
    for (size_t i = 0; i < sizeof IDENTITY; i++)
        lower[i] =
            IDENTITY[i] >= 'A' && IDENTITY[i] <= 'Z' ? (char)(IDENTITY[i] + 32) : IDENTITY[i];
    expect_no_identity(lower);
}

static void expect_no_recipient(const char *text, enum wg_error_code code)
{
    struct age_recipient recipient;
    CU_ASSERT_FALSE(age_recipient_read(text, &recipient, &err));
    CU_ASSERT_EQUAL(err.code, code);
}

/* Bech32 that is right, around 32 bytes that are nobody's. */
static void test_weak_recipients(void)
{
    static const char *const weak[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
    };
    struct age_recipient recipient;
    char text[AGE_BECH32_TEXT];
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        (void)hex_read(weak[i], recipient.bytes, sizeof recipient.bytes);
        ASSERT_OK(age_recipient_write(&recipient, text, &err), &err);
        expect_no_recipient(text, WG_E_VERIFY);
    }
    expect_no_recipient("age1", WG_E_BAD_INPUT);
    expect_no_recipient(IDENTITY, WG_E_BAD_INPUT);
    expect_no_recipient("AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ",
                        WG_E_BAD_INPUT);
}

WG_SUITE("age key", {"the specification's example", test_example}, {"keys made", test_made},
         {"one character mistyped", test_mistyped}, {"what is no identity", test_refused},
         {"recipients that nobody has", test_weak_recipients})
