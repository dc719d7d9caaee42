/* warrant_test.c: whose word counts, for what, and how often. */
#include "common/trust/warrant.h"

#include "common/signed.h"
#include "tests/unit/common/twin.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST "aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11"
#define OTHER_DIGEST "bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22"

enum who { ALICE, BOB, CAROL, SAM, MALLORY, PEOPLE };

static const char *const names[PEOPLE] = {"alice", "bob", "carol", "sam", "mallory"};
static struct wg_identity_key keys[PEOPLE];
static struct trust_policy policy;
static struct wg_error err;
static struct warrant_finding found;

static json_t *key_json(const struct wg_identity_key *key)
{
    struct tuf_key public_key;
    ASSERT_OK(tuf_key_from_identity(&key->public_key, &public_key, &err), &err);
    return tuf_key_to_json(&public_key, &err);
}

/* mallory is not of it. */
static json_t *policy_json(void)
{
    json_t *people = json_array();
    for (int i = ALICE; i <= SAM; i++)
        (void)json_array_append_new(people, json_pack("{s:s,s:s,s:o}", "name", names[i], "role",
                                                      i == SAM ? "support" : "rollout-admin", "key",
                                                      key_json(&keys[i])));
    return json_pack("{s:s,s:i,s:[o],s:o,s:[{s:[s,s],s:s,s:i},{s:[s],s:s,s:i}],s:{s:s,s:i}}",
                     "_type", "wavegate-policy", "v", 1, "directors", key_json(&keys[SAM]),
                     "people", people, "approvals", "hardware", "brake-*", "steering", "role",
                     "rollout-admin", "count", 2, "hardware", "radio", "role", "rollout-admin",
                     "count", 0, "downgrade", "role", "rollout-admin", "count", 1);
}

