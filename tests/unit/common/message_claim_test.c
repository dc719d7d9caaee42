/* message_claim_test.c: claims, answers and problems go through their readers; others are refused.
 */
#include "common/message_claim.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGE "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

static struct wg_error err;
static struct wg_claim_request request, read_back;

static void make_request(void)
{
    struct wg_identity_key key;
    struct wg_buf der;
    request = (struct wg_claim_request){.device = "dev-1",
                                        .token = "wgt1-secret",
                                        .age_key = AGE,
                                        .hardware_model = "ecu",
                                        .hardware_revision = "C"};
    wg_buf_init(&der, sizeof request.csr);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_P256, &key, &err), &err);
    ASSERT_OK(wg_csr_make("dev-1", &key, &der, &err), &err);
    memcpy(request.csr, der.data, request.csr_len = der.len);
    wg_buf_clear(&der);
}

static void test_request(void)
{
    struct wg_buf text;
    make_request();
    for (int told = 1; told >= 0; told--) {
        if (!told) request.hardware_revision[0] = '\0';
        wg_buf_init(&text, WG_CLAIM_BYTES_MAX);
        ASSERT_OK(wg_claim_request_encode(&request, &text, &err), &err);
        ASSERT_OK(wg_claim_request_decode(text.data, text.len, &read_back, &err), &err);
        ASSERT_TEXT(read_back.device, request.device);
        ASSERT_TEXT(read_back.token, request.token);
        CU_ASSERT_EQUAL_FATAL(read_back.csr_len, request.csr_len);
        CU_ASSERT_EQUAL(memcmp(read_back.csr, request.csr, request.csr_len), 0);
        ASSERT_TEXT(read_back.age_key, request.age_key);
        ASSERT_TEXT(read_back.hardware_model, request.hardware_model);
        ASSERT_TEXT(read_back.hardware_revision, request.hardware_revision);
        wg_buf_clear(&text);
    }
}

/* change: what takes the place of members; NULL values take them away. */
static void refused(const char *change, const char *expected)
{
    struct wg_buf text;
    struct wg_error why = {0};
    make_request();
    wg_buf_init(&text, WG_CLAIM_BYTES_MAX);
    ASSERT_OK(wg_claim_request_encode(&request, &text, &err), &err);
    json_t *json = json_loadb(text.data, text.len, 0, NULL), *changes = json_loads(change, 0, NULL);
    wg_buf_clear(&text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(changes);
    (void)json_object_update(json, changes);
    json_decref(changes);
    char *bad = json_dumps(json, 0);
    json_decref(json);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bad);
    CU_ASSERT_FALSE(wg_claim_request_decode(bad, strlen(bad), &read_back, &why));
    CU_ASSERT_EQUAL(why.code, WG_E_BAD_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, expected));
    if (!strstr(why.text, expected)) printf("\n    %s\n", why.text);
    CU_ASSERT_PTR_NULL(strstr(why.text, "wgt1"));
    free(bad);
}

static void test_refused(void)
{
    refused("{\"v\": 2}", "v: ");
    refused("{\"device\": \"a/b\"}", "device: ");
    refused("{\"device\": \"../../ledger\"}", "device: ");
    refused("{\"token\": 7}", "token: ");
    refused("{\"token\": \"\"}", "token: ");
    refused("{\"token\": \"wgt1-000000000000000000000000000000000000000000000000000000000000000000"
            "00000000000000\"}",
            "token: ");
    refused("{\"csr\": \"-----BEGIN CERTIFICATE REQUEST-----\"}", "csr: ");
    refused("{\"csr\": null}", "csr: ");
    refused("{\"age_key\": null}", "age_key: ");
    refused("{\"hardware\": {}}", "hardware: model: ");
    refused("{\"hardware\": {\"model\": \"a b\"}}", "hardware: ");
    refused("{\"hardware\": {\"model\": \"a\", \"revision\": \"$(id)\"}}", "hardware: ");
    refused("{\"hardware\": {\"model\": \"a\", \"serial\": 1}}", "serial");
    refused("{\"days\": 9999}", "days");
    CU_ASSERT_FALSE(wg_claim_request_decode("[]", 2, &read_back, &err));
}

static void test_answer(void)
{
    struct wg_buf text;
    struct wg_claim_answer answer = {.chain = "-----BEGIN", .record = "{\"a\":1,\"b\":{}}"}, back;
    wg_buf_init(&text, WG_CLAIM_ANSWER_MAX);
    ASSERT_OK(wg_claim_answer_encode(&answer, &text, &err), &err);
    ASSERT_OK(wg_claim_answer_decode(text.data, text.len, &back, &err), &err);
    ASSERT_TEXT(back.chain, answer.chain);
    ASSERT_TEXT(back.record, answer.record);
    wg_buf_clear(&text);
    CU_ASSERT_FALSE(wg_claim_answer_decode("{}", 2, &back, &err));
}

static void test_problem(void)
{
    struct wg_buf text;
    struct wg_problem problem = {.status = 403, .title = "Forbidden", .detail = "no\x1b[2J"}, back;
    wg_buf_init(&text, WG_CLAIM_ANSWER_MAX);
    ASSERT_OK(wg_problem_encode(&problem, &text, &err), &err);
    ASSERT_OK(wg_problem_decode(text.data, text.len, &back, &err), &err);
    CU_ASSERT_EQUAL(back.status, 403);
    ASSERT_TEXT(back.title, "Forbidden");
    ASSERT_TEXT(back.detail, "no?[2J");
    wg_buf_clear(&text);
    CU_ASSERT_FALSE(wg_problem_decode("{\"status\": 7}", 13, &back, &err));
}

WG_SUITE("message_claim", {"a request", test_request}, {"what is refused", test_refused},
         {"an answer", test_answer}, {"a problem", test_problem})
