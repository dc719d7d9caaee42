/* crypto_test.c: SHA-256 and Ed25519 against published vectors, forgeries that must fail, keys as
 * PEM files against the openssl command. */
#include "common/crypto.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct wg_error err;

static const struct vector {
    const char *seed, *public_key, *message, *signature;
} RFC_8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fe"
     "ebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431"
     "e0303dca179c138ac17ad9bef1177331a704"},
};

/* L of RFC 8032, little-endian. */
static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

static void read_hex(const char *hex, void *out, size_t len)
{
    CU_ASSERT_TRUE_FATAL(strlen(hex) == 2 * len && wg_unhex(hex, out, len));
}

static struct wg_secret_key key_of(const struct vector *vector)
{
    uint8_t seed[WG_ED25519_SECRET];
    struct wg_secret_key key;
    read_hex(vector->seed, seed, sizeof seed);
    ASSERT_OK(wg_secret_key_from_seed(seed, &key, &err), &err);
    return key;
}

static void test_sha256(void)
{
    static const struct {
        const char *text, *hash;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[WG_SHA256_HEX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ASSERT_OK(wg_sha256_of(cases[i].text, strlen(cases[i].text), hex, &err), &err);
        ASSERT_TEXT(hex, cases[i].hash);
    }
}

static void test_sha256_in_pieces(void)
{
    enum { ALL = 1000000, PIECE = 997 };
    char piece[PIECE], hex[WG_SHA256_HEX];
    uint8_t hash[WG_SHA256_SIZE];
    struct wg_sha256 sha;
    memset(piece, 'a', sizeof piece);
    ASSERT_OK(wg_sha256_init(&sha, &err), &err);
    for (size_t left = ALL; left > 0;) {
        size_t n = left < PIECE ? left : PIECE;
        ASSERT_OK(wg_sha256_add(&sha, piece, n, &err), &err);
        left -= n;
    }
    ASSERT_OK(wg_sha256_end(&sha, hash, &err), &err);
    wg_sha256_clear(&sha);
    wg_hex(hash, sizeof hash, hex);
    ASSERT_TEXT(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_random(void)
{
    static uint8_t a[10000], b[10000];
    ASSERT_OK(wg_random(a, sizeof a, &err), &err);
    ASSERT_OK(wg_random(b, sizeof b, &err), &err);
    CU_ASSERT_TRUE(memcmp(a, b, sizeof a) != 0);
    size_t zeros = 0;
    for (size_t i = 0; i < sizeof a; i++) zeros += a[i] == 0;
    CU_ASSERT_TRUE(zeros > 0 && zeros < 200);
    ASSERT_OK(wg_random(a, 0, &err), &err);
}

static void test_rfc_8032(void)
{
    for (size_t i = 0; i < sizeof RFC_8032 / sizeof RFC_8032[0]; i++) {
        struct wg_secret_key key = key_of(&RFC_8032[i]);
        uint8_t message[64], signature[WG_ED25519_SIGNATURE];
        char hex[2 * WG_ED25519_SIGNATURE + 1];
        size_t len = strlen(RFC_8032[i].message) / 2;
        read_hex(RFC_8032[i].message, message, len);
        wg_hex(key.public_key.bytes, WG_ED25519_PUBLIC, hex);
        ASSERT_TEXT(hex, RFC_8032[i].public_key);
        ASSERT_OK(wg_sign(&key, message, len, signature, &err), &err);
        wg_hex(signature, sizeof signature, hex);
        ASSERT_TEXT(hex, RFC_8032[i].signature);
        ASSERT_OK(wg_verify(&key.public_key, message, len, signature, &err), &err);
    }
}

static void assert_refused(const struct wg_public_key *key, const void *data, size_t len,
                           const uint8_t *signature)
{
    wg_error_clear(&err);
    CU_ASSERT_FALSE(wg_verify(key, data, len, signature, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
}

static void test_changed_bits(void)
{
    struct wg_secret_key key = key_of(&RFC_8032[2]);
    uint8_t message[32], signature[WG_ED25519_SIGNATURE];
    memset(message, 'm', sizeof message);
    ASSERT_OK(wg_sign(&key, message, sizeof message, signature, &err), &err);
    for (size_t bit = 0; bit < sizeof signature * 8; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_refused(&key.public_key, message, sizeof message, signature);
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    for (size_t bit = 0; bit < sizeof message * 8; bit++) {
        message[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_refused(&key.public_key, message, sizeof message, signature);
        message[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    assert_refused(&key.public_key, message, sizeof message - 1, signature);
    struct wg_secret_key other = key_of(&RFC_8032[1]);
    assert_refused(&other.public_key, message, sizeof message, signature);
    ASSERT_OK(wg_verify(&key.public_key, message, sizeof message, signature, &err), &err);
}

/* Adds L to the little-endian number; false when it no longer fits. */
static bool add_order(uint8_t scalar[32])
{
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)scalar[i] + ORDER[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0;
}

static void test_scalar_not_below_order(void)
{
    for (size_t i = 0; i < sizeof RFC_8032 / sizeof RFC_8032[0]; i++) {
        struct wg_secret_key key = key_of(&RFC_8032[i]);
        uint8_t message[64], signature[WG_ED25519_SIGNATURE] = {0};
        size_t len = strlen(RFC_8032[i].message) / 2, twins = 0;
        read_hex(RFC_8032[i].message, message, len);
        read_hex(RFC_8032[i].signature, signature, sizeof signature);
        while (add_order(signature + 32)) {
            assert_refused(&key.public_key, message, len, signature);
            twins++;
        }
        CU_ASSERT_TRUE(twins >= 14);
        memcpy(signature + 32, ORDER, sizeof ORDER);
        assert_refused(&key.public_key, message, len, signature);
    }
}

/* With such a key R = the point itself or the neutral one, and S = 0, hold for many messages. */
static void test_small_order_keys(void)
{
    static const char *const keys[] = {
        "0100000000000000000000000000000000000000000000000000000000000000", /* order 1 */
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2 */
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000", /* 4 */
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* 8 */
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p, as 0 */
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 1, as 1 */
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 3: not small,
                                                                                not canonical */
    };
    uint8_t signature[WG_ED25519_SIGNATURE] = {1};
    struct wg_public_key made;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct wg_public_key key = {.id = "weak"};
        read_hex(keys[i], key.bytes, sizeof key.bytes);
        CU_ASSERT_FALSE(wg_public_key_from_bytes(key.bytes, &made, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
        for (char m = 0; m < 16; m++) assert_refused(&key, &m, 1, signature);
    }
}

static void test_halves_must_match(void)
{
    struct wg_secret_key key = key_of(&RFC_8032[0]), other = key_of(&RFC_8032[1]);
    uint8_t signature[WG_ED25519_SIGNATURE];
    key.public_key = other.public_key;
    CU_ASSERT_FALSE(wg_sign(&key, "x", 1, signature, &err));
    memcpy(key.pair, other.pair, sizeof key.pair); /* of two halves, but not of these */
    CU_ASSERT_FALSE(wg_sign(&key, "x", 1, signature, &err));
}

/* A key that says nothing of its halves signs the same; it takes longer. */
static void test_halves_unseen(void)
{
    struct wg_secret_key key = key_of(&RFC_8032[0]);
    uint8_t seen[WG_ED25519_SIGNATURE], unseen[WG_ED25519_SIGNATURE];
    ASSERT_OK(wg_sign(&key, "x", 1, seen, &err), &err);
    memset(key.pair, 0, sizeof key.pair);
    ASSERT_OK(wg_sign(&key, "x", 1, unseen, &err), &err);
    CU_ASSERT_EQUAL(memcmp(seen, unseen, sizeof seen), 0);
}

static void test_made_keys(void)
{
    struct wg_secret_key a, b, empty;
    uint8_t signature[WG_ED25519_SIGNATURE];
    ASSERT_OK(wg_key_make(&a, &err), &err);
    ASSERT_OK(wg_key_make(&b, &err), &err);
    CU_ASSERT_TRUE(strcmp(a.public_key.id, b.public_key.id) != 0);
    CU_ASSERT_EQUAL(strlen(a.public_key.id), 64);
    ASSERT_OK(wg_sign(&a, "order", 5, signature, &err), &err);
    ASSERT_OK(wg_verify(&a.public_key, "order", 5, signature, &err), &err);
    assert_refused(&b.public_key, "order", 5, signature);
    memset(&empty, 0, sizeof empty);
    wg_key_clear(&a);
    CU_ASSERT_EQUAL(memcmp(&a, &empty, sizeof a), 0);
}

static void test_pem_round_trip(void)
{
    struct wg_secret_key key, back;
    char pem[WG_KEY_PEM_MAX], noisy[2 * WG_KEY_PEM_MAX];
    ASSERT_OK(wg_key_make(&key, &err), &err);
    ASSERT_OK(wg_secret_key_to_pem(&key, pem, &err), &err);
    ASSERT_OK(wg_secret_key_from_pem(pem, strlen(pem), &back, &err), &err);
    CU_ASSERT_EQUAL(memcmp(key.seed, back.seed, sizeof key.seed), 0);
    ASSERT_TEXT(back.public_key.id, key.public_key.id);
    (void)snprintf(noisy, sizeof noisy, "director key\r\n%sbye\n", pem);
    ASSERT_OK(wg_secret_key_from_pem(noisy, strlen(noisy), &back, &err), &err);
    for (size_t len = 0; len + 1 < strlen(pem); len++)
        CU_ASSERT_FALSE(wg_secret_key_from_pem(pem, len, &back, &err));
}

static void test_bad_pem(void)
{
#define PEM(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"
    static const struct {
        const char *pem, *says;
    } cases[] = {
        {"", "no line \"-----BEGIN PRIVATE KEY-----\""},
        {PEM("PUBLIC KEY", "MCowBQYDK2VwAyEA"), "no line \"-----BEGIN PRIVATE KEY-----\""},
        {PEM("ENCRYPTED PRIVATE KEY", "AAAA"), "is encrypted"},
        {PEM("PRIVATE KEY", ""), "not an Ed25519 key"},
        {PEM("PRIVATE KEY", "!!!!"), "not an Ed25519 key"},
        {PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIA=="), "not an Ed25519 key"},
        /* X25519: one byte of the algorithm differs */
        {PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VuBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"),
         "not an Ed25519 key"},
        {PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9gAAAA"),
         "too long"},
        {"-----BEGIN PRIVATE KEY-----\nMC4C", "no line \"-----END PRIVATE KEY-----\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wg_secret_key key;
        wg_error_clear(&err);
        CU_ASSERT_FALSE(wg_secret_key_from_pem(cases[i].pem, strlen(cases[i].pem), &key, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, cases[i].says)) ASSERT_TEXT(err.text, cases[i].says);
    }
    struct wg_secret_key good;
    const char *pem =
        PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");
    ASSERT_OK(wg_secret_key_from_pem(pem, strlen(pem), &good, &err), &err);
    CU_ASSERT_EQUAL(good.seed[0], 0x9d);
#undef PEM
}

/* Runs openssl in folder; reads what it prints. False when it fails. */
static bool openssl(const char *folder, const char *args, char *out, size_t size, size_t *len)
{
    char command[512];
    (void)snprintf(command, sizeof command, "cd '%s' && openssl %s 2>/dev/null", folder, args);
    FILE *pipe = popen(command, "r");
    if (!pipe) return false;
    *len = fread(out, 1, size - 1, pipe);
    out[*len] = '\0';
    return pclose(pipe) == 0;
}

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void check_our_key(const char *folder)
{
    char ours[WG_KEY_PEM_MAX], theirs[2048];
    uint8_t signature[WG_ED25519_SIGNATURE];
    size_t len = 0;
    struct wg_secret_key key;
    ASSERT_OK(wg_key_make(&key, &err), &err);
    ASSERT_OK(wg_secret_key_to_pem(&key, ours, &err), &err);
    write_text(folder, "ours.pem", ours);
    CU_ASSERT_TRUE(openssl(folder, "pkey -in ours.pem", theirs, sizeof theirs, &len));
    ASSERT_TEXT(theirs, ours);
    /* Its signature is ours: Ed25519 is deterministic. */
    write_text(folder, "message", "the same message");
    ASSERT_OK(wg_sign(&key, "the same message", 16, signature, &err), &err);
    CU_ASSERT_TRUE(openssl(folder, "pkeyutl -sign -rawin -inkey ours.pem -in message", theirs,
                           sizeof theirs, &len));
    CU_ASSERT_EQUAL(len, sizeof signature);
    CU_ASSERT_EQUAL(memcmp(theirs, signature, sizeof signature), 0);
}

static void check_their_keys(const char *folder)
{
    char theirs[2048];
    size_t len = 0;
    struct wg_secret_key key;
    CU_ASSERT_TRUE(openssl(folder, "genpkey -algorithm ed25519", theirs, sizeof theirs, &len));
    ASSERT_OK(wg_secret_key_from_pem(theirs, len, &key, &err), &err);
    /* Keys of other kinds are refused. */
    CU_ASSERT_TRUE(openssl(folder, "genpkey -algorithm ed448", theirs, sizeof theirs, &len));
    CU_ASSERT_FALSE(wg_secret_key_from_pem(theirs, len, &key, &err));
    CU_ASSERT_TRUE(openssl(folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", theirs,
                           sizeof theirs, &len));
    CU_ASSERT_FALSE(wg_secret_key_from_pem(theirs, len, &key, &err));
}

static void test_openssl(void)
{
    char folder[] = "/tmp/wg_crypto_test.XXXXXX", out[64], path[128];
    size_t len = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    if (openssl(folder, "version", out, sizeof out, &len)) {
        check_our_key(folder);
        check_their_keys(folder);
    } else
        printf("no openssl command: not compared ");
    static const char *const files[] = {"ours.pem", "message"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

WG_SUITE("crypto", {"SHA-256", test_sha256}, {"SHA-256 in pieces", test_sha256_in_pieces},
         {"random bytes", test_random}, {"RFC 8032", test_rfc_8032},
         {"changed bits", test_changed_bits},
         {"scalar not below the group order", test_scalar_not_below_order},
         {"small-order keys", test_small_order_keys}, {"halves must match", test_halves_must_match},
         {"halves not seen before", test_halves_unseen}, {"made keys", test_made_keys},
         {"PEM round trip", test_pem_round_trip}, {"bad PEM", test_bad_pem},
         {"openssl", test_openssl})
