/* token_uri_test.c: pkcs11: URIs that find a key, and those that cannot be used. */
#include "common/posix/token_uri.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;
static struct wg_token_uri uri;

static bool parse(const char *text)
{
    wg_error_clear(&err);
    return wg_token_uri_parse(text, &uri, &err);
}

static void test_whole(void)
{
    ASSERT_OK(parse("pkcs11:token=My%20token;object=root%3b1;id=%01%fe;type=private;serial=12ab"
                    "?module-path=/usr/lib/x.so&pin-source=file:///run/pin%201"),
              &err);
    ASSERT_TEXT(uri.token, "My token");
    ASSERT_TEXT(uri.object, "root;1");
    ASSERT_TEXT(uri.serial, "12ab");
    ASSERT_TEXT(uri.module, "/usr/lib/x.so");
    ASSERT_TEXT(uri.pin_file, "/run/pin 1");
    CU_ASSERT_EQUAL(uri.id_len, 2);
    CU_ASSERT_EQUAL(memcmp(uri.id, "\x01\xfe", 2), 0);
    CU_ASSERT_EQUAL(uri.type, WG_TOKEN_PRIVATE);
}

static void test_least(void)
{
    ASSERT_OK(parse("pkcs11:object=a"), &err);
    ASSERT_TEXT(uri.module, "p11-kit-proxy.so");
    ASSERT_TEXT(uri.pin_file, "");
    CU_ASSERT_EQUAL(uri.type, WG_TOKEN_ANY);
    ASSERT_OK(parse("pkcs11:object=a;type=secret-key"), &err);
    CU_ASSERT_EQUAL(uri.type, WG_TOKEN_SECRET);
    ASSERT_OK(parse("pkcs11:id=%00?pin-source=/run/pin"), &err);
    ASSERT_TEXT(uri.pin_file, "/run/pin");
    ASSERT_OK(parse("pkcs11:object=a?pin-source=file:/run/pin"), &err);
    ASSERT_TEXT(uri.pin_file, "/run/pin");
}

static void test_refused(void)
{
    static const char *const bad[] = {
        "pkcs11:",
        "pkcs11:token=a",
        "pkcs11:object=",
        "pkcs11:object=%0",
        "pkcs11:object=%zz",
        "pkcs11:object=a%00b",
        "pkcs11:id=",
        "pkcs11:object=a;type=cert",
        "pkcs11:object=a;colour=red",
        "pkcs11:object",
        "file:object=a",
        "pkcs11:object=a?pin-source=file:x",
    };
    char longer[512] = "pkcs11:object=";
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_FALSE(parse(bad[i]));
        CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    }
    CU_ASSERT_FALSE(parse("pkcs11:object=a?pin-value=4711"));
    CU_ASSERT_PTR_NULL(strstr(err.text, "4711"));
    memset(longer + strlen(longer), 'a', 200);
    CU_ASSERT_FALSE(parse(longer));
}

WG_SUITE("token uri", {"with all attributes", test_whole}, {"with the least", test_least},
         {"refused", test_refused})