static bool read_policy(json_t *json, struct trust_policy *out)
{
    char *text = json_dumps(json, JSON_COMPACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    wg_error_clear(&err);
    bool ok = trust_policy_read(text, strlen(text), out, &err);
    free(text);
    json_decref(json);
    return ok;
}

/* bob, sam and mallory have P-256, the others Ed25519. */
static void set_up(void)
{
    for (int i = 0; i < PEOPLE; i++) {
        uint8_t seed[WG_ED25519_SECRET];
        memset(seed, i + 1, sizeof seed);
        bool p256 = i == BOB || i == SAM || i == MALLORY;
        ASSERT_OK(wg_identity_from_secret(p256 ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519, seed,
                                          &keys[i], &err),
                  &err);
    }
    bool ok = read_policy(policy_json(), &policy);
    ASSERT_OK(ok, &err);
}

struct word {
    enum statement_kind kind;
    enum who name, key;
    const char *campaign, *digest, *release, *rollback;
};

static json_t *say(const struct word *word)
{
    struct statement statement = {.kind = word->kind, .at = 1767225600000};
    struct wg_buf text;
    (void)wg_copy(statement.campaign, sizeof statement.campaign,
                  word->campaign ? word->campaign : "brakes");
    (void)wg_copy(statement.digest, sizeof statement.digest, word->digest ? word->digest : DIGEST);
    (void)wg_copy(statement.release, sizeof statement.release,
                  word->release ? word->release : "brake/2.0.0");
    (void)wg_copy(statement.rollback, sizeof statement.rollback,
                  word->rollback ? word->rollback : "brake/1.0.0");
    (void)wg_copy(statement.operator_name, sizeof statement.operator_name, names[word->name]);
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(&statement, &keys[word->key], &text, &err), &err);
    json_t *json = wg_json_parse(wg_buf_str(&text), text.len, STATEMENT_MAX, &err);
    wg_buf_clear(&text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    return json;
}

static const struct warrant_claim usual = {.campaign = "brakes",
                                           .digest = DIGEST,
                                           .rolls_back = "",
                                           .release = "brake/2.0.0",
                                           .hardware_model = "brake-c"};

static bool check(const struct word *words, size_t count, const struct warrant_claim *claim)
{
    json_t *statements = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(statements, say(&words[i]));
    wg_error_clear(&err);
    bool ok = warrant_check(statements, &policy, claim, &found, &err);
    json_decref(statements);
    return ok;
}

struct row {
    const char *name;
    struct word words[5];
    size_t count;
    const char *lacks; /* part of the error; NULL: it holds */
    int64_t approvals;
};

#define APPLIES(who)                                                                               \
    {                                                                                              \
        STATEMENT_APPLY, who, who, NULL, NULL, NULL, NULL                                          \
    }
#define APPROVES(who)                                                                              \
    {                                                                                              \
        STATEMENT_APPROVE, who, who, NULL, NULL, NULL, NULL                                        \
    }
#define PERMITS(who)                                                                               \
    {                                                                                              \
        STATEMENT_DOWNGRADE, who, who, NULL, NULL, NULL, NULL                                      \
    }

static void test_quorum(void)
{
    static const struct row rows[] = {
        {"two others approve", {APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL)}, 3, NULL, 2},
        {"in any sequence", {APPROVES(CAROL), APPROVES(BOB), APPLIES(ALICE)}, 3, NULL, 2},
        {"one is too few", {APPLIES(ALICE), APPROVES(BOB)}, 2, "1 of the 2", 1},
        {"the same signer twice",
         {APPLIES(ALICE), APPROVES(BOB), APPROVES(BOB)},
         3,
         "1 of the 2",
         1},
        {"the author's own", {APPLIES(ALICE), APPROVES(BOB), APPROVES(ALICE)}, 3, "1 of the 2", 1},
        {"another role", {APPLIES(ALICE), APPROVES(BOB), APPROVES(SAM)}, 3, "1 of the 2", 1},
        {"nobody has applied it", {APPROVES(BOB), APPROVES(CAROL)}, 2, "nobody", 0},
        {"two authors", {APPLIES(ALICE), APPLIES(BOB), APPROVES(CAROL)}, 3, "two authors", 0},
        {"the author twice",
         {APPLIES(ALICE), APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL)},
         4,
         "two authors",
         0},
        {"a stranger", {APPLIES(ALICE), APPROVES(BOB), APPROVES(MALLORY)}, 3, "1 of the 2", 1},
        {"a stranger applies", {APPLIES(MALLORY), APPROVES(BOB), APPROVES(CAROL)}, 3, "nobody", 0},
        {"a name with another's key",
         {APPLIES(ALICE),
          APPROVES(BOB),
          {STATEMENT_APPROVE, CAROL, MALLORY, NULL, NULL, NULL, NULL}},
         3,
         "1 of the 2",
         1},
        {"bob signs as carol",
         {APPLIES(ALICE), APPROVES(BOB), {STATEMENT_APPROVE, CAROL, BOB, NULL, NULL, NULL, NULL}},
         3,
         "1 of the 2",
         1},
        {"another digest",
         {APPLIES(ALICE),
          APPROVES(BOB),
          {STATEMENT_APPROVE, CAROL, CAROL, NULL, OTHER_DIGEST, NULL, NULL}},
         3,
         "1 of the 2",
         1},
        {"another campaign",
         {APPLIES(ALICE),
          APPROVES(BOB),
          {STATEMENT_APPROVE, CAROL, CAROL, "doors", NULL, NULL, NULL}},
         3,
         "1 of the 2",
         1},
        {"another release",
         {APPLIES(ALICE),
          APPROVES(BOB),
          {STATEMENT_APPROVE, CAROL, CAROL, NULL, NULL, "brake/3.0.0", NULL}},
         3,
         "1 of the 2",
         1},
        {"a permission is no approval",
         {APPLIES(ALICE), APPROVES(BOB), PERMITS(CAROL)},
         3,
         "1 of the 2",
         1},
        {"none at all", {APPLIES(ALICE)}, 0, "nobody", 0},
    };
    set_up();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool ok = check(rows[i].words, rows[i].count, &usual);
        bool right =
            rows[i].lacks ? !ok && err.code == WG_E_DENIED && strstr(err.text, rows[i].lacks) : ok;
        if (!right) printf("\n    %s: %d %s\n", rows[i].name, ok, err.text);
        CU_ASSERT_TRUE(right);
        CU_ASSERT_EQUAL(found.approvals, rows[i].approvals);
    }
}

static void test_classes(void)
{
    static const struct word alone[] = {APPLIES(ALICE)};
    struct warrant_claim claim = usual;
    set_up();
    claim.hardware_model = "radio";
    ASSERT_OK(check(alone, 1, &claim), &err);
    claim.hardware_model = "steering";
    CU_ASSERT_FALSE(check(alone, 1, &claim));
    claim.hardware_model = "toaster";
    CU_ASSERT_FALSE(check(alone, 1, &claim));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no class for hardware toaster"));
}

static void test_downgrade(void)
{
    static const struct word without[] = {APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL)};
    static const struct word with[] = {APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL),
                                       PERMITS(BOB)};
    static const struct word own[] = {APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL),
                                      PERMITS(ALICE)};
    struct warrant_claim claim = usual;
    set_up();
    claim.downgrade = true;
    CU_ASSERT_FALSE(check(without, 3, &claim));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "0 of the 1"));
    ASSERT_OK(check(with, 4, &claim), &err);
    CU_ASSERT_FALSE(check(own, 4, &claim));
    policy.has_downgrade = false;
    CU_ASSERT_FALSE(check(with, 4, &claim));
}

