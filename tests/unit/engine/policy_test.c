/* policy_test.c: amounts, budgets, worst harm; the words of states. */
#include "orchestrator/engine/engine.h"

#include "common/error.h"
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
        struct policy_budget budget;
        int64_t members, expected;
    } rows[] = {{{{true, 10000}, 0, POLICY_PAUSE}, 99, 0},
                {{{true, 10000}, 0, POLICY_PAUSE}, 100, 1},
                {{{true, 10000}, 3, POLICY_PAUSE}, 100, 3},
                {{{true, 100000}, 3, POLICY_PAUSE}, 100, 10},
                {{{false, 2}, 0, POLICY_ABORT}, 100, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_EQUAL(policy_budget_tolerates(&rows[i].budget, rows[i].members),
                        rows[i].expected);
}

static void worst_harm_is_budget_and_flight_within_the_members(void)
{
    struct policy policy = {.in_flight = 5, .budget = {.failures = {false, 2}}};
    CU_ASSERT_EQUAL(policy_worst_harm(&policy, 100), 7);
    CU_ASSERT_EQUAL(policy_worst_harm(&policy, 6), 6);
}

static void words_read_back(void)
{
    for (int i = 0; i < CAMPAIGN_STATES; i++) {
        enum campaign_state state;
        CU_ASSERT_TRUE(campaign_state_parse(campaign_state_text((enum campaign_state)i), &state));
        CU_ASSERT_EQUAL((int)state, i);
    }
    for (int i = 0; i < WAVE_STATES; i++) {
        enum wave_state state;
        CU_ASSERT_TRUE(wave_state_parse(wave_state_text((enum wave_state)i), &state));
        CU_ASSERT_EQUAL((int)state, i);
    }
    enum campaign_state state;
    CU_ASSERT_FALSE(campaign_state_parse("runing", &state));
}

static void commands_fit_states(void)
{
    /* rows: states; columns: pause, resume, abort, approve */
    static const char *const allowed[CAMPAIGN_STATES] = {
        [CAMPAIGN_DRAFT] = "--a-",      [CAMPAIGN_AWAITING_APPROVAL] = "--a-",
        [CAMPAIGN_SCHEDULED] = "--a-",  [CAMPAIGN_RUNNING] = "p-aA",
        [CAMPAIGN_PAUSED] = "-raA",     [CAMPAIGN_STOPPING] = "----",
        [CAMPAIGN_FINISHED] = "----",   [CAMPAIGN_ABORTED] = "----",
        [CAMPAIGN_ROLLED_BACK] = "----"};
    for (int state = 0; state < CAMPAIGN_STATES; state++)
        for (int command = 0; command < 4; command++) {
            struct wg_error err = {0};
            enum campaign_state next;
            bool ok = engine_command_allowed((enum engine_command)command,
                                             (enum campaign_state)state, &next, &err);
            CU_ASSERT_EQUAL(ok, allowed[state][command] != '-');
            if (!ok) CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
        }
}

WG_SUITE("policy", {"shares round up", shares_round_up_and_never_exceed_the_whole},
         {"budgets round down with a floor", budgets_round_down_with_a_floor},
         {"worst harm", worst_harm_is_budget_and_flight_within_the_members},
         {"words read back", words_read_back}, {"commands fit states", commands_fit_states})
