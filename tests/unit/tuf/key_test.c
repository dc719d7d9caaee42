/* key_test.c: public keys of TUF metadata against what securesystemslib makes (data/keys.json). */
#include "common/tuf/key.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;

struct vector {
    json_t *file, *object;
    const char *id;
    struct tuf_key key;
    uint8_t sig[TUF_SIGNATURE_MAX];
    size_t sig_len;
    struct wg_buf canonical;
};

static json_t *file_load(void)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, 65536);
    ASSERT_OK(wg_file_read(WG_TEST_DATA "/keys.json", &bytes, &err), &err);
    json_t *file = wg_json_parse(bytes.data, bytes.len, 65536, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    wg_buf_clear(&bytes);
    return file;
}

static void vector_load(enum tuf_key_kind kind, struct vector *out)
{
    memset(out, 0, sizeof *out);
    out->file = file_load();
    const json_t *vector = json_array_get(json_object_get(out->file, "vectors"), kind);
    const char *sig = json_string_value(json_object_get(vector, "sig"));
    out->object = json_object_get(vector, "key");
    out->id = json_string_value(json_object_get(vector, "keyid"));
    ASSERT_OK(tuf_key_from_json(out->object, &out->key, &err), &err);
    CU_ASSERT_EQUAL(out->key.kind, kind);
    out->sig_len = strlen(sig) / 2;
    CU_ASSERT_TRUE_FATAL(wg_unhex(sig, out->sig, out->sig_len));
    wg_buf_init(&out->canonical, 65536);
    ASSERT_OK(wg_json_canonical(json_object_get(out->file, "signed"), &out->canonical, &err), &err);
}

static void vector_clear(struct vector *vector)
{
    wg_buf_clear(&vector->canonical);
    json_decref(vector->file);
}

static bool verify(const struct vector *vector)
{
    wg_error_clear(&err);
    return tuf_key_verify(&vector->key, vector->canonical.data, vector->canonical.len, vector->sig,
                          vector->sig_len, &err);
}

static void test_canonical(void)
{
    struct vector vector;
    vector_load(TUF_KEY_ED25519, &vector);
    ASSERT_TEXT(wg_buf_str(&vector.canonical),
                json_string_value(json_object_get(vector.file, "canonical")));
    vector_clear(&vector);
}

static void test_verify(void)
{
    for (enum tuf_key_kind kind = TUF_KEY_ED25519; kind <= TUF_KEY_RSA; kind++) {
        struct vector vector;
        vector_load(kind, &vector);
        ASSERT_OK(verify(&vector), &err);
        vector.canonical.data[3] ^= 1;
        CU_ASSERT_FALSE(verify(&vector));
        CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
        vector.canonical.data[3] ^= 1;
        vector.sig[vector.sig_len - 1] ^= 1;
        CU_ASSERT_FALSE(verify(&vector));
        vector.sig[vector.sig_len - 1] ^= 1;
        for (size_t len = 0; len < vector.sig_len; len++) {
            size_t whole = vector.sig_len;
            vector.sig_len = len;
            CU_ASSERT_FALSE(verify(&vector));
            vector.sig_len = whole;
        }
        ASSERT_OK(verify(&vector), &err);
        vector_clear(&vector);
    }
}

