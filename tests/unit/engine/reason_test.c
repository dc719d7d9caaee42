/* reason_test.c: what campaigns and waves say that they wait for. */
#include "tests/unit/engine/scene.h"

#include <string.h>

static struct policy policy;
static struct engine_view view;

static void set_up(void)
{
    policy = policy_of(2);
    view = two_waves();
}

static const char *wave_says(size_t wave)
{
    static char words[ENGINE_CAUSE_MAX];
    engine_wave_reason(&policy, &view, wave, NOW, words);
    return words;
}

static const char *campaign_says(void)
{
    static char words[ENGINE_CAUSE_MAX];
    engine_campaign_reason(&policy, &view, NOW, words);
    return words;
}

static void waves_on_their_way(void)
{
    set_up();
    ASSERT_TEXT(wave_says(0), "waits for the campaign to start");
    ASSERT_TEXT(wave_says(1), "waits for wave canary");
    set_wave(&view, 0, WAVE_OPEN, 1, 1, 0);
    ASSERT_TEXT(wave_says(0), "1 of 2 devices finished, 2 asked for");
    policy.gates[0].soak = WG_HOUR;
    set_wave(&view, 0, WAVE_SOAKING, 0, 2, 0);
    ASSERT_TEXT(wave_says(0), "soaks until 1970-04-11T00:59:00.000Z");
    policy.gates[0].soak = 0;
    policy.gates[0].approval_count = 2;
    (void)wg_copy(policy.gates[0].approval_role, sizeof policy.gates[0].approval_role, "admin");
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    view.waves[0].approvals = 1;
    ASSERT_TEXT(wave_says(0), "1 of 2 approvals by admin");
    view.waves[0].approvals = 2;
    ASSERT_TEXT(wave_says(0),
                "passes its gate: 100% of 2 succeeded, 100% wanted; 2 of 2 approvals by admin");
    set_wave(&view, 0, WAVE_PASSED, 0, 2, 0);
    ASSERT_TEXT(wave_says(0), "");
    ASSERT_TEXT(wave_says(1), "opens with the next look");
    set_wave(&view, 0, WAVE_FAILED, 0, 1, 1);
    ASSERT_TEXT(wave_says(0), "50% of 2 succeeded, 100% wanted");
    policy.continuous = true;
    set_wave(&view, 1, WAVE_OPEN, 0, 2, 0);
    ASSERT_TEXT(wave_says(1), "open for devices that come to match");
}

static void waves_that_overlap(void)
{
    set_up();
    policy.wave_count = view.wave_count = 3;
    policy.overlap[1] = true;
    set_wave(&view, 2, WAVE_PENDING, 2, 0, 0);
    ASSERT_TEXT(wave_says(1), "waits for wave canary");
    view.waves[0].state = WAVE_OPEN;
    ASSERT_TEXT(wave_says(1), "opens with the next look");
    view.waves[1].state = WAVE_PASSED;
    ASSERT_TEXT(wave_says(2), "waits for wave canary"); /* the one before it has passed */
}

static void people_and_hooks(void)
{
    set_up();
    struct engine_wave *wave = &view.waves[0];
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    wave->manual = ENGINE_MANUAL_HOLD;
    (void)wg_copy(wave->manual_words, sizeof wave->manual_words, "by anna: odd log lines");
    ASSERT_TEXT(wave_says(0), "held by anna: odd log lines");
    wave->manual = ENGINE_MANUAL_ADVANCE;
    ASSERT_TEXT(wave_says(0), "passes its gate: advanced by anna: odd log lines");
    wave->manual = ENGINE_MANUAL_NONE;
    policy.gates[0].hook = (struct policy_hook){.run = "smoke-test", .every = WG_MINUTE};
    ASSERT_TEXT(wave_says(0), "hook smoke-test is to be asked");
    wave->hook = ENGINE_HOOK_RUNNING;
    wave->hook_at = NOW - WG_SECOND;
    ASSERT_TEXT(wave_says(0), "hook smoke-test was asked at 1970-04-10T23:59:59.000Z");
    wave->hook = ENGINE_HOOK_HOLD;
    (void)wg_copy(wave->hook_words, sizeof wave->hook_words, "two probes are red");
    ASSERT_TEXT(wave_says(0), "hook smoke-test says not yet: two probes are red; asked again at "
                              "1970-04-11T00:00:59.000Z");
    wave->hook = ENGINE_HOOK_FAIL;
    ASSERT_TEXT(wave_says(0), "hook smoke-test failed: two probes are red");
    wave->hook = ENGINE_HOOK_PASS;
    ASSERT_TEXT(wave_says(0), "passes its gate: 100% of 2 succeeded, 100% wanted; hook smoke-test "
                              "passed: two probes are red");
    wave->last_finish = NOW;
    ASSERT_TEXT(wave_says(0),
                "hook smoke-test is to be asked again: it passed at 1970-04-10T23:59:59.000Z, "
                "before the last devices finished and soaked");
    policy.gates[0].hook =
        (struct policy_hook){.url = "https://gate.example/ask", .every = WG_MINUTE};
    wave->hook = ENGINE_HOOK_NONE;
    ASSERT_TEXT(wave_says(0), "hook https://gate.example/ask is to be asked");
}

