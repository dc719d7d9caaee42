/* header_test.c: headers made and opened; no change to one goes unseen. */
#include "common/age/header_part.h"

#include "common/age/base64.h"
#include "common/crypto.h"
#include "tests/unit/crypt/hex.h"

static struct wg_error err;

static const struct age_file_key KEY = {.bytes = "YELLOW SUBMARINE"};

static struct age_identity identity_of(uint8_t fill)
{
    struct age_identity identity;
    memset(identity.secret, fill, sizeof identity.secret);
    ASSERT_OK(wg_x25519_public(identity.secret, identity.recipient.bytes, &err), &err);
    return identity;
}

static void make(uint8_t recipient, uint8_t ephemeral, char out[AGE_HEADER_SIZE + 1])
{
    struct age_identity identity = identity_of(recipient);
    uint8_t secret[WG_X25519_SIZE];
    memset(secret, ephemeral, sizeof secret);
    ASSERT_OK(age_header_make_with(&KEY, &identity.recipient, secret, out, &err), &err);
}

static void expect_refused(const char *data, size_t len, uint8_t identity, enum wg_error_code code)
{
    struct age_identity who = identity_of(identity);
    struct age_file_key key;
    memset(&key, 0x77, sizeof key);
    CU_ASSERT_FALSE(age_header_open(data, len, &who, &key, &err));
    CU_ASSERT_EQUAL(err.code, code);
    if (err.code != code) printf("\n    %s\n", err.text);
    CU_ASSERT_EQUAL(key.bytes[0], 0x77);
}

static void test_made(void)
{
    char a[AGE_HEADER_SIZE + 1], b[AGE_HEADER_SIZE + 1];
    struct age_identity identity = identity_of(1);
    struct age_file_key key;
    size_t len;
    ASSERT_OK(age_header_make(&KEY, &identity.recipient, a, &err), &err);
    ASSERT_OK(age_header_make(&KEY, &identity.recipient, b, &err), &err);
    CU_ASSERT_EQUAL(strlen(a), AGE_HEADER_SIZE);
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, AGE_HEADER_SIZE), 0);
    ASSERT_OK(age_header_open(a, AGE_HEADER_SIZE, &identity, &key, &err), &err);
    CU_ASSERT_EQUAL(memcmp(&key, &KEY, sizeof key), 0);
    ASSERT_OK(age_header_length(a, sizeof a, &len, &err), &err);
    CU_ASSERT_EQUAL(len, AGE_HEADER_SIZE);
    expect_refused(a, AGE_HEADER_SIZE, 2, WG_E_NOT_FOUND);
}

static void test_with_the_same_secret(void)
{
    char a[AGE_HEADER_SIZE + 1], b[AGE_HEADER_SIZE + 1];
    make(1, 9, a);
    make(1, 9, b);
    ASSERT_TEXT(a, b);
    make(1, 10, b);
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, AGE_HEADER_SIZE), 0);
}

static void test_each_bit(void)
{
    char header[AGE_HEADER_SIZE + 1];
    struct age_identity identity = identity_of(1);
    struct age_file_key key;
    make(1, 9, header);
    for (size_t bit = 0; bit < 8 * (size_t)AGE_HEADER_SIZE; bit++) {
        header[bit / 8] = (char)(header[bit / 8] ^ 1 << bit % 8);
        CU_ASSERT_FALSE(age_header_open(header, AGE_HEADER_SIZE, &identity, &key, &err));
        header[bit / 8] = (char)(header[bit / 8] ^ 1 << bit % 8);
    }
    ASSERT_OK(age_header_open(header, AGE_HEADER_SIZE, &identity, &key, &err), &err);
}

static void test_each_length(void)
{
    char header[AGE_HEADER_SIZE + 2];
    make(1, 9, header);
    for (size_t len = 0; len < AGE_HEADER_SIZE; len++)
        expect_refused(header, len, 1, WG_E_BAD_INPUT);
    header[AGE_HEADER_SIZE] = '\n';
    expect_refused(header, AGE_HEADER_SIZE + 1, 1, WG_E_BAD_INPUT);
}

/* A header out of these stanzas, with a MAC that holds. */
static void join(const char *stanzas, struct wg_buf *out)
{
    uint8_t mac[AGE_MAC];
    wg_buf_init(out, 4 * AGE_HEADER_MAX);
    age_header_begin(out);
    wg_buf_text(out, stanzas);
    age_header_mark(out);
    ASSERT_OK(age_header_mac(&KEY, out->data, out->len, mac, &err), &err);
    age_header_finish(out, mac);
}

static void stanza_of(uint8_t recipient, char out[128])
{
    char header[AGE_HEADER_SIZE + 1];
    make(recipient, 9, header);
    const char *begin = strstr(header, "-> "), *end = strstr(header, "--- ");
    CU_ASSERT_TRUE(wg_copy_n(out, 128, begin, (size_t)(end - begin)));
}

static void expect_stanzas(const char *stanzas, enum wg_error_code code)
{
    struct wg_buf header;
    struct age_identity identity = identity_of(1);
    struct age_file_key key;
    join(stanzas, &header);
    if (code == WG_OK)
        ASSERT_OK(age_header_open(header.data, header.len, &identity, &key, &err), &err);
    else
        expect_refused(header.data, header.len, 1, code);
    wg_buf_clear(&header);
}

