/* message_csr_test.c: renewal on the wire. */
#include "common/message_csr.h"

#include "tests/unit/harness.h"

#include <string.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct wg_error err;

static void test_renew(void)
{
    struct wg_identity_key old, fresh;
    struct wg_csr_message message = {.kind = WG_CSR_RENEW}, again;
    struct wg_buf der, json;
    wg_buf_init(&der, WG_CSR_DER_MAX);
    wg_buf_init(&json, WG_MESSAGE_MAX);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_P256, &old, &err), &err);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &fresh, &err), &err);
    ASSERT_OK(wg_csr_make("dev-1", &fresh, &der, &err), &err);
    memcpy(message.csr, der.data, message.csr_len = der.len);
    memcpy(message.certificate, "c", message.certificate_len = 1);
    CU_ASSERT_FALSE(wg_csr_message_encode(&message, &json, &err)); /* no proof */
    ASSERT_OK(wg_csr_prove(&message, "dev-1", &old, &err), &err);
    ASSERT_OK(wg_csr_message_encode(&message, &json, &err), &err);
    ASSERT_OK(wg_csr_message_decode(json.data, json.len, &again, &err), &err);
    CU_ASSERT_EQUAL(again.csr_len, message.csr_len);
    CU_ASSERT_EQUAL(memcmp(again.csr, message.csr, message.csr_len), 0);
    ASSERT_OK(wg_csr_check_proof(&again, "dev-1", &old.public_key, &err), &err);
    CU_ASSERT_FALSE(wg_csr_check_proof(&again, "dev-2", &old.public_key, &err));
    CU_ASSERT_FALSE(wg_csr_check_proof(&again, "dev-1", &fresh.public_key, &err));
    again.csr[again.csr_len - 1] ^= 1;
    CU_ASSERT_FALSE(wg_csr_check_proof(&again, "dev-1", &old.public_key, &err));
    wg_buf_clear(&der);
    wg_buf_clear(&json);
}

static void test_used(void)
{
    struct wg_identity_key key;
    struct wg_csr_message message = {.kind = WG_CSR_USED, .serial = "4f00"}, again;
    struct wg_buf json;
    wg_buf_init(&json, WG_MESSAGE_MAX);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &key, &err), &err);
    ASSERT_OK(wg_csr_prove(&message, "dev-1", &key, &err), &err);
    ASSERT_OK(wg_csr_message_encode(&message, &json, &err), &err);
    ASSERT_OK(wg_csr_message_decode(json.data, json.len, &again, &err), &err);
    ASSERT_TEXT(again.serial, "4f00");
    ASSERT_OK(wg_csr_check_proof(&again, "dev-1", &key.public_key, &err), &err);
    again.serial[0] = '5';
    CU_ASSERT_FALSE(wg_csr_check_proof(&again, "dev-1", &key.public_key, &err));
    wg_buf_clear(&json);
}

static void test_pins(void)
{
    static const char *const wrong[] = {"{\"v\":1,\"kind\":\"pins\"}",
                                        "{\"v\":1,\"kind\":\"pins\",\"number\":-1}",
                                        "{\"v\":1,\"kind\":\"pins\",\"number\":\"4\"}",
                                        "{\"v\":1,\"kind\":\"pins\",\"number\":1e20}",
                                        "{\"v\":1,\"kind\":\"pins\",\"pins\":\"{}\"}",
                                        "{\"v\":1,\"kind\":\"pins\",\"pins\":[]}"};
    struct wg_csr_message message = {.kind = WG_CSR_PINS, .number = 4}, again;
    struct wg_cert_message answer = {.kind = WG_CERT_PINS, .pins = "no JSON"};
    struct wg_buf json;
    wg_buf_init(&json, WG_MESSAGE_MAX);
    ASSERT_OK(wg_csr_message_encode(&message, &json, &err), &err);
    ASSERT_TEXT(wg_buf_str(&json), "{\"v\":1,\"kind\":\"pins\",\"number\":4}");
    ASSERT_OK(wg_csr_message_decode(json.data, json.len, &again, &err), &err);
    CU_ASSERT_EQUAL(again.kind, WG_CSR_PINS);
    CU_ASSERT_EQUAL(again.number, 4);
    message.number = -1;
    CU_ASSERT_FALSE(wg_csr_message_encode(&message, &json, &err));
    CU_ASSERT_FALSE(wg_cert_message_encode(&answer, &json, &err));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_FALSE(wg_csr_message_decode(wrong[i], strlen(wrong[i]), &again, &err));
        CU_ASSERT_FALSE(wg_cert_message_decode(wrong[i], strlen(wrong[i]), &answer, &err));
    }
    /* longer than is kept */
    char text[WG_PINS_WIRE_MAX + 64];
    (void)wg_format(text, sizeof text, "{\"v\":1,\"kind\":\"pins\",\"pins\":{\"a\":\"%*s\"}}",
                    WG_PINS_WIRE_MAX, "");
    CU_ASSERT_FALSE(wg_cert_message_decode(text, strlen(text), &answer, &err));
    wg_buf_clear(&json);
}

