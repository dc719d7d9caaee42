/* answer_test.c: bodies, headers, problems. */
#include "orchestrator/http/answer.h"

#include "tests/unit/harness.h"

#include <string.h>

static void test_problem(void)
{
    struct http_answer answer;
    http_answer_init(&answer);
    CU_ASSERT_TRUE(http_answer_json(&answer, 200, json_pack("{s:i}", "a", 1), NULL));
    CU_ASSERT_STRING_EQUAL(wg_buf_str(&answer.body), "{\"a\":1}\n");
    json_t *members = json_pack("{s:s}", "permission", "device.retry");
    http_answer_problem(&answer, 403, "denied", "not you", members);
    json_decref(members);
    CU_ASSERT_STRING_EQUAL(answer.type, "application/problem+json");
    CU_ASSERT_EQUAL(answer.status, 403);
    CU_ASSERT_STRING_EQUAL(wg_buf_str(&answer.body),
                           "{\"type\":\"urn:wavegate:problem:denied\",\"title\":\"not allowed\","
                           "\"status\":403,\"code\":\"denied\",\"detail\":\"not you\","
                           "\"permission\":\"device.retry\"}\n");
    http_answer_clear(&answer);
}

static void test_headers(void)
{
    struct http_answer answer;
    char text[600];
    http_answer_init(&answer);
    CU_ASSERT_TRUE(http_answer_header(&answer, "ETag", "\"7\""));
    CU_ASSERT_FALSE(http_answer_header(&answer, "Location", "/a\r\nSet-Cookie: b=c"));
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    CU_ASSERT_FALSE(http_answer_header(&answer, "Location", text));
    CU_ASSERT_STRING_EQUAL(http_answer_find(&answer, "etag"), "\"7\"");
    CU_ASSERT_PTR_NULL(http_answer_find(&answer, "Location"));
    for (int i = 1; i < HTTP_HEADERS_MAX; i++)
        CU_ASSERT_TRUE(http_answer_header(&answer, "X-A", "b"));
    CU_ASSERT_FALSE(http_answer_header(&answer, "X-A", "b"));
    http_answer_clear(&answer);
}

WG_SUITE("orchestrator/http/answer", {"problem", test_problem}, {"headers", test_headers})
