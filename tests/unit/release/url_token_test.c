/* url_token_test.c: signed URLs, whole and with every field of them tampered with. */
#include "orchestrator/release/url_token.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define OTHER_HASH "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
#define NOW ((wg_time)1800000000 * WG_SECOND)
/* python3 -c 'import hmac; print(hmac.new(b"\x01"*32, b"wavegate artifact url v1\n/artifacts/"
 * b"9f86...0a08\ndev-1\n1800000600\n3000000\nk1\n", "sha256").hexdigest())' */
#define MAC "73bdfbaca4d730e3ef48e4855519817f47229d4a45b634e5d66c44f94ccabb73"
#define QUERY "?d=dev-1&e=1800000600&b=3000000&k=k1&m=" MAC
#define TARGET "/artifacts/" HASH QUERY

static struct wg_error err;

static const struct url_times times = {.now = NOW, .skew = WG_MINUTE, .longest = WG_DAY};

static struct url_keys keys_of(const char *first, const char *second)
{
    struct url_keys keys = {.count = second ? 2 : 1};
    (void)wg_copy(keys.keys[0].id, sizeof keys.keys[0].id, first);
    memset(keys.keys[0].secret, first[1] - '0', URL_KEY_BYTES);
    if (second) {
        (void)wg_copy(keys.keys[1].id, sizeof keys.keys[1].id, second);
        memset(keys.keys[1].secret, second[1] - '0', URL_KEY_BYTES);
    }
    return keys;
}

static struct url_grant grant_of(void)
{
    return (struct url_grant){.base = "https://files.example:8443/artifacts",
                              .sha256 = HASH,
                              .device = "dev-1",
                              .expires = NOW + 10 * WG_MINUTE + 999,
                              .bytes = 3000000};
}

static void test_signed(void)
{
    struct url_keys keys = keys_of("k1", NULL);
    struct url_grant grant = grant_of();
    struct url_token token;
    char url[WG_URL_MAX], again[URL_TARGET_MAX];
    ASSERT_OK(url_sign(&keys, &grant, url, &err), &err);
    ASSERT_TEXT(url, "https://files.example:8443" TARGET);
    ASSERT_OK(url_token_parse(TARGET, &token, &err), &err);
    ASSERT_OK(url_token_check(&token, &keys, &times, &err), &err);
    ASSERT_TEXT(token.prefix, "/artifacts");
    ASSERT_TEXT(token.sha256, HASH);
    ASSERT_TEXT(token.device, "dev-1");
    CU_ASSERT_EQUAL(token.expires, NOW + 10 * WG_MINUTE);
    CU_ASSERT_EQUAL(token.bytes, 3000000);
    ASSERT_OK(url_token_text(&token, again, &err), &err);
    ASSERT_TEXT(again, TARGET);
}