static void campaigns_before_they_run(void)
{
    set_up();
    view.state = CAMPAIGN_DRAFT;
    ASSERT_TEXT(campaign_says(), "a draft, not started");
    view.state = CAMPAIGN_AWAITING_APPROVAL;
    view.approvals = 1;
    policy.start = (struct policy_approvals){"board", 2, 0};
    ASSERT_TEXT(campaign_says(), "1 of 2 approvals by board");
    ASSERT_TEXT(wave_says(1), "1 of 2 approvals by board");
    view.state = CAMPAIGN_SCHEDULED;
    ASSERT_TEXT(campaign_says(), "starts with the next look");
    policy.schedule.start = NOW + WG_HOUR;
    ASSERT_TEXT(campaign_says(), "starts at 1970-04-11T01:00:00.000Z");
    (void)wg_copy(view.waits_for, sizeof view.waits_for, "gateways");
    ASSERT_TEXT(campaign_says(), "waits for gateways to finish");
    ASSERT_TEXT(wave_says(0), "waits for gateways to finish");
    policy.schedule = (struct policy_schedule){0, NOW, POLICY_END_PAUSE};
    ASSERT_TEXT(campaign_says(), "its schedule ended at 1970-04-11T00:00:00.000Z before it began; "
                                 "apply a later end or abort it");
}

static void campaigns_that_pause_or_stop(void)
{
    set_up();
    ASSERT_TEXT(campaign_says(), "");
    view.state = CAMPAIGN_PAUSED;
    ASSERT_TEXT(campaign_says(), "paused: updates in hand finish");
    view.held = true;
    view.ready = 1;
    ASSERT_TEXT(campaign_says(),
                "paused: updates in hand are held before they switch over, 1 is ready");
    policy.schedule = (struct policy_schedule){0, NOW, POLICY_END_PAUSE};
    ASSERT_TEXT(campaign_says(),
                "its schedule ended at 1970-04-11T00:00:00.000Z; apply a later end "
                "or abort it");
    set_wave(&view, 0, WAVE_OPEN, 0, 0, 2);
    ASSERT_TEXT(campaign_says(), "failure budget exceeded: 2 of 7 devices failed, 1 tolerated");
    view.state = CAMPAIGN_STOPPING;
    ASSERT_TEXT(campaign_says(), "stops: 5 devices have not ended");
    ASSERT_TEXT(wave_says(1), "stops: 5 devices have not ended");
    view.stop = ENGINE_STOP_FINISH_STARTED;
    ASSERT_TEXT(campaign_says(), "finishes what was started: 5 devices have not ended");
    view.stop = ENGINE_STOP_ROLLBACK;
    ASSERT_TEXT(campaign_says(), "stops, to be rolled back: 5 devices have not ended");
    for (int state = CAMPAIGN_FINISHED; state < CAMPAIGN_STATES; state++) {
        view.state = (enum campaign_state)state;
        ASSERT_TEXT(campaign_says(), "");
        ASSERT_TEXT(wave_says(1), "");
    }
}

/* Words that are too long are cut, whatever they are. */
static void long_words_stay_within_bounds(void)
{
    static char words[ENGINE_CAUSE_MAX];
    set_up();
    struct engine_wave *wave = &view.waves[0];
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    memset(wave->manual_words, 'm', sizeof wave->manual_words - 1);
    memset(wave->hook_words, 'w', sizeof wave->hook_words - 1);
    memset(policy.gates[0].hook.url, 'u', sizeof policy.gates[0].hook.url - 1);
    for (int manual = 0; manual <= ENGINE_MANUAL_HOLD; manual++)
        for (int hook = 0; hook <= ENGINE_HOOK_FAIL; hook++) {
            wave->manual = (enum engine_manual)manual;
            wave->hook = (enum engine_hook)hook;
            engine_wave_reason(&policy, &view, 0, NOW, words);
            CU_ASSERT_TRUE(strlen(words) > 20 && strlen(words) < ENGINE_CAUSE_MAX);
        }
}

WG_SUITE("reason", {"waves on their way", waves_on_their_way},
         {"waves that overlap", waves_that_overlap}, {"people and hooks", people_and_hooks},
         {"campaigns before they run", campaigns_before_they_run},
         {"campaigns that pause or stop", campaigns_that_pause_or_stop},
         {"long words stay within bounds", long_words_stay_within_bounds})