static void test_answers(void)
{
    static const struct wg_cert_message messages[] = {
        {.kind = WG_CERT_ISSUED, .request = HASH, .chain = "-----BEGIN"},
        {.kind = WG_CERT_REFUSED,
         .request = HASH,
         .cause = WG_CERT_RATE,
         .detail = "too often",
         .retry = WG_HOUR},
        {.kind = WG_CERT_SETTLED, .serial = "4f00"},
        {.kind = WG_CERT_PINS, .pins = "{\"signed\":{\"number\":4},\"signatures\":[]}"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct wg_cert_message again;
        struct wg_buf json, twice;
        wg_buf_init(&json, WG_MESSAGE_MAX);
        wg_buf_init(&twice, WG_MESSAGE_MAX);
        ASSERT_OK(wg_cert_message_encode(&messages[i], &json, &err), &err);
        ASSERT_OK(wg_cert_message_decode(json.data, json.len, &again, &err), &err);
        CU_ASSERT_EQUAL(again.kind, messages[i].kind);
        CU_ASSERT_EQUAL(again.cause, messages[i].cause);
        CU_ASSERT_EQUAL(again.retry, messages[i].retry);
        ASSERT_TEXT(again.request, messages[i].request);
        ASSERT_TEXT(again.chain, messages[i].chain);
        ASSERT_TEXT(again.detail, messages[i].detail);
        ASSERT_TEXT(again.serial, messages[i].serial);
        ASSERT_OK(wg_cert_message_encode(&again, &twice, &err), &err);
        ASSERT_TEXT(wg_buf_str(&twice), wg_buf_str(&json));
        wg_buf_clear(&json);
        wg_buf_clear(&twice);
    }
}

static void test_refused(void)
{
    static const char *const csrs[] = {
        "",
        "[]",
        "{\"v\":1}",
        "{\"v\":2,\"kind\":\"used\",\"serial\":\"4f\",\"proof\":\"AAAA\"}",
        "{\"v\":1,\"kind\":\"use\",\"serial\":\"4f\",\"proof\":\"AAAA\"}",
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"4F\",\"proof\":\"AAAA\"}",
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"4f0\",\"proof\":\"AAAA\"}",
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"\",\"proof\":\"AAAA\"}",
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"4f\",\"proof\":\"AA=A\"}",
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"4f\",\"proof\":\"AAB=\"}", /* not canonical */
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"4f\",\"proof\":\"AA\\nAA\"}",
        "{\"v\":1,\"kind\":\"used\",\"serial\":\"4f\",\"proof\":\"\"}",
        "{\"v\":1,\"kind\":\"renew\",\"proof\":\"AAAA\",\"csr\":\"AAAA\"}",
    };
    struct wg_csr_message csr;
    struct wg_cert_message cert;
    for (size_t i = 0; i < sizeof csrs / sizeof csrs[0]; i++) {
        CU_ASSERT_FALSE(wg_csr_message_decode(csrs[i], strlen(csrs[i]), &csr, &err));
        CU_ASSERT_FALSE(wg_cert_message_decode(csrs[i], strlen(csrs[i]), &cert, &err));
    }
}

WG_SUITE("message_csr", {"a renewal and its proof", test_renew},
         {"the word that it worked", test_used}, {"answers", test_answers}, {"pins", test_pins},
         {"what is wrong is refused", test_refused})
