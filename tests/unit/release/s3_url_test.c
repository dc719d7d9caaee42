/* s3_url_test.c: URLs presigned by AWS Signature Version 4. */
#include "orchestrator/release/s3_url.h"

#include "tests/unit/harness.h"

#include <string.h>

#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

static struct wg_error err;
static char url[WG_URL_MAX];

/* "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API
 * Reference: the example of a presigned URL, good for 24 hours. */
static struct s3_grant published(void)
{
    return (struct s3_grant){.base = "https://examplebucket.s3.amazonaws.com",
                             .object = "test.txt",
                             .region = "us-east-1",
                             .access_key = "AKIAIOSFODNN7EXAMPLE",
                             .issued = 1369353600 * WG_SECOND,
                             .expires = (1369353600 + 86400) * WG_SECOND};
}

static void test_published(void)
{
    struct s3_grant grant = published();
    ASSERT_OK(s3_presign(&grant, SECRET, url, &err), &err);
    ASSERT_TEXT(url, "https://examplebucket.s3.amazonaws.com/test.txt"
                     "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                     "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
                     "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
                     "&X-Amz-SignedHeaders=host&X-Amz-Signature="
                     "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* Path-style, with a port, a prefix, a key id that is escaped, and the longest time; milliseconds
 * do not count. The signature is that of a dozen lines of Python with hmac and urllib. */
static void test_path_style(void)
{
    struct s3_grant grant = {.base = "https://store.example:9000/updates/fleet-a",
                             .object = "9f86",
                             .region = "eu-central-1",
                             .access_key = "test:tester",
                             .issued = 1800000001 * WG_SECOND + 999,
                             .expires = (1800000001 + 604800) * WG_SECOND + 1};
    char again[WG_URL_MAX];
    ASSERT_OK(s3_presign(&grant, "s3cret", url, &err), &err);
    ASSERT_TEXT(url, "https://store.example:9000/updates/fleet-a/9f86"
                     "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%3Atester%2F20270115"
                     "%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20270115T080001Z"
                     "&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature="
                     "319726a0addb25a2276a7931892e2925b2df6d92401400385743c9bbc468f34f");
    ASSERT_OK(s3_presign(&grant, "s3cret", again, &err), &err);
    ASSERT_TEXT(again, url);
    ASSERT_OK(s3_presign(&grant, "s3creu", again, &err), &err);
    CU_ASSERT_STRING_NOT_EQUAL(again, url);
}

static void refused(const struct s3_grant *grant, enum wg_error_code code)
{
    wg_error_clear(&err);
    CU_ASSERT_FALSE(s3_presign(grant, SECRET, url, &err));
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_PTR_NULL(strstr(err.text, SECRET));
}

static void test_refused(void)
{
    struct s3_grant grant = published();
    static const char *const bases[] = {"http://h",      "https://",      "https:///b",
                                        "https://h/a b", "https://h/a?b", "https://h/%41",
                                        "https://u@h"};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        grant.base = bases[i];
        refused(&grant, WG_E_BAD_INPUT);
    }
    grant = published();
    grant.object = "a&b";
    refused(&grant, WG_E_BAD_INPUT);
    grant.object = "";
    refused(&grant, WG_E_BAD_INPUT);
    grant = published();
    grant.expires = grant.issued + WG_SECOND - 1;
    refused(&grant, WG_E_BAD_INPUT);
    grant.expires = grant.issued + S3_LASTS_MOST + WG_SECOND;
    refused(&grant, WG_E_BAD_INPUT);
    grant.expires = grant.issued + S3_LASTS_MOST;
    ASSERT_OK(s3_presign(&grant, SECRET, url, &err), &err);
}

/* What an order takes is filled to its last byte, and nothing is cut. */
static void test_too_long(void)
{
    struct s3_grant grant = published();
    char object[WG_URL_MAX];
    ASSERT_OK(s3_presign(&grant, SECRET, url, &err), &err);
    size_t room = WG_URL_MAX - 1 - strlen(url) + strlen(grant.object);
    memset(object, 'a', sizeof object);
    grant.object = object;
    object[room] = '\0';
    ASSERT_OK(s3_presign(&grant, SECRET, url, &err), &err);
    CU_ASSERT_EQUAL(strlen(url), WG_URL_MAX - 1);
    object[room] = 'a';
    object[room + 1] = '\0';
    refused(&grant, WG_E_LIMIT);
}

WG_SUITE("orchestrator/release/s3_url", {"published example", test_published},
         {"path-style", test_path_style}, {"refused", test_refused}, {"too long", test_too_long})
