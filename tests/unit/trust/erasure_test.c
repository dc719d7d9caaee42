/* erasure_test.c: who may have a device destroy its keys, and whose word counts how often. */
#include "common/trust/erasure.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

enum who { DAVE, DORA, ALICE, MALLORY, PEOPLE };

static const char *const names[PEOPLE] = {"dave", "dora", "alice", "mallory"};
static struct wg_identity_key keys[PEOPLE];
static struct trust_policy policy;
static struct wg_error err;
static struct erasure_finding found;

static json_t *key_json(const struct wg_identity_key *key)
{
    struct tuf_key public_key;
    ASSERT_OK(tuf_key_from_identity(&key->public_key, &public_key, &err), &err);
    return tuf_key_to_json(&public_key, &err);
}

/* mallory is not of it. count 0: it says nothing of erasures. */
static bool read_policy(int count, const char *role)
{
    json_t *people = json_array();
    for (int i = DAVE; i <= ALICE; i++)
        (void)json_array_append_new(people,
                                    json_pack("{s:s,s:s,s:o}", "name", names[i], "role",
                                              i == ALICE ? "rollout-admin" : "deployment-admin",
                                              "key", key_json(&keys[i])));
    json_t *json = json_pack("{s:s,s:i,s:[o],s:o,s:[{s:[s],s:s,s:i}]}", "_type", "wavegate-policy",
                             "v", 1, "directors", key_json(&keys[MALLORY]), "people", people,
                             "approvals", "hardware", "*", "role", "rollout-admin", "count", 1);
    if (role)
        (void)json_object_set_new(json, "erase",
                                  json_pack("{s:s,s:i}", "role", role, "count", count));
    char *text = json_dumps(json, JSON_COMPACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    wg_error_clear(&err);
    bool ok = trust_policy_read(text, strlen(text), &policy, &err);
    free(text);
    json_decref(json);
    return ok;
}

static void set_up(int count)
{
    for (int i = 0; i < PEOPLE; i++) {
        uint8_t seed[WG_ED25519_SECRET];
        memset(seed, i + 1, sizeof seed);
        ASSERT_OK(wg_identity_from_secret(i == DORA ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519, seed,
                                          &keys[i], &err),
                  &err);
    }
    ASSERT_OK(read_policy(count, "deployment-admin"), &err);
}

struct word {
    enum who name, key;
    enum statement_kind kind;
    const char *device;
    wg_time at;
};

static json_t *say(const struct word *word)
{
    struct statement statement = {.kind = word->kind, .at = word->at};
    struct wg_buf text;
    (void)wg_copy(statement.device, sizeof statement.device, word->device);
    (void)wg_copy(statement.operator_name, sizeof statement.operator_name, names[word->name]);
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(&statement, &keys[word->key], &text, &err), &err);
    json_t *json = wg_json_parse(wg_buf_str(&text), text.len, STATEMENT_MAX, &err);
    wg_buf_clear(&text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    return json;
}

#define ERASE(who, at)                                                                             \
    {                                                                                              \
        who, who, STATEMENT_ERASE, "dev-1", at                                                     \
    }

static void test_quorum(void)
{
    static const struct {
        const char *name;
        struct word words[3];
        size_t count;
        bool holds;
        int64_t given;
        wg_time latest;
    } rows[] = {
        {"two", {ERASE(DAVE, 200), ERASE(DORA, 300)}, 2, true, 2, 300},
        {"one", {ERASE(DAVE, 200)}, 1, false, 1, 200},
        {"none", {ERASE(DAVE, 200)}, 0, false, 0, 0},
        {"one, twice", {ERASE(DAVE, 200), ERASE(DAVE, 300)}, 2, false, 1, 300},
        {"another role", {ERASE(DAVE, 200), ERASE(ALICE, 200)}, 2, false, 1, 200},
        {"a stranger", {ERASE(DAVE, 200), ERASE(MALLORY, 200)}, 2, false, 1, 200},
        {"a name with another's key",
         {ERASE(DAVE, 200), {DORA, MALLORY, STATEMENT_ERASE, "dev-1", 200}},
         2,
         false,
         1,
         200},
        {"another device",
         {ERASE(DAVE, 200), {DORA, DORA, STATEMENT_ERASE, "dev-11", 200}},
         2,
         false,
         1,
         200},
        {"something else",
         {ERASE(DAVE, 200), {DORA, DORA, STATEMENT_APPROVE, "dev-1", 200}},
         2,
         false,
         1,
         200},
        {"obeyed before", {ERASE(DAVE, 200), ERASE(DORA, 100)}, 2, false, 1, 200},
    };
    static const struct erasure_claim claim = {.device = "dev-1", .after = 100};
    set_up(2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *statements = json_array();
        for (size_t w = 0; w < rows[i].count; w++)
            (void)json_array_append_new(statements, say(&rows[i].words[w]));
        wg_error_clear(&err);
        bool ok = erasure_check(statements, &policy, &claim, &found, &err);
        if (ok != rows[i].holds || found.given != rows[i].given || found.latest != rows[i].latest)
            ASSERT_TEXT(err.text, rows[i].name);
        if (!ok) CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
        CU_ASSERT_EQUAL(found.needed, 2);
        json_decref(statements);
    }
}

static void test_no_list(void)
{
    static const struct erasure_claim claim = {.device = "dev-1"};
    set_up(1);
    json_t *many = json_array();
    for (int i = 0; i < 17; i++) (void)json_array_append_new(many, json_object());
    CU_ASSERT_FALSE(erasure_check(NULL, &policy, &claim, &found, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    CU_ASSERT_FALSE(erasure_check(many, &policy, &claim, &found, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    json_decref(many);
}

static void test_policy(void)
{
    static const struct erasure_claim claim = {.device = "dev-1"};
    set_up(1);
    CU_ASSERT_FALSE(read_policy(0, "deployment-admin"));
    ASSERT_TEXT(err.text, "policy.json: erase: count: expected at least 1");
    CU_ASSERT_FALSE(read_policy(3, "deployment-admin"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there are 2"));
    CU_ASSERT_TRUE(read_policy(0, NULL));
    json_t *statements = json_array();
    const struct word word = ERASE(DAVE, 200);
    (void)json_array_append_new(statements, say(&word));
    CU_ASSERT_FALSE(erasure_check(statements, &policy, &claim, &found, &err));
    ASSERT_TEXT(err.text, "the policy has nobody say that keys are erased");
    json_decref(statements);
}

WG_SUITE("trust/erasure", {"quorum", test_quorum}, {"no list", test_no_list},
         {"policy", test_policy})
