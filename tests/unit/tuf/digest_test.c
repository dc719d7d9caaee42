/* digest_test.c: bytes against the hashes that metadata tells. */
#include "common/tuf/digest.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;

#define SHA256 "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
#define SHA512                                                                                     \
    "b2d1d285b5199c85f988d03649c37e44fd3dde01e5d69c50fef90651962f48110e9340b60d49a479c4c0b53f5f07" \
    "d690686dd87d2481937a512e8b85ee7c617f"

static bool check(const char *hashes, const char *data)
{
    json_t *object = json_loads(hashes, JSON_DECODE_ANY, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    wg_error_clear(&err);
    bool ok = tuf_digest_check(object, data, strlen(data), &err);
    json_decref(object);
    return ok;
}

static void test_known(void)
{
    CU_ASSERT_TRUE(check("{\"sha256\":\"" SHA256 "\"}", "content"));
    CU_ASSERT_TRUE(check("{\"sha512\":\"" SHA512 "\"}", "content"));
    CU_ASSERT_TRUE(
        check("{\"sha512\":\"" SHA512 "\",\"sha256\":\"" SHA256 "\",\"md5\":\"?\"}", "content"));
    CU_ASSERT_FALSE(check("{\"sha256\":\"" SHA256 "\"}", "Content"));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_FALSE(check("{\"sha512\":\"" SHA512 "\"}", "Content"));
}

/* One that fits does not outweigh one that does not. */
static void test_all_must_fit(void)
{
    CU_ASSERT_FALSE(
        check("{\"sha256\":\"" SHA256 "\",\"sha512\":\"" SHA256 SHA256 "\"}", "content"));
    CU_ASSERT_FALSE(check("{\"sha512\":\"" SHA512 "\",\"sha256\":\""
                          "0000000000000000000000000000000000000000000000000000000000000000\"}",
                          "content"));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
}

static void test_malformed(void)
{
    static const struct {
        const char *hashes;
        enum wg_error_code code;
    } cases[] = {
        {"{}", WG_E_VERIFY},
        {"{\"md5\":\"9a0364b9e99bb480dd25e1f0284c8555\"}", WG_E_VERIFY},
        {"[]", WG_E_BAD_INPUT},
        {"{\"sha256\":1}", WG_E_BAD_INPUT},
        {"{\"sha256\":\"\"}", WG_E_BAD_INPUT},
        {"{\"sha256\":\"" SHA512 "\"}", WG_E_BAD_INPUT},
        {"{\"sha256\":\"ED7002B439E9AC845F22357D822BAC1444730FBDB6016D3EC9432297B9EC9F73\"}",
         WG_E_BAD_INPUT},
        {"{\"sha512\":\"" SHA512 "\",\"sha256\":\"x\"}", WG_E_BAD_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CU_ASSERT_FALSE(check(cases[i].hashes, "content"));
        CU_ASSERT_EQUAL(err.code, cases[i].code);
    }
}

static void test_prefix(void)
{
    json_t *both = json_pack("{s:s, s:s}", "sha512", SHA512, "sha256", SHA256);
    ASSERT_TEXT(tuf_digest_prefix(both), SHA256);
    json_object_del(both, "sha256");
    ASSERT_TEXT(tuf_digest_prefix(both), SHA512);
    json_object_set_new(both, "sha512", json_string("../x"));
    CU_ASSERT_PTR_NULL(tuf_digest_prefix(both));
    json_decref(both);
}

WG_SUITE("digest", {"known", test_known}, {"all must fit", test_all_must_fit},
         {"malformed", test_malformed}, {"prefix", test_prefix})
