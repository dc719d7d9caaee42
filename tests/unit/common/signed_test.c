/* signed_test.c: the signed envelope: what holds, what is forged, what is malformed. */
#include "common/signed.h"

#include "common/text.h"
#include "tests/unit/common/twin.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static struct wg_error err;
static struct wg_identity_key ours, theirs, unknown;
static char ours_id[WG_SHA256_HEX], theirs_id[WG_SHA256_HEX];

static void make_key(enum wg_identity_kind kind, uint8_t fill, struct wg_identity_key *key)
{
    uint8_t seed[WG_P256_SECRET];
    memset(seed, fill, sizeof seed);
    ASSERT_OK(wg_identity_from_secret(kind, seed, key, &err), &err);
}

static void make_keys(void)
{
    make_key(WG_IDENTITY_ED25519, 1, &ours);
    make_key(WG_IDENTITY_P256, 2, &theirs);
    make_key(WG_IDENTITY_P256, 3, &unknown);
    ASSERT_OK(wg_identity_keyid(&ours.public_key, ours_id, &err), &err);
    ASSERT_OK(wg_identity_keyid(&theirs.public_key, theirs_id, &err), &err);
}

static json_t *sign_text(const char *text, const struct wg_identity_key *key)
{
    json_t *body = wg_json_parse(text, strlen(text), 4096, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    json_t *envelope = wg_signed_make(body, key, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(envelope);
    json_decref(body);
    return envelope;
}

static bool check(const json_t *envelope)
{
    struct wg_identity_public keys[] = {theirs.public_key, ours.public_key};
    json_t *body = NULL;
    wg_error_clear(&err);
    bool ok = wg_signed_check(envelope, keys, 2, &body, &err);
    CU_ASSERT_TRUE(ok == (body != NULL));
    return ok;
}

static void assert_refused(json_t *envelope, enum wg_error_code code, const char *says)
{
    CU_ASSERT_FALSE(check(envelope));
    CU_ASSERT_EQUAL(err.code, code);
    if (!strstr(err.text, says)) ASSERT_TEXT(err.text, says);
}

static void test_holds(void)
{
    make_keys();
    json_t *envelope = sign_text("{\"b\":1,\"a\":\"x\"}", &ours);
    CU_ASSERT_TRUE(check(envelope));
    /* The same content, written another way on the wire. */
    json_t *again = json_pack("{s:O, s:{s:s, s:i}}", "signatures",
                              json_object_get(envelope, "signatures"), "signed", "a", "x", "b", 1);
    CU_ASSERT_TRUE(check(again));
    json_decref(again);
    json_decref(envelope);
}

static void test_signature_is_over_canonical_json(void)
{
    make_keys();
    json_t *envelope = sign_text("{\"b\":1,\"a\":\"x\\n\"}", &ours);
    const json_t *entry = json_array_get(json_object_get(envelope, "signatures"), 0);
    uint8_t signature[WG_ED25519_SIGNATURE];
    CU_ASSERT_TRUE_FATAL(
        wg_unhex(json_string_value(json_object_get(entry, "sig")), signature, sizeof signature));
    static const char bytes[] = "{\"a\":\"x\n\",\"b\":1}";
    ASSERT_OK(wg_identity_verify(&ours.public_key, bytes, sizeof bytes - 1, signature,
                                 sizeof signature, &err),
              &err);
    ASSERT_TEXT(json_string_value(json_object_get(entry, "keyid")), ours_id);
    json_decref(envelope);
}

static void test_changed(void)
{
    make_keys();
    json_t *envelope = sign_text("{\"counter\":1}", &ours);
    json_object_set_new(json_object_get(envelope, "signed"), "counter", json_integer(2));
    assert_refused(envelope, WG_E_VERIFY, "does not hold");
    json_object_set_new(json_object_get(envelope, "signed"), "counter", json_integer(1));
    CU_ASSERT_TRUE(check(envelope));
    json_object_set_new(json_object_get(envelope, "signed"), "more", json_null());
    assert_refused(envelope, WG_E_VERIFY, "does not hold");
    json_object_del(json_object_get(envelope, "signed"), "more");
    json_object_set_new(json_object_get(envelope, "signed"), "counter", json_real(1.0));
    assert_refused(envelope, WG_E_BAD_INPUT, "counter: 1 has a fraction");
    json_decref(envelope);
}

static void test_keys(void)
{
    make_keys();
    json_t *envelope = sign_text("{\"a\":1}", &unknown);
    json_t *other = sign_text("{\"a\":1}", &ours);
    assert_refused(envelope, WG_E_VERIFY, "none of its 1 signatures is by one of the 2 keys");
    json_t *entries = json_object_get(envelope, "signatures");
    json_array_extend(entries, json_object_get(other, "signatures"));
    CU_ASSERT_TRUE(check(envelope)); /* a key unknown here, then one of ours */
    json_t *strange = json_pack("{s:s, s:s}", "keyid", "rsa", "sig", "long");
    json_array_append_new(entries, strange);
    CU_ASSERT_TRUE(check(envelope)); /* other schemes' signatures are passed over */
    json_object_set_new(json_array_get(entries, 1), "keyid", json_string(theirs_id));
    assert_refused(envelope, WG_E_VERIFY, "does not hold"); /* ours, in another's name */
    json_array_clear(entries);
    assert_refused(envelope, WG_E_VERIFY, "none of its 0 signatures");
    json_decref(other);
    json_decref(envelope);
}

/* One signature that does not hold spoils the envelope, also beside one that does. */
static void test_one_bad_of_ours(void)
{
    make_keys();
    json_t *envelope = sign_text("{\"a\":1}", &ours);
    json_t *other = sign_text("{\"a\":2}", &theirs);
    json_array_extend(json_object_get(envelope, "signatures"),
                      json_object_get(other, "signatures"));
    assert_refused(envelope, WG_E_VERIFY, "does not hold");
    json_decref(other);
    json_decref(envelope);
}

static void test_signature_spelling(void)
{
    make_keys();
    static const char *const tails[] = {"", "0", "00", "g", "A", " ", "-"};
    json_t *envelope = sign_text("{\"a\":1}", &ours);
    json_t *entry = json_array_get(json_object_get(envelope, "signatures"), 0);
    char good[2 * WG_ED25519_SIGNATURE + 1], bad[2 * WG_ED25519_SIGNATURE + 8];
    CU_ASSERT_TRUE_FATAL(
        wg_copy(good, sizeof good, json_string_value(json_object_get(entry, "sig"))));
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        size_t keep = strlen(good) - (i < 3 ? 1 : strlen(tails[i]));
        memcpy(bad, good, keep);
        memcpy(bad + keep, tails[i], strlen(tails[i]) + 1);
        if (strcmp(bad, good) == 0) bad[0] = bad[0] == '0' ? '1' : '0';
        json_object_set_new(entry, "sig", json_string(bad));
        assert_refused(envelope, WG_E_VERIFY, "does not hold");
    }
    size_t letter = strcspn(good, "abcdef");
    memcpy(bad, good, sizeof good);
    bad[letter] = (char)(bad[letter] - 'a' + 'A');
    json_object_set_new(entry, "sig", json_string(bad));
    assert_refused(envelope, WG_E_VERIFY, "lower-case");
    json_object_set_new(entry, "sig", json_string(good));
    CU_ASSERT_TRUE(check(envelope));
    json_decref(envelope);
}

/* What hardware makes: DER of another length each time, and whichever of two twins. */
static void test_p256(void)
{
    make_keys();
    json_t *envelope = sign_text("{\"a\":1}", &theirs);
    json_t *entry = json_array_get(json_object_get(envelope, "signatures"), 0);
    ASSERT_TEXT(json_string_value(json_object_get(entry, "keyid")), theirs_id);
    CU_ASSERT_TRUE(check(envelope));
    twin_envelope(envelope);
    CU_ASSERT_TRUE(check(envelope));
    char good[2 * WG_IDENTITY_SIGNATURE_MAX + 1], bad[2 * WG_IDENTITY_SIGNATURE_MAX + 8];
    CU_ASSERT_TRUE_FATAL(
        wg_copy(good, sizeof good, json_string_value(json_object_get(entry, "sig"))));
    for (size_t i = 0; good[i]; i++) {
        memcpy(bad, good, strlen(good) + 1);
        bad[i] = bad[i] == '1' ? '2' : '1';
        json_object_set_new(entry, "sig", json_string(bad));
        assert_refused(envelope, WG_E_VERIFY, "does not hold");
        bad[i] = '\0';
        json_object_set_new(entry, "sig", json_string(bad));
        assert_refused(envelope, WG_E_VERIFY, "does not hold");
    }
    (void)snprintf(bad, sizeof bad, "%s00", good);
    json_object_set_new(entry, "sig", json_string(bad));
    assert_refused(envelope, WG_E_VERIFY, "does not hold");
    json_object_set_new(entry, "sig", json_string(good));
    json_object_set_new(entry, "keyid", json_string(ours_id)); /* in another's name */
    assert_refused(envelope, WG_E_VERIFY, "does not hold");
    json_decref(envelope);
}

static void test_malformed(void)
{
    make_keys();
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{}", "signed: missing"},
        {"{\"signed\":[]}", "signed: expected an object"},
        {"{\"signed\":{}}", "signatures: missing"},
        {"{\"signed\":{},\"signatures\":{}}", "signatures: expected an array"},
        {"{\"signed\":{},\"signatures\":[1]}", "signatures[0]"},
        {"{\"signed\":{},\"signatures\":[{\"keyid\":\"a\"}]}", "signatures[0]"},
        {"{\"signed\":{},\"signatures\":[{\"keyid\":\"a\",\"sig\":1}]}", "signatures[0]"},
        {"{\"signed\":{},\"signatures\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
         "17 of them, at most 16"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *envelope = wg_json_parse(cases[i].text, strlen(cases[i].text), 4096, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(envelope);
        assert_refused(envelope, WG_E_BAD_INPUT, cases[i].says);
        json_decref(envelope);
    }
    json_t *list = json_array();
    CU_ASSERT_PTR_NULL(wg_signed_make(list, &ours, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    json_decref(list);
}

/* What is written is the same envelope, also where canonical JSON is no JSON. */
static void test_written(void)
{
    static const char *const bodies[] = {
        "{}", "{\"b\":[1,{\"y\":null,\"x\":true}],\"a\":\"x \\\" \\\\\"}",
        "{\"a\":\"x\\n\\u001f\"}", "{\"M\\u00fcnchen\":\"\\u007f\"}"};
    make_keys();
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct wg_buf text;
        wg_buf_init(&text, 4096);
        json_t *body = wg_json_parse(bodies[i], strlen(bodies[i]), 4096, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(body);
        ASSERT_OK(wg_signed_write(body, &theirs, &text, &err), &err);
        json_t *envelope = wg_json_parse(wg_buf_str(&text), text.len, 4096, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(envelope);
        CU_ASSERT_TRUE(check(envelope));
        CU_ASSERT_TRUE(json_equal(json_object_get(envelope, "signed"), body));
        CU_ASSERT_EQUAL(json_object_size(envelope), 2);
        json_decref(envelope);
        json_decref(body);
        wg_buf_clear(&text);
    }
}

static void test_not_written(void)
{
    struct wg_buf text;
    make_keys();
    json_t *body = json_pack("{s:s}", "a", "longer than there is room for"), *list = json_array();
    wg_buf_init(&text, 100);
    CU_ASSERT_FALSE(wg_signed_write(body, &ours, &text, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    wg_buf_clear(&text);
    CU_ASSERT_FALSE(wg_signed_write(list, &ours, &text, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    wg_buf_clear(&text);
    json_decref(list);
    json_decref(body);
}

WG_SUITE("signed", {"holds", test_holds},
         {"over canonical JSON", test_signature_is_over_canonical_json}, {"changed", test_changed},
         {"keys", test_keys}, {"one bad of ours", test_one_bad_of_ours},
         {"spelling of a signature", test_signature_spelling}, {"P-256", test_p256},
         {"malformed", test_malformed}, {"written", test_written},
         {"not written", test_not_written})
