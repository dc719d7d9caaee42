/* enrolment_test.c: records go through their reader; others are refused. */
#include "common/enrolment.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

#define AGE "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

static struct wg_error err;

static struct wg_enrolment record_make(enum wg_identity_kind kind)
{
    struct wg_identity_key key;
    ASSERT_OK(wg_identity_make(kind, &key, &err), &err);
    return (struct wg_enrolment){.device = "dev-1",
                                 .hardware_model = "ecu",
                                 .hardware_revision = "C",
                                 .identity_key = key.public_key,
                                 .age_key = AGE,
                                 .lot = "lot-7",
                                 .enrolled = 1000};
}

static char *text_of(const struct wg_enrolment *record, const struct wg_identity_key *key)
{
    json_t *json = wg_enrolment_sign(record, key, &err);
    if (!json) return NULL;
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void is_same(const struct wg_enrolment *got, const struct wg_enrolment *expected)
{
    ASSERT_TEXT(got->device, expected->device);
    ASSERT_TEXT(got->hardware_model, expected->hardware_model);
    ASSERT_TEXT(got->hardware_revision, expected->hardware_revision);
    CU_ASSERT_TRUE(wg_identity_same(&got->identity_key, &expected->identity_key));
    ASSERT_TEXT(got->age_key, expected->age_key);
    ASSERT_TEXT(got->lot, expected->lot);
    CU_ASSERT_EQUAL(got->enrolled, expected->enrolled);
}

static void test_read(void)
{
    struct wg_identity_key key, other;
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &key, &err) &&
                  wg_identity_make(WG_IDENTITY_ED25519, &other, &err),
              &err);
    for (int kind = WG_IDENTITY_ED25519; kind <= WG_IDENTITY_P256; kind++) {
        struct wg_enrolment record = record_make((enum wg_identity_kind)kind), read;
        char *text = text_of(&record, &key);
        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        ASSERT_OK(wg_enrolment_read(text, strlen(text), &key.public_key, 1, &read, &err), &err);
        is_same(&read, &record);
        CU_ASSERT_FALSE(wg_enrolment_read(text, strlen(text), &other.public_key, 1, &read, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
        char *at = strstr(text, "age1q");
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        at[6] = 'p'; /* another device's key */
        CU_ASSERT_FALSE(wg_enrolment_read(text, strlen(text), &key.public_key, 1, &read, &err));
        free(text);
    }
}

static void test_wrong(void)
{
    struct wg_identity_key key;
    struct wg_enrolment right = record_make(WG_IDENTITY_ED25519), wrong = right;
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &key, &err), &err);
    wrong.device[0] = '/';
    CU_ASSERT_PTR_NULL(text_of(&wrong, &key));
    wrong = right;
    wrong.hardware_model[0] = '\0';
    CU_ASSERT_PTR_NULL(text_of(&wrong, &key));
    wrong = right;
    wrong.age_key[10] = 'b'; /* no character of Bech32 */
    CU_ASSERT_PTR_NULL(text_of(&wrong, &key));
    wrong = right;
    wrong.age_key[61] = '\0';
    CU_ASSERT_PTR_NULL(text_of(&wrong, &key));
    wrong = right;
    wrong.hardware_revision[0] = '\0'; /* may be left out */
    char *text = text_of(&wrong, &key);
    CU_ASSERT_PTR_NOT_NULL(text);
    free(text);
}

WG_SUITE("enrolment", {"signed, read, not changed", test_read}, {"wrong members", test_wrong})
