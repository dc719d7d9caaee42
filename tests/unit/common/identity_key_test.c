/* identity_key_test.c: keys of both kinds: made, written, read again, compared with openssl's. */
#include "common/identity_key.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct wg_error err;
static const enum wg_identity_kind KINDS[] = {WG_IDENTITY_ED25519, WG_IDENTITY_P256};
#define KINDS_COUNT (sizeof KINDS / sizeof KINDS[0])

static void test_round_trip(void)
{
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        struct wg_identity_key key, back;
        struct wg_identity_public read;
        char pem[WG_IDENTITY_PEM_MAX], noisy[2 * WG_IDENTITY_PEM_MAX];
        ASSERT_OK(wg_identity_make(KINDS[i], &key, &err), &err);
        ASSERT_OK(wg_identity_to_pem(&key, pem, &err), &err);
        ASSERT_OK(wg_identity_from_pem(pem, strlen(pem), &back, &err), &err);
        CU_ASSERT_EQUAL(memcmp(key.secret, back.secret, sizeof key.secret), 0);
        CU_ASSERT_TRUE(wg_identity_same(&key.public_key, &back.public_key));
        ASSERT_OK(wg_identity_from_secret(KINDS[i], key.secret, &back, &err), &err);
        CU_ASSERT_TRUE(wg_identity_same(&key.public_key, &back.public_key));
        ASSERT_OK(wg_identity_public_to_pem(&key.public_key, pem, &err), &err);
        ASSERT_OK(wg_identity_public_from_pem(pem, strlen(pem), &read, &err), &err);
        CU_ASSERT_TRUE(wg_identity_same(&key.public_key, &read));
        (void)snprintf(noisy, sizeof noisy, "of the director\r\n%sbye\n", pem);
        ASSERT_OK(wg_identity_public_from_pem(noisy, strlen(noisy), &read, &err), &err);
        for (size_t len = 0; len + 1 < strlen(pem); len++)
            CU_ASSERT_FALSE(wg_identity_public_from_pem(pem, len, &read, &err));
    }
}

static void test_signatures(void)
{
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        struct wg_identity_key key, other;
        uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
        size_t len = 0;
        ASSERT_OK(wg_identity_make(KINDS[i], &key, &err), &err);
        ASSERT_OK(wg_identity_sign(&key, "order", 5, signature, &len, &err), &err);
        ASSERT_OK(wg_identity_verify(&key.public_key, "order", 5, signature, len, &err), &err);
        for (size_t k = 0; k < KINDS_COUNT; k++) {
            char says[128], id[WG_SHA256_HEX];
            ASSERT_OK(wg_identity_make(KINDS[k], &other, &err), &err);
            ASSERT_OK(wg_identity_keyid(&other.public_key, id, &err), &err);
            CU_ASSERT_FALSE(
                wg_identity_verify(&other.public_key, "order", 5, signature, len, &err));
            CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
            (void)snprintf(says, sizeof says, "the signature of key %.16s does not hold", id);
            ASSERT_TEXT(err.text, says);
            wg_error_clear(&err);
        }
        CU_ASSERT_FALSE(wg_identity_verify(&key.public_key, "order", 5, signature, len - 1, &err));
        CU_ASSERT_FALSE(wg_identity_verify(&key.public_key, "order", 5, signature, 0, &err));
    }
}

