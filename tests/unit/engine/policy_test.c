/* policy_test.c: amounts, budgets, worst harm, tries and rates. */
#include "orchestrator/engine/policy.h"

#include "tests/unit/harness.h"

static void shares_round_up_and_never_exceed_the_whole(void)
{
    static const struct {
        struct policy_amount amount;
        int64_t total, expected;
    } rows[] = {{{true, 10000}, 50, 1},     {{true, 10000}, 100, 1}, {{true, 10000}, 101, 2},
                {{true, POLICY_PPM}, 7, 7}, {{false, 3}, 10, 3},     {{false, 30}, 10, 10},
                {{true, 500000}, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_EQUAL(policy_amount_of(&rows[i].amount, rows[i].total), rows[i].expected);
}

static void budgets_round_down_with_a_floor(void)
{
    static const struct {
        struct policy_amount failures;
        int64_t at_least, members, expected;
    } rows[] = {{{true, 10000}, 0, 99, 0},
                {{true, 10000}, 0, 100, 1},
                {{true, 10000}, 3, 100, 3},
                {{true, 100000}, 3, 100, 10},
                {{false, 2}, 0, 100, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy_budget budget = {.failures = rows[i].failures, .at_least = rows[i].at_least};
        CU_ASSERT_EQUAL(policy_budget_tolerates(&budget, rows[i].members), rows[i].expected);
    }
}

static void classes_round_down_without_a_floor(void)
{
    struct policy_budget budget = {.failures = {false, 9}, .at_least = 5};
    CU_ASSERT_EQUAL(policy_class_tolerates(&budget, WG_CAUSE_SILENT, 1000), -1);
    budget.class_limited[WG_CAUSE_SILENT] = budget.class_limited[WG_CAUSE_BOOT] = true;
    budget.classes[WG_CAUSE_BOOT] = (struct policy_amount){true, 20000};
    CU_ASSERT_EQUAL(policy_class_tolerates(&budget, WG_CAUSE_SILENT, 1000), 0);
    CU_ASSERT_EQUAL(policy_class_tolerates(&budget, WG_CAUSE_BOOT, 1000), 20);
    CU_ASSERT_EQUAL(policy_class_tolerates(&budget, WG_CAUSE_BOOT, 49), 0);
    CU_ASSERT_EQUAL(policy_class_tolerates(&budget, WG_CAUSE_HEALTH, 1000), -1);
}

static void worst_harm_is_budget_and_flight_within_the_members(void)
{
    struct policy policy = {.in_flight = 5, .budget = {.failures = {false, 2}}};
    CU_ASSERT_EQUAL(policy_worst_harm(&policy, 100), 7);
    CU_ASSERT_EQUAL(policy_worst_harm(&policy, 6), 6);
}

static void tries_are_those_of_the_class_or_the_default(void)
{
    struct policy_retry retry = {.attempts = 3, .backoff = 10};
    struct policy_retry_class got = policy_retry_of(&retry, WG_CAUSE_DOWNLOAD);
    CU_ASSERT_TRUE(got.attempts == 3 && got.backoff == 10);
    retry.classes[WG_CAUSE_DOWNLOAD] = (struct policy_retry_class){5, 1};
    got = policy_retry_of(&retry, WG_CAUSE_DOWNLOAD);
    CU_ASSERT_TRUE(got.attempts == 3 && got.backoff == 10); /* not set */
    retry.class_set[WG_CAUSE_DOWNLOAD] = true;
    got = policy_retry_of(&retry, WG_CAUSE_DOWNLOAD);
    CU_ASSERT_TRUE(got.attempts == 5 && got.backoff == 1);
    retry.classes[WG_CAUSE_DOWNLOAD] = (struct policy_retry_class){0, 1};
    got = policy_retry_of(&retry, WG_CAUSE_DOWNLOAD);
    CU_ASSERT_TRUE(got.attempts == 3 && got.backoff == 1);
    got = policy_retry_of(&retry, WG_CAUSES);
    CU_ASSERT_TRUE(got.attempts == 3 && got.backoff == 10);
}

static void rates_grow_with_what_each_minute_proved(void)
{
    static const struct {
        struct policy_rate rate;
        int64_t succeeded, expected;
    } rows[] = {
        {{0, 2000000, 100}, 5000, -1}, /* no limit */
        {{50, 2000000, 1000}, 0, 50},
        {{50, 2000000, 1000}, 49, 50},
        {{50, 2000000, 1000}, 50, 100},
        {{50, 2000000, 1000}, 149, 100}, /* 50 and 100 */
        {{50, 2000000, 1000}, 150, 200},
        {{50, 2000000, 1000}, 750, 800}, /* 50 100 200 400 */
        {{50, 2000000, 1000}, 1549, 800},
        {{50, 2000000, 1000}, 1550, 1000}, /* never above */
        {{50, 2000000, 1000}, 1000000000, 1000},
        {{50, 1500000, 100}, 50, 75},
        {{50, POLICY_PPM, 1000}, 5000, 50}, /* it does not grow */
        {{50, 2000000, 0}, 5000, 3200},     /* 50 100 200 400 800 1600, without a highest */
        {{50, 2000000, 20}, 0, 20},
        {{1, 1000001, 4}, 1, 2}, /* by one at least */
        {{1, 1000001, 4}, 3, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_EQUAL(policy_rate_of(&rows[i].rate, rows[i].succeeded), rows[i].expected);
    struct policy_rate rate = {7, 1300000, 900};
    int64_t before = 0;
    for (int64_t succeeded = 0; succeeded < 20000; succeeded++) {
        int64_t now = policy_rate_of(&rate, succeeded);
        CU_ASSERT_TRUE(now >= before && now <= 900);
        before = now;
    }
    CU_ASSERT_EQUAL(before, 900);
}

static void words_read_back(void)
{
    static const char *const at_end[] = {"pause", "abort", "finish-started"};
    static const char *const exceeded[] = {"pause", "abort", "rollback"};
    enum policy_at_end end = POLICY_END_ABORT;
    enum policy_on_exceeded on = POLICY_ABORT;
    for (int i = 0; i < 3; i++) {
        ASSERT_TEXT(policy_at_end_text((enum policy_at_end)i), at_end[i]);
        CU_ASSERT_TRUE(policy_at_end_parse(at_end[i], &end));
        CU_ASSERT_EQUAL((int)end, i);
        ASSERT_TEXT(policy_on_exceeded_text((enum policy_on_exceeded)i), exceeded[i]);
        CU_ASSERT_TRUE(policy_on_exceeded_parse(exceeded[i], &on));
        CU_ASSERT_EQUAL((int)on, i);
    }
    CU_ASSERT_FALSE(policy_at_end_parse("finish", &end));
    CU_ASSERT_FALSE(policy_on_exceeded_parse("finish-started", &on));
    CU_ASSERT_EQUAL(end, POLICY_END_FINISH_STARTED);
    CU_ASSERT_EQUAL(on, POLICY_ROLLBACK);
    ASSERT_TEXT(policy_at_end_text((enum policy_at_end)3), "");
    ASSERT_TEXT(policy_on_exceeded_text((enum policy_on_exceeded)3), "");
}

WG_SUITE("policy", {"shares round up", shares_round_up_and_never_exceed_the_whole},
         {"budgets round down with a floor", budgets_round_down_with_a_floor},
         {"classes round down without a floor", classes_round_down_without_a_floor},
         {"worst harm", worst_harm_is_budget_and_flight_within_the_members},
         {"tries of a class", tries_are_those_of_the_class_or_the_default},
         {"rates grow with what each minute proved", rates_grow_with_what_each_minute_proved},
         {"words read back", words_read_back})
