/* plan_quorum_test.c: what the repository's policy wants against what a campaign asks for. */
#include "orchestrator/steering/plan_quorum.h"
#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

static void add_class(struct trust_policy *policy, const char *pattern, const char *role,
                      int64_t count)
{
    struct trust_class *class = &policy->classes[policy->class_count++];
    class->pattern_count = 1;
    (void)wg_copy(class->patterns[0], sizeof class->patterns[0], pattern);
    (void)wg_copy(class->quorum.role, sizeof class->quorum.role, role);
    class->quorum.count = count;
}

static void test_lacks(void)
{
    static const struct {
        const char *hardware, *role; /* the campaign's */
        int64_t count;
        bool lacks, has_class;
        int64_t wanted, asked;
    } cases[] = {
        {"brake-1", "rollout-admin", 1, true, true, 2, 1},
        {"brake-1", "rollout-admin", 2, false, true, 2, 2},
        {"brake-1", "rollout-admin", 3, false, true, 2, 3},
        {"brake-1", "owner", 2, true, true, 2, 0}, /* of others: they do not count */
        {"brake-1", "", 0, true, true, 2, 0},
        {"lamp", "", 0, false, true, 0, 0},
        {"horn", "rollout-admin", 9, true, false, 0, 0},
    };
    struct trust_policy *policy = calloc(1, sizeof *policy);
    struct policy *campaign = calloc(1, sizeof *campaign);
    CU_ASSERT_TRUE_FATAL(policy && campaign);
    add_class(policy, "brake-*", "rollout-admin", 2);
    add_class(policy, "lamp", "rollout-admin", 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plan_lack lack;
        (void)wg_copy(campaign->start.role, sizeof campaign->start.role, cases[i].role);
        campaign->start.count = cases[i].count;
        CU_ASSERT_EQUAL(plan_quorum_lacks(policy, campaign, cases[i].hardware, &lack),
                        cases[i].lacks);
        CU_ASSERT_EQUAL(lack.has_class, cases[i].has_class);
        CU_ASSERT_EQUAL(lack.wanted, cases[i].wanted);
        CU_ASSERT_EQUAL(lack.asked, cases[i].asked);
        ASSERT_TEXT(lack.hardware, cases[i].hardware);
    }
    free(policy);
    free(campaign);
}

static void test_unknown(void)
{
    struct wg_error err = {0};
    struct plan_quorum quorum;
    ASSERT_OK(plan_quorum_init(&quorum, "", NULL, NULL, 0, &err), &err);
    json_t *json = plan_quorum_json(&quorum);
    CU_ASSERT_TRUE(json_is_null(json));
    plan_quorum_clear(&quorum);
    ASSERT_OK(plan_quorum_init(&quorum, "/nowhere", NULL, NULL, 0, &err), &err);
    json = plan_quorum_json(&quorum);
    CU_ASSERT_PTR_NOT_NULL(strstr(json_string_value(json_object_get(json, "problem")), "/nowhere"));
    json_decref(json);
    plan_quorum_clear(&quorum);
}

WG_SUITE("plan_quorum", {"lacks", test_lacks}, {"unknown", test_unknown})