static void test_scalars(void)
{
    static const char *const none[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", /* the order */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    uint8_t secret[WG_P256_SECRET];
    struct wg_identity_key key;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CU_ASSERT_TRUE_FATAL(wg_unhex(none[i], secret, sizeof secret));
        CU_ASSERT_FALSE(wg_identity_from_secret(WG_IDENTITY_P256, secret, &key, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

/* RFC 6979, A.2.5: the point of its scalar. */
static void test_key_id(void)
{
    static const char point[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    uint8_t secret[WG_P256_SECRET], bytes[WG_P256_POINT];
    char id[WG_SHA256_HEX], hex[2 * WG_P256_POINT + 1];
    struct wg_identity_key key;
    CU_ASSERT_TRUE_FATAL(wg_unhex(
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", secret, sizeof secret));
    ASSERT_OK(wg_identity_from_secret(WG_IDENTITY_P256, secret, &key, &err), &err);
    wg_hex(key.public_key.bytes, key.public_key.len, hex);
    ASSERT_TEXT(hex, point);
    CU_ASSERT_TRUE_FATAL(wg_unhex(point, bytes, sizeof bytes));
    ASSERT_OK(wg_sha256_of(bytes, sizeof bytes, hex, &err), &err);
    ASSERT_OK(wg_identity_keyid(&key.public_key, id, &err), &err);
    ASSERT_TEXT(id, hex);
}

static bool openssl(const char *folder, const char *args, char *out, size_t size)
{
    char command[512];
    (void)snprintf(command, sizeof command, "cd '%s' && openssl %s 2>/dev/null", folder, args);
    FILE *pipe = popen(command, "r");
    if (!pipe) return false;
    out[fread(out, 1, size - 1, pipe)] = '\0';
    return pclose(pipe) == 0;
}

static void check_with_openssl(const char *folder, enum wg_identity_kind kind)
{
    char file[256], pem[WG_IDENTITY_PEM_MAX], ours[WG_IDENTITY_PEM_MAX], theirs[4096];
    struct wg_identity_key key;
    struct wg_identity_public read;
    (void)snprintf(file, sizeof file, "%s/key", folder);
    ASSERT_OK(wg_identity_make(kind, &key, &err), &err);
    ASSERT_OK(wg_identity_to_pem(&key, pem, &err), &err);
    ASSERT_OK(wg_identity_public_to_pem(&key.public_key, ours, &err), &err);
    ASSERT_OK(wg_file_replace(file, pem, strlen(pem), 0600, &err), &err);
    CU_ASSERT_TRUE(openssl(folder, "pkey -in key -pubout", theirs, sizeof theirs));
    ASSERT_TEXT(theirs, ours);
    ASSERT_OK(wg_identity_public_from_pem(theirs, strlen(theirs), &read, &err), &err);
    CU_ASSERT_TRUE(wg_identity_same(&read, &key.public_key));
}

/* What a public key may not be: of another kind or curve, a point compressed, explicit parameters.
 */
static void check_others(const char *folder)
{
    static const char *const commands[] = {
        "genpkey -algorithm ed448 | openssl pkey -pubout",
        "genpkey -algorithm x25519 | openssl pkey -pubout",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 | openssl pkey -pubout",
        "ecparam -name secp256k1 -genkey -noout | openssl ec -pubout",
        "ecparam -name secp384r1 -genkey -noout | openssl ec -pubout",
        "ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -conv_form compressed",
        "ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -param_enc explicit",
    };
    char pem[4096];
    struct wg_identity_public read;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        CU_ASSERT_TRUE(openssl(folder, commands[i], pem, sizeof pem));
        CU_ASSERT_FALSE(wg_identity_public_from_pem(pem, strlen(pem), &read, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

static void test_openssl(void)
{
    char folder[] = "/tmp/wg_identity_key_test.XXXXXX", file[64];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    for (size_t i = 0; i < KINDS_COUNT; i++) check_with_openssl(folder, KINDS[i]);
    check_others(folder);
    (void)snprintf(file, sizeof file, "%s/key", folder);
    (void)unlink(file);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void test_bad_pem(void)
{
    static const char encrypted[] =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    static const char *const none[] = {
        "", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"};
    struct wg_identity_key key;
    struct wg_identity_public read;
    CU_ASSERT_FALSE(wg_identity_from_pem(encrypted, strlen(encrypted), &key, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "is encrypted"));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CU_ASSERT_FALSE(wg_identity_public_from_pem(none[i], strlen(none[i]), &read, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

WG_SUITE("identity key", {"round trip", test_round_trip}, {"signatures", test_signatures},
         {"scalars", test_scalars}, {"key id", test_key_id}, {"openssl", test_openssl},
         {"bad PEM", test_bad_pem})
