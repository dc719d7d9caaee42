/* words_test.c: every word of campaigns and waves reads back; what an operator may do, and what
 * comes of it, for every pair of command and state. */
#include "orchestrator/engine/engine.h"

#include "common/error.h"
#include "tests/unit/harness.h"

#include <string.h>

#define COMMANDS 4

static void words_of_campaigns_read_back(void)
{
    static const char *const texts[CAMPAIGN_STATES] = {
        "draft",    "awaiting-approval", "scheduled", "running",    "paused",
        "stopping", "finished",          "aborted",   "rolled-back"};
    enum campaign_state read = CAMPAIGN_DRAFT;
    for (int i = 0; i < CAMPAIGN_STATES; i++) {
        ASSERT_TEXT(campaign_state_text((enum campaign_state)i), texts[i]);
        CU_ASSERT_TRUE(campaign_state_parse(texts[i], &read));
        CU_ASSERT_EQUAL((int)read, i);
        CU_ASSERT_EQUAL(campaign_state_is_final((enum campaign_state)i), i >= CAMPAIGN_FINISHED);
    }
    read = CAMPAIGN_PAUSED;
    CU_ASSERT_FALSE(campaign_state_parse("Running", &read));
    CU_ASSERT_FALSE(campaign_state_parse("", &read));
    CU_ASSERT_EQUAL(read, CAMPAIGN_PAUSED);
    ASSERT_TEXT(campaign_state_text(CAMPAIGN_STATES), "");
}

static void words_of_waves_read_back(void)
{
    static const char *const texts[WAVE_STATES] = {"pending", "open",   "soaking",
                                                   "at-gate", "passed", "failed"};
    enum wave_state read = WAVE_PENDING;
    for (int i = 0; i < WAVE_STATES; i++) {
        ASSERT_TEXT(wave_state_text((enum wave_state)i), texts[i]);
        CU_ASSERT_TRUE(wave_state_parse(texts[i], &read));
        CU_ASSERT_EQUAL((int)read, i);
    }
    read = WAVE_OPEN;
    CU_ASSERT_FALSE(wave_state_parse("at_gate", &read));
    CU_ASSERT_EQUAL(read, WAVE_OPEN);
    ASSERT_TEXT(wave_state_text(WAVE_STATES), "");
}

static void words_of_budgets_read_back(void)
{
    enum policy_on_exceeded read = POLICY_ABORT;
    CU_ASSERT_TRUE(policy_on_exceeded_parse("pause", &read));
    CU_ASSERT_EQUAL(read, POLICY_PAUSE);
    CU_ASSERT_TRUE(policy_on_exceeded_parse("abort", &read));
    CU_ASSERT_EQUAL(read, POLICY_ABORT);
    CU_ASSERT_FALSE(policy_on_exceeded_parse("rollback", &read));
    ASSERT_TEXT(policy_on_exceeded_text(POLICY_PAUSE), "pause");
    ASSERT_TEXT(policy_on_exceeded_text(POLICY_ABORT), "abort");
}

/* What the table says becomes of a campaign; -1: not allowed. */
static int expected_next(enum engine_command command, enum campaign_state state)
{
    bool lives = !campaign_state_is_final(state) && state != CAMPAIGN_STOPPING;
    bool runs = state == CAMPAIGN_RUNNING || state == CAMPAIGN_PAUSED;
    switch (command) {
    case ENGINE_PAUSE:
        return state == CAMPAIGN_RUNNING ? CAMPAIGN_PAUSED : -1;
    case ENGINE_RESUME:
        return state == CAMPAIGN_PAUSED ? CAMPAIGN_RUNNING : -1;
    case ENGINE_ABORT:
        return lives ? CAMPAIGN_STOPPING : -1;
    case ENGINE_APPROVE:
        return runs ? (int)state : -1;
    }
    return -1;
}

static void every_command_meets_every_state(void)
{
    static const char *const verbs[COMMANDS] = {"pause", "resume", "abort", "approve"};
    for (int state = 0; state < CAMPAIGN_STATES; state++)
        for (int command = 0; command < COMMANDS; command++) {
            struct wg_error err = {0};
            enum campaign_state next = CAMPAIGN_STATES;
            int expected = expected_next((enum engine_command)command, (enum campaign_state)state);
            bool ok = engine_command_allowed((enum engine_command)command,
                                             (enum campaign_state)state, &next, &err);
            CU_ASSERT_EQUAL(ok, expected >= 0);
            CU_ASSERT_EQUAL((int)next, ok ? expected : CAMPAIGN_STATES);
            CU_ASSERT_EQUAL(err.code, ok ? WG_OK : WG_E_CONFLICT);
            if (ok) continue;
            CU_ASSERT_PTR_NOT_NULL(
                strstr(err.text, campaign_state_text((enum campaign_state)state)));
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, verbs[command]));
        }
}

WG_SUITE("words", {"words of campaigns read back", words_of_campaigns_read_back},
         {"words of waves read back", words_of_waves_read_back},
         {"words of budgets read back", words_of_budgets_read_back},
         {"every command meets every state", every_command_meets_every_state})