static void test_among_others(void)
{
    char mine[128], other[128], text[512];
    stanza_of(1, mine);
    stanza_of(2, other);
    expect_stanzas(mine, WG_OK);
    expect_stanzas(other, WG_E_NOT_FOUND);
    (void)wg_format(text, sizeof text, "%s%s", other, mine);
    expect_stanzas(text, WG_OK);
    (void)wg_format(text, sizeof text, "%s%s", mine, other);
    expect_stanzas(text, WG_OK);
    (void)wg_format(text, sizeof text, "-> x-grease a b\n\n%s-> ssh-ed25519 abc\nAAAA\n", mine);
    expect_stanzas(text, WG_OK);
    expect_stanzas(
        "-> scrypt bBjlhJVYZeE4aqUdmtRHfw 15\nZV/AhotwSGqaPCU43cepl4WYUouAa17a3xpu4G2yi5k\n",
        WG_E_NOT_FOUND);
    (void)wg_format(text, sizeof text, "%s-> scrypt a 1\n\n", mine);
    expect_stanzas(text, WG_E_BAD_INPUT);
    (void)wg_format(text, sizeof text, "-> scrypt a 1\n\n%s", mine);
    expect_stanzas(text, WG_E_BAD_INPUT);
}

/* A stanza that is broken breaks the header, also behind one that opens. */
static void test_broken_stanzas(void)
{
    static const char *const broken[] = {
        "-> X25519\n\n",
        "-> X25519 AAAA\n\n",
        /* no body; one argument too many; a body of 31 and of 33 bytes; a share of small order */
        "-> X25519 CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
        "-> X25519 CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA a\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "-> X25519 CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "-> X25519 CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "->  X25519 a\n\n",
        "-> X25519 \n\n",
        "-> \n\n",
        "->\n\n",
        "-> a\tb\n\n",
        "-> \xc3\xa4\n\n",
        "-> a\n=\n",
        "-> a\nAAA=\n",
        "-> a\nAB\n",
        "-> a\nA\n",
        "-> a\nAA AA\n",
        "-> a\r\n\r\n",
        /* a full line must be followed; 65, 66 and 68 columns are too many */
        "-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n",
        "-> a\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "-> a\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
    };
    char mine[128], text[512];
    stanza_of(1, mine);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        (void)wg_format(text, sizeof text, "%s%s", mine, broken[i]);
        expect_stanzas(text, WG_E_BAD_INPUT);
    }
    expect_stanzas("", WG_E_BAD_INPUT);
    expect_stanzas("-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
                   WG_E_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "small order"));
}

static void test_bounds(void)
{
    struct wg_buf text;
    char mine[128];
    stanza_of(1, mine);
    wg_buf_init(&text, 4 * AGE_HEADER_MAX);
    while (text.len < AGE_HEADER_MAX) wg_buf_text(&text, "-> a\n\n");
    wg_buf_text(&text, mine);
    expect_stanzas(wg_buf_str(&text), WG_E_LIMIT);
    wg_buf_clear(&text);
    wg_buf_init(&text, 4 * AGE_HEADER_MAX);
    wg_buf_text(&text, "age-encryption.org/v1\n-> ");
    while (text.len < 2 * AGE_HEADER_MAX) wg_buf_char(&text, 'a');
    expect_refused(text.data, text.len, 1, WG_E_LIMIT);
    wg_buf_clear(&text);
}

static void test_other_files(void)
{
    static const char armored[] = "-----BEGIN AGE ENCRYPTED FILE-----\n";
    static const char *const others[] = {"",
                                         "age",
                                         "age-encryption.org/v1",
                                         "age-encryption.org/v2\n",
                                         "age-encryption.org/v1\r\n",
                                         "\x7f"
                                         "ELF",
                                         "{\"a\": 1}\n"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        expect_refused(others[i], strlen(others[i]), 1, WG_E_BAD_INPUT);
    expect_refused(armored, sizeof armored - 1, 1, WG_E_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "armored"));
}

static void test_weak_recipient(void)
{
    struct age_recipient recipient = {{1}};
    char header[AGE_HEADER_SIZE + 1];
    CU_ASSERT_FALSE(age_header_make(&KEY, &recipient, header, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
}

/* Every text of up to three characters: it is taken only if it is what its bytes are written as. */
static void test_base64(void)
{
    static const char some[] = "ABQgwz09+/=\n -_";
    uint8_t bytes[3];
    char text[4];
    size_t len, n = sizeof some - 1, taken = 0;
    for (size_t i = 0; i < n * n * n; i++)
        for (size_t size = 0; size <= 3; size++) {
            char in[3] = {some[i % n], some[i / n % n], some[i / n / n]};
            if (!age_base64_read(in, size, bytes, sizeof bytes, &len)) continue;
            age_base64_write(bytes, len, text);
            CU_ASSERT_TRUE(AGE_BASE64_LEN(len) == size && memcmp(text, in, size) == 0);
            taken++;
        }
    CU_ASSERT_TRUE(taken > 100);
    CU_ASSERT_FALSE(age_base64_read("AAAA", 4, bytes, 2, &len));
}

WG_SUITE("age header", {"made and opened", test_made},
         {"one secret, one header", test_with_the_same_secret}, {"each bit", test_each_bit},
         {"each length", test_each_length}, {"among other stanzas", test_among_others},
         {"broken stanzas", test_broken_stanzas}, {"bounds", test_bounds},
         {"files of other kinds", test_other_files}, {"a weak recipient", test_weak_recipient},
         {"canonical Base 64", test_base64})
