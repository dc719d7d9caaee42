/* jwk_set_test.c: the examples of RFC 7515, and keys that are none for us. */
#include "orchestrator/openid/jwk_set.h"

#include "common/base64url.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

/* RFC 7515, appendix A.3. */
#define P256                                                                                       \
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","      \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define P256_SIGNED                                                                                \
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN" \
    "vbS9pc19yb290Ijp0cnVlfQ"
#define P256_SIGNATURE                                                                             \
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
/* RFC 7515, appendix A.2. */
#define RSA                                                                                        \
    "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W"   \
    "26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ4"  \
    "7soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"   \
    "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PA"   \
    "cDTW9gb54h4FRWyuXpoQ\""
#define RSA_SIGNED                                                                                 \
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN" \
    "vbS9pc19yb290Ijp0cnVlfQ"
#define RSA_SIGNATURE                                                                              \
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5" \
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl"  \
    "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w"   \
    "9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"

static struct jwk_set *set_of(const char *keys)
{
    char text[4096];
    struct wg_error err = {0};
    (void)snprintf(text, sizeof text, "{\"keys\":[%s]}", keys);
    struct jwk_set *set = jwk_set_parse(text, strlen(text), &err);
    ASSERT_OK(set != NULL, &err);
    return set;
}

static enum wg_error_code verdict(const char *keys, const char *alg, const char *kid,
                                  const char *data, const char *signature)
{
    uint8_t bytes[512];
    size_t len = 0;
    struct wg_error err = {0};
    struct jwk_set *set = set_of(keys);
    CU_ASSERT_TRUE(wg_base64url_read(signature, strlen(signature), bytes, sizeof bytes, &len));
    const struct jwk_signed what = {.alg = alg,
                                    .kid = kid,
                                    .data = data,
                                    .len = strlen(data),
                                    .signature = bytes,
                                    .signature_len = len};
    bool ok = jwk_set_verify(set, &what, &err);
    CU_ASSERT_EQUAL(ok, err.code == WG_OK);
    jwk_set_free(set);
    return err.code;
}

static void examples_of_the_rfc(void)
{
    const char *both = "{" P256 ",\"kid\":\"a\"},{" RSA ",\"kid\":\"b\"}";
    CU_ASSERT_EQUAL(verdict(both, "ES256", "", P256_SIGNED, P256_SIGNATURE), WG_OK);
    CU_ASSERT_EQUAL(verdict(both, "ES256", "a", P256_SIGNED, P256_SIGNATURE), WG_OK);
    CU_ASSERT_EQUAL(verdict(both, "RS256", "", RSA_SIGNED, RSA_SIGNATURE), WG_OK);
    CU_ASSERT_EQUAL(verdict(both, "RS256", "b", RSA_SIGNED, RSA_SIGNATURE), WG_OK);
}

static void a_key_has_one_algorithm(void)
{
    const char *both = "{" P256 ",\"kid\":\"a\"},{" RSA ",\"kid\":\"b\"}";
    CU_ASSERT_EQUAL(verdict(both, "ES256", "b", P256_SIGNED, P256_SIGNATURE), WG_E_NOT_FOUND);
    CU_ASSERT_EQUAL(verdict(both, "RS256", "a", RSA_SIGNED, RSA_SIGNATURE), WG_E_NOT_FOUND);
    static const char *const algs[] = {"",      "none",  "HS256", "RS384", "PS256",
                                       "es256", "ES384", "EdDSA", "RS256 "};
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++)
        CU_ASSERT_EQUAL(verdict(both, algs[i], "", RSA_SIGNED, RSA_SIGNATURE), WG_E_VERIFY);
}

static void what_was_changed_does_not_hold(void)
{
    char data[] = P256_SIGNED;
    data[sizeof data - 3] ^= 1;
    CU_ASSERT_EQUAL(verdict("{" P256 "}", "ES256", "", data, P256_SIGNATURE), WG_E_VERIFY);
    CU_ASSERT_EQUAL(verdict("{" P256 "}", "ES256", "", P256_SIGNED, RSA_SIGNATURE), WG_E_VERIFY);
    CU_ASSERT_EQUAL(verdict("{" P256 "}", "ES256", "", P256_SIGNED, ""), WG_E_VERIFY);
    CU_ASSERT_EQUAL(verdict("{" RSA "}", "RS256", "", RSA_SIGNED, ""), WG_E_VERIFY);
    CU_ASSERT_EQUAL(verdict("{" RSA "}", "RS256", "", P256_SIGNED, RSA_SIGNATURE), WG_E_VERIFY);
    /* zeros: r and s of ECDSA lie between 1 and the order */
    char zeros[87];
    memset(zeros, 'A', 86);
    zeros[86] = '\0';
    CU_ASSERT_EQUAL(verdict("{" P256 "}", "ES256", "", P256_SIGNED, zeros), WG_E_VERIFY);
}

static void keys_that_are_none_for_us(void)
{
    static const char *const bad[] = {
        "{}",
        "7",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"====\",\"e\":\"AQAB\"}",
        "{" RSA ",\"use\":\"enc\"}",
        "{" RSA ",\"alg\":\"RS512\"}",
        "{" RSA ",\"key_ops\":[\"encrypt\"]}",
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
        "{" P256 ",\"alg\":\"RS256\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct jwk_set *set = set_of(bad[i]);
        CU_ASSERT_EQUAL(jwk_set_count(set), 0);
        if (jwk_set_count(set) != 0) printf("taken: %s\n", bad[i]);
        jwk_set_free(set);
    }
    struct wg_error err = {0};
    CU_ASSERT_PTR_NULL(jwk_set_parse("{\"keys\":{}}", 11, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_EQUAL(verdict("{" P256 "},{" P256 "}", "ES256", "", P256_SIGNED, P256_SIGNATURE),
                    WG_E_VERIFY);
}

WG_SUITE("orchestrator/openid/jwk_set", {"examples_of_the_rfc", examples_of_the_rfc},
         {"a_key_has_one_algorithm", a_key_has_one_algorithm},
         {"what_was_changed_does_not_hold", what_was_changed_does_not_hold},
         {"keys_that_are_none_for_us", keys_that_are_none_for_us})
