/* words_test.c: every word of campaigns, waves and stops reads back. */
#include "orchestrator/engine/engine.h"

#include "tests/unit/harness.h"

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

static void words_of_stops_read_back(void)
{
    static const char *const texts[] = {"abort", "finish-started", "rollback"};
    enum engine_stop read = ENGINE_STOP_ABORT;
    for (int i = 0; i < 3; i++) {
        ASSERT_TEXT(engine_stop_text((enum engine_stop)i), texts[i]);
        CU_ASSERT_TRUE(engine_stop_parse(texts[i], &read));
        CU_ASSERT_EQUAL((int)read, i);
    }
    CU_ASSERT_FALSE(engine_stop_parse("", &read));
    CU_ASSERT_EQUAL(read, ENGINE_STOP_ROLLBACK);
    ASSERT_TEXT(engine_stop_text((enum engine_stop)3), "");
}

WG_SUITE("words", {"words of campaigns read back", words_of_campaigns_read_back},
         {"words of waves read back", words_of_waves_read_back},
         {"words of stops read back", words_of_stops_read_back})