static void test_json_and_id(void)
{
    for (enum tuf_key_kind kind = TUF_KEY_ED25519; kind <= TUF_KEY_RSA; kind++) {
        struct vector vector;
        char id[WG_SHA256_HEX];
        vector_load(kind, &vector);
        json_t *object = tuf_key_to_json(&vector.key, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(object);
        CU_ASSERT_TRUE(json_equal(object, vector.object));
        ASSERT_OK(tuf_key_id(&vector.key, id, &err), &err);
        ASSERT_TEXT(id, vector.id);
        json_decref(object);
        vector_clear(&vector);
    }
}

static void test_pem(void)
{
    for (enum tuf_key_kind kind = TUF_KEY_ED25519; kind <= TUF_KEY_RSA; kind++) {
        struct vector vector;
        struct tuf_key again;
        char pem[TUF_KEY_PEM_MAX];
        vector_load(kind, &vector);
        ASSERT_OK(tuf_key_to_pem(&vector.key, pem, &err), &err);
        ASSERT_OK(tuf_key_from_pem(pem, strlen(pem), &again, &err), &err);
        CU_ASSERT_TRUE(tuf_key_equal(&vector.key, &again));
        for (size_t len = 0; len + 2 < strlen(pem); len++)
            CU_ASSERT_FALSE(tuf_key_from_pem(pem, len, &again, &err));
        vector_clear(&vector);
    }
}

/* The older name of the type, and fields that nobody knows. */
static void test_further_spellings(void)
{
    struct vector vector;
    struct tuf_key again;
    vector_load(TUF_KEY_P256, &vector);
    json_object_set_new(vector.object, "keytype", json_string("ecdsa-sha2-nistp256"));
    json_object_set_new(vector.object, "keyid_hash_algorithms", json_pack("[s]", "md5"));
    ASSERT_OK(tuf_key_from_json(vector.object, &again, &err), &err);
    CU_ASSERT_TRUE(tuf_key_equal(&vector.key, &again));
    vector_clear(&vector);
}

static void refused(const json_t *object, enum wg_error_code code)
{
    struct tuf_key key;
    CU_ASSERT_FALSE(tuf_key_from_json(object, &key, &err));
    CU_ASSERT_EQUAL(err.code, code);
}

static void test_refused(void)
{
    struct vector vector;
    vector_load(TUF_KEY_P256, &vector);
    json_t *value = json_object_get(vector.object, "keyval");
    json_object_set_new(vector.object, "scheme", json_string("ecdsa-sha2-nistp384"));
    refused(vector.object, WG_E_NOT_FOUND);
    json_object_set_new(vector.object, "scheme", json_string("ecdsa-sha2-nistp256"));
    json_object_set_new(vector.object, "keytype", json_string("ed25519"));
    refused(vector.object, WG_E_NOT_FOUND);
    json_object_set_new(vector.object, "scheme", json_string("ed25519"));
    refused(vector.object, WG_E_BAD_INPUT);
    json_object_set_new(
        value, "public",
        json_string("0000000000000000000000000000000000000000000000000000000000000000"));
    refused(vector.object, WG_E_VERIFY); /* small order */
    json_object_del(value, "public");
    refused(vector.object, WG_E_BAD_INPUT);
    refused(json_object_get(vector.file, "vectors"), WG_E_BAD_INPUT);
    vector_clear(&vector);
}

static void test_bytes(void)
{
    struct vector vector;
    struct tuf_key key;
    vector_load(TUF_KEY_P256, &vector);
    vector.key.bytes[64] ^= 1;
    CU_ASSERT_FALSE(tuf_key_from_bytes(TUF_KEY_P256, vector.key.bytes, 65, &key, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_FALSE(tuf_key_from_bytes(TUF_KEY_P256, vector.key.bytes, 64, &key, &err));
    vector_clear(&vector);
    vector_load(TUF_KEY_RSA, &vector);
    /* The outer length in three bytes instead of two: BER, but not DER; else one key were two. */
    uint8_t longer[TUF_KEY_BYTES_MAX] = {0x30, 0x83, 0};
    memcpy(longer + 3, vector.key.bytes + 2, vector.key.len - 2);
    CU_ASSERT_FALSE(tuf_key_from_bytes(TUF_KEY_RSA, longer, vector.key.len + 1, &key, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_FALSE(tuf_key_from_bytes(TUF_KEY_RSA, longer, TUF_KEY_BYTES_MAX + 1, &key, &err));
    vector_clear(&vector);
}

WG_SUITE("key", {"canonical JSON", test_canonical}, {"verify", test_verify},
         {"JSON and id", test_json_and_id}, {"PEM", test_pem},
         {"further spellings", test_further_spellings}, {"refused", test_refused},
         {"bytes", test_bytes})