/* Each row is a URL of the right form whose signature is that of another one. */
static void test_tampered(void)
{
    static const char *const rows[] = {
        "/artifacts/" OTHER_HASH QUERY,
        "/artifact/" HASH QUERY,
        "/x/artifacts/" HASH QUERY,
        "/" HASH QUERY,
        "/artifacts/" HASH "?d=dev-2&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000601&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000001&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k2&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k3&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k1"
        "&m=0000000000000000000000000000000000000000000000000000000000000000",
    };
    struct url_keys keys = keys_of("k1", "k2");
    struct url_token token;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ASSERT_OK(url_token_parse(rows[i], &token, &err), &err);
        err.code = WG_OK;
        CU_ASSERT_FALSE(url_token_check(&token, &keys, &times, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    }
}

static void test_each_bit_of_the_mac(void)
{
    struct url_keys keys = keys_of("k1", NULL);
    struct url_token token;
    ASSERT_OK(url_token_parse(TARGET, &token, &err), &err);
    for (int bit = 0; bit < 8 * URL_MAC_BYTES; bit++) {
        struct url_token bent = token;
        bent.mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CU_ASSERT_FALSE(url_token_check(&bent, &keys, &times, &err));
    }
    keys.keys[0].secret[31] ^= 1;
    CU_ASSERT_FALSE(url_token_check(&token, &keys, &times, &err));
}

/* The same meaning in other words, more than was asked for, or less. */
static void test_not_canonical(void)
{
    static const char *const rows[] = {
        "",
        "/",
        "?",
        "/artifacts/" HASH,
        "/artifacts/" HASH "?",
        HASH QUERY,
        "artifacts/" HASH QUERY,
        "//artifacts/" HASH QUERY,
        "/artifacts//" HASH QUERY,
        "/./artifacts/" HASH QUERY,
        "/x/../artifacts/" HASH QUERY,
        "/artifacts/../artifacts/" HASH QUERY,
        "/%61rtifacts/" HASH QUERY,
        "/artifacts%2f" HASH QUERY,
        "/artifacts/%39f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" QUERY,
        "/artifacts/9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" QUERY,
        "/artifacts/" HASH "/" QUERY,
        "/artifacts/" HASH "a" QUERY,
        "/artifacts\\" HASH QUERY,
        "/arti facts/" HASH QUERY,
        "/artifacts/" HASH ";x" QUERY,
        "https://files.example/artifacts/" HASH QUERY,
        TARGET "&",
        TARGET "&x=1",
        TARGET "&d=dev-1",
        TARGET "#x",
        TARGET " ",
        TARGET "0",
        "/artifacts/" HASH "?d=dev-1&d=dev-1&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?x=1&d=dev-1&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?e=1800000600&d=dev-1&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "??d=dev-1&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1;e=1800000600;b=3000000;k=k1;m=" MAC,
        "/artifacts/" HASH "?d=&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev%2D1&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev+1&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=.dev&e=1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=01800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=+1800000600&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=-1&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=0&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600.0&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1099511627777&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=9999999999999999999&b=3000000&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=0&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=1125899906842625&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=0x10&k=k1&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=12345678901234567&m=" MAC,
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k1",
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k1&m=",
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k1&m=00",
        "/artifacts/" HASH "?d=dev-1&e=1800000600&b=3000000&k=k1"
        "&m=73BDFBACA4D730E3EF48E4855519817F47229D4A45B634E5D66C44F94CCABB73",
    };
    struct url_token token;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        err.code = WG_OK;
        bool ok = url_token_parse(rows[i], &token, &err);
        if (ok) printf("\n    taken: %s", rows[i]);
        CU_ASSERT_FALSE(ok);
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

static void test_long(void)
{
    char target[2048] = "/";
    struct url_token token;
    for (size_t i = 0; i < 1000; i++) (void)strcat(target, "a");
    (void)strcat(target, TARGET);
    CU_ASSERT_FALSE(url_token_parse(target, &token, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
}

static void test_dates(void)
{
    static const struct {
        wg_duration later; /* than NOW, when the URL is used; it expires 10 minutes after NOW */
        bool taken;
    } rows[] = {
        {0, true},
        {10 * WG_MINUTE, true},
        {11 * WG_MINUTE, true}, /* the clocks' difference */
        {11 * WG_MINUTE + 1, false},
        {365 * WG_DAY, false},
        /* signed by a clock that was ahead: a day and a minute are the most */
        {-WG_DAY + 9 * WG_MINUTE, true},
        {-WG_DAY + 9 * WG_MINUTE - 1, false},
    };
    struct url_keys keys = keys_of("k1", NULL);
    struct url_token token;
    ASSERT_OK(url_token_parse(TARGET, &token, &err), &err);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct url_times at = times;
        at.now += rows[i].later;
        err.code = WG_OK;
        CU_ASSERT_EQUAL(url_token_check(&token, &keys, &at, &err), rows[i].taken);
        CU_ASSERT_EQUAL(err.code, rows[i].taken ? WG_OK : WG_E_DENIED);
    }
}

/* An old key is accepted as long as it is there; the first one signs. */
static void test_rotation(void)
{
    struct url_keys before = keys_of("k1", NULL), both = keys_of("k1", "k2"),
                    turned = keys_of("k2", "k1"), after = keys_of("k2", NULL);
    struct url_grant grant = grant_of();
    struct url_token old, new;
    char url[WG_URL_MAX];
    ASSERT_OK(url_token_parse(TARGET, &old, &err), &err);
    ASSERT_OK(url_sign(&turned, &grant, url, &err), &err);
    ASSERT_OK(url_token_parse(strstr(url, "/artifacts"), &new, &err), &err);
    ASSERT_TEXT(new.key, "k2");
    CU_ASSERT_TRUE(url_token_check(&new, &both, &times, &err));
    CU_ASSERT_TRUE(url_token_check(&new, &after, &times, &err));
    CU_ASSERT_FALSE(url_token_check(&new, &before, &times, &err));
    CU_ASSERT_TRUE(url_token_check(&old, &turned, &times, &err));
    CU_ASSERT_FALSE(url_token_check(&old, &after, &times, &err));
}

static void test_grants_refused(void)
{
    struct url_keys keys = keys_of("k1", NULL), none = {.count = 0};
    struct url_grant good = grant_of();
    char url[WG_URL_MAX], base[300] = "https://files.example/";
    struct url_grant rows[16];
    size_t count = 0;
    memset(base + strlen(base), 'a', sizeof base - strlen(base) - 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) rows[i] = good;
    rows[count++].base = "http://files.example/artifacts";
    rows[count++].base = "https:///artifacts";
    rows[count++].base = "https://files.example?x=/artifacts";
    rows[count++].base = "https://user@files.example/artifacts";
    rows[count++].base = "https://files.example/artifacts/";
    rows[count++].base = "https://files.example/../artifacts";
    rows[count++].base = "https://files.example/a%20b";
    rows[count++].base = base;
    rows[count++].sha256 = "abc";
    rows[count++].sha256 = "../../../../etc/passwd";
    rows[count++].device = "";
    rows[count++].device = "dev-1&b=9";
    rows[count++].bytes = 0;
    rows[count++].bytes = URL_BYTES_MAX + 1;
    rows[count++].expires = 0;
    rows[count++].expires = (URL_EXPIRES_MAX + 1) * WG_SECOND;
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_FALSE(url_sign(&keys, &rows[i], url, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
    CU_ASSERT_FALSE(url_sign(&none, &good, url, &err));
    good.base = "https://files.example";
    ASSERT_OK(url_sign(&keys, &good, url, &err), &err);
}

WG_SUITE("orchestrator/release/url_token", {"signed", test_signed}, {"tampered", test_tampered},
         {"each bit of the MAC", test_each_bit_of_the_mac}, {"not canonical", test_not_canonical},
         {"long", test_long}, {"dates", test_dates}, {"rotation", test_rotation},
         {"grants refused", test_grants_refused})