/* Who approves a campaign approves its way back, and nothing else of that name. */
static void test_rollback(void)
{
    static const struct word words[] = {APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL)};
    struct warrant_claim claim = usual;
    set_up();
    claim.campaign = "brakes-rollback";
    claim.rolls_back = "brakes";
    claim.digest = OTHER_DIGEST;
    claim.release = "brake/1.0.0";
    ASSERT_OK(check(words, 3, &claim), &err);
    claim.release = "brake/2.0.0";
    CU_ASSERT_FALSE(check(words, 3, &claim));
    claim.release = "brake/1.0.0";
    claim.rolls_back = "doors";
    CU_ASSERT_FALSE(check(words, 3, &claim));
    claim.rolls_back = "";
    CU_ASSERT_FALSE(check(words, 3, &claim));
    claim.campaign = "brakes";
    CU_ASSERT_FALSE(check(words, 3, &claim));
}

/* What was signed is what counts: another byte in it, and it is nobody's word. */
static void test_tampered(void)
{
    static const struct word words[] = {APPLIES(ALICE), APPROVES(BOB), APPROVES(CAROL)};
    set_up();
    for (size_t i = 0; i < 3; i++) {
        json_t *statements = json_array();
        for (size_t w = 0; w < 3; w++) (void)json_array_append_new(statements, say(&words[w]));
        json_t *body = json_object_get(json_array_get(statements, i), "signed");
        (void)json_object_set_new(body, "at", json_string("2026-01-02T00:00:00.000Z"));
        CU_ASSERT_FALSE(warrant_check(statements, &policy, &usual, &found, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
        json_decref(statements);
    }
}

/* Anybody can make a second signature of bob's that holds: it is still bob's one approval. */
static void test_twin(void)
{
    static const struct word author = APPLIES(ALICE), approval = APPROVES(BOB);
    set_up();
    json_t *twin = say(&approval), *statements = json_array();
    twin_envelope(twin);
    (void)json_array_append_new(statements, say(&author));
    (void)json_array_append_new(statements, say(&approval));
    (void)json_array_append(statements, twin);
    CU_ASSERT_FALSE(warrant_check(statements, &policy, &usual, &found, &err));
    CU_ASSERT_EQUAL(found.approvals, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "1 of the 2"));
    /* alone it counts: nothing was changed in what bob says */
    (void)json_array_remove(statements, 1);
    CU_ASSERT_FALSE(warrant_check(statements, &policy, &usual, &found, &err));
    CU_ASSERT_EQUAL(found.approvals, 1);
    json_decref(twin);
    json_decref(statements);
}

static void test_malformed(void)
{
    static const char *const texts[] = {"{}",
                                        "\"x\"",
                                        "[{}]",
                                        "[[]]",
                                        "[{\"signed\":{}}]",
                                        "[null]",
                                        "[{\"signed\":{\"_type\":1}}]",
                                        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"};
    set_up();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(json);
        CU_ASSERT_FALSE(warrant_check(json, &policy, &usual, &found, &err));
        json_decref(json);
    }
}

/* policy.json itself. */

static void refused(json_t *json, const char *says)
{
    struct trust_policy *read = calloc(1, sizeof *read);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    CU_ASSERT_FALSE(read_policy(json, read));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    if (!strstr(err.text, says)) ASSERT_TEXT(err.text, says);
    CU_ASSERT_EQUAL(read->director_count, 0);
    free(read);
}

static json_t *at(json_t *json, const char *list, size_t index)
{
    return json_array_get(json_object_get(json, list), index);
}

static void test_policy_wrong(void)
{
    json_t *json;
    set_up();
    json = policy_json();
    (void)json_object_set_new(at(json, "people", 1), "name", json_string("alice"));
    refused(json, "people[1]: alice stands there twice");
    json = policy_json();
    (void)json_object_set_new(at(json, "people", 1), "key", key_json(&keys[ALICE]));
    refused(json, "alice and bob have the same key");
    json = policy_json();
    (void)json_object_set_new(at(json, "approvals", 0), "count", json_integer(4));
    refused(json, "4 of role rollout-admin are asked for, there are 3");
    json = policy_json();
    (void)json_object_set_new(at(json, "approvals", 0), "hardware", json_array());
    refused(json, "hardware: expected 1 to 16");
    json = policy_json();
    (void)json_object_set_new(json, "_type", json_string("targets"));
    refused(json, "_type");
    json = policy_json();
    (void)json_object_del(json, "directors");
    refused(json, "directors");
    json = policy_json();
    (void)json_object_set_new(json_object_get(json, "downgrade"), "count", json_integer(0));
    refused(json, "at least 1");
    json = policy_json();
    (void)json_object_set_new(json, "require", json_pack("[s]", "tests"));
    refused(json, "require[0]: expected sbom or provenance");
}

WG_SUITE("trust.warrant", {"quorum", test_quorum}, {"classes", test_classes},
         {"downgrade", test_downgrade}, {"rollback", test_rollback}, {"tampered", test_tampered},
         {"twin of a signature", test_twin}, {"malformed", test_malformed},
         {"policy that is wrong", test_policy_wrong})
