/* waves_test.c: when waves open, soak, come to their gate, pass and fail; overlap, continuous
 * membership, and what people do to a gate. */
#include "tests/unit/engine/scene.h"

static void a_gate_waits_for_approval_and_then_passes(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.gates[0].approval_count = 1;
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    CU_ASSERT_EQUAL(actions.wake, 0);
    view.waves[0].approvals = 1;
    view.waves[0].approval_ends = NOW + WG_DAY;
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *passed = find(&actions, ENGINE_SET_WAVE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(passed);
    CU_ASSERT_EQUAL(passed->wave_state, WAVE_PASSED);
    const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
    CU_ASSERT_PTR_NOT_NULL_FATAL(claim);
    CU_ASSERT_EQUAL(claim->wave, 1);
    CU_ASSERT_EQUAL(claim->limit, 3);
    /* one of two: it expires */
    policy.gates[0].approval_count = 2;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    CU_ASSERT_EQUAL(actions.wake, NOW + WG_DAY);
}

static void a_soak_holds_and_says_when_to_look_again(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.gates[0].soak = WG_HOUR;
    set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.wake, NOW - WG_MINUTE + WG_HOUR);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_WAVE)->wave_state, WAVE_SOAKING);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    set_wave(&view, 0, WAVE_SOAKING, 0, 2, 0);
    wg_time soaked = actions.wake;
    engine_decide(&policy, &view, soaked - 1, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    engine_decide(&policy, &view, soaked, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_WAVE)->wave_state, WAVE_AT_GATE);
    /* one more finished after the soak: it soaks anew */
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    view.waves[0].last_finish = NOW;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_WAVE)->wave_state, WAVE_SOAKING);
    CU_ASSERT_EQUAL(actions.wake, NOW + WG_HOUR);
}

static void a_failed_gate_stops_the_campaign(void)
{
    static const enum wave_state states[] = {WAVE_OPEN, WAVE_SOAKING, WAVE_AT_GATE};
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    for (size_t i = 0; i < 3; i++) {
        set_wave(&view, 0, states[i], 3, 1, 1); /* 100% can come no more */
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_FAILED);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->stop, ENGINE_STOP_ABORT);
        ASSERT_TEXT(cause_of(&actions),
                    "gate of wave canary failed: 50% of 2 succeeded, 100% wanted");
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    }
    policy.budget.on_exceeded = POLICY_ROLLBACK;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->stop, ENGINE_STOP_ROLLBACK);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_ROLL_BACK));
}

/* What comes after it in the same look is left alone, though it would open or pass. */
static void a_failed_gate_ends_the_look(void)
{
    struct policy policy = policy_of(3);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.overlap[1] = policy.overlap[2] = true;
    view.wave_count = 3;
    set_wave(&view, 0, WAVE_OPEN, 3, 1, 1);
    set_wave(&view, 1, WAVE_OPEN, 0, 2, 0);
    set_wave(&view, 2, WAVE_PENDING, 2, 0, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_FAILED);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 1), WAVE_OPEN);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 2), WAVE_PENDING);
    CU_ASSERT_EQUAL(count_of(&actions, ENGINE_SET_CAMPAIGN), 1);
}

static void empty_waves_pass_and_the_last_asks_no_approval(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.gates[0].approval_count = policy.gates[1].approval_count = 1;
    set_wave(&view, 0, WAVE_PENDING, 0, 0, 0);
    set_wave(&view, 1, WAVE_OPEN, 0, 5, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_FINISHED);
    /* who ran the release already, and who was taken out, are no sample */
    set_wave(&view, 0, WAVE_OPEN, 0, 0, 0);
    set_wave(&view, 1, WAVE_OPEN, 1, 0, 0);
    add(&view, 0, WG_SATISFIED, 3);
    add(&view, 0, WG_SUPERSEDED, 1);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_PASSED);
    ASSERT_TEXT(find(&actions, ENGINE_SET_WAVE)->cause, "no devices left in it");
}

/* Four waves; the second and the third overlap with the one before. */
static void overlapping_waves_open_together(void)
{
    struct policy policy = policy_of(4);
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = 4};
    struct engine_actions actions;
    policy.overlap[1] = policy.overlap[2] = true;
    policy.in_flight = 100;
    for (size_t i = 0; i < 4; i++) set_wave(&view, i, WAVE_PENDING, 2, 0, 0);
    engine_decide(&policy, &view, NOW, &actions);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(wave_after(&view, &actions, i), i < 3 ? WAVE_OPEN : WAVE_PENDING);
    CU_ASSERT_EQUAL(count_of(&actions, ENGINE_CLAIM), 3);
    CU_ASSERT_EQUAL(actions.slots, 6);
    ASSERT_TEXT(actions.items[0].cause, "first wave");
    ASSERT_TEXT(actions.items[1].cause, "overlaps with wave canary");
    /* the last waits for all of them, whoever is first */
    for (size_t left = 0; left < 3; left++) {
        for (size_t i = 0; i < 3; i++) set_wave(&view, i, WAVE_OPEN, i == left, 2, 0);
        engine_decide(&policy, &view, NOW, &actions);
        for (size_t i = 0; i < 3; i++)
            CU_ASSERT_EQUAL(wave_after(&view, &actions, i), i == left ? WAVE_OPEN : WAVE_PASSED);
        CU_ASSERT_EQUAL(wave_after(&view, &actions, 3), WAVE_PENDING);
    }
    for (size_t i = 0; i < 3; i++) set_wave(&view, i, WAVE_OPEN, 0, 2, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 3), WAVE_OPEN);
}

static void a_hold_holds_and_an_advance_passes(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
    view.waves[0].manual = ENGINE_MANUAL_HOLD;
    (void)wg_copy(view.waves[0].manual_words, ENGINE_WORDS_MAX, "by anna: odd log lines");
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_AT_GATE);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 1), WAVE_PENDING);
    set_wave(&view, 0, WAVE_OPEN, 0, 0, 0); /* also where there is nothing to judge */
    view.waves[0].manual = ENGINE_MANUAL_HOLD;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 1), WAVE_PENDING);
    /* what would never pass by itself */
    policy.gates[0].soak = WG_DAY;
    policy.gates[0].hook.run[0] = 'h';
    set_wave(&view, 0, WAVE_OPEN, 3, 1, 1);
    view.waves[0].manual = ENGINE_MANUAL_ADVANCE;
    (void)wg_copy(view.waves[0].manual_words, ENGINE_WORDS_MAX, "by anna: known");
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_PASSED);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 1), WAVE_OPEN);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_RUN_HOOK));
    ASSERT_TEXT(actions.items[0].cause, "advanced by anna: known");
    CU_ASSERT_EQUAL(find(&actions, ENGINE_CLAIM)->wave, 0); /* the rest of it goes on */
    /* approvals are not hers to give, nor is the budget */
    policy.gates[0].approval_count = 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_AT_GATE);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 1), WAVE_PENDING);
    policy.gates[0].approval_count = 0;
    policy.budget.failures.value = 0;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_OPEN);
}

/* A hold must not keep a wave at work that can only harm. */
static void a_hold_does_not_put_off_a_failure(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    set_wave(&view, 0, WAVE_OPEN, 3, 1, 1);
    view.waves[0].manual = ENGINE_MANUAL_HOLD;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_FAILED);
}

static void the_hook_is_asked_last(void)
{
    static const struct {
        enum engine_hook hook;
        wg_time at;
        bool asked;
        enum wave_state expected;
        wg_time wake;
    } rows[] = {
        {ENGINE_HOOK_NONE, 0, true, WAVE_AT_GATE, 0},
        {ENGINE_HOOK_RUNNING, NOW - WG_HOUR, false, WAVE_AT_GATE, 0},
        {ENGINE_HOOK_HOLD, NOW - WG_MINUTE + 1, false, WAVE_AT_GATE, NOW + 1},
        {ENGINE_HOOK_HOLD, NOW - WG_MINUTE, true, WAVE_AT_GATE, 0},
        {ENGINE_HOOK_PASS, NOW, false, WAVE_PASSED, 0},
        {ENGINE_HOOK_PASS, NOW - WG_MINUTE - 1, true, WAVE_AT_GATE, 0}, /* one finished since */
        {ENGINE_HOOK_FAIL, NOW, false, WAVE_FAILED, 0},
    };
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    policy.gates[0].hook = (struct policy_hook){.run = "smoke-test", .every = WG_MINUTE};
    policy.gates[0].approval_count = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_view view = two_waves();
        set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
        view.waves[0].approvals = 1;
        view.waves[0].hook = rows[i].hook;
        view.waves[0].hook_at = rows[i].at;
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *ask = find(&actions, ENGINE_RUN_HOOK);
        CU_ASSERT_EQUAL(ask != NULL, rows[i].asked);
        if (ask) CU_ASSERT_EQUAL(ask->wave, 0);
        CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), rows[i].expected);
        CU_ASSERT_EQUAL(actions.wake, rows[i].wake);
        /* not while anything else holds */
        view.waves[0].approvals = 0;
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_RUN_HOOK));
    }
}

static void the_last_wave_is_judged_too(void)
{
    struct policy policy = policy_of(1);
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = 1};
    struct engine_actions actions;
    policy.gates[0].hook.run[0] = 'h';
    set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_RUN_HOOK));
    view.waves[0].hook = ENGINE_HOOK_FAIL;
    view.waves[0].hook_at = NOW;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_FAILED);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_ABORTED);
    view.waves[0].hook = ENGINE_HOOK_PASS;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_FINISHED);
}

/* Who comes to match later finds it open, however many have finished or failed in it. */
static void the_last_wave_of_a_continuous_campaign_stays_open(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.continuous = true;
    policy.budget.failures.value = 5;
    set_wave(&view, 0, WAVE_PASSED, 0, 2, 0);
    static const int64_t ends[][3] = {{0, 0, 0}, {0, 5, 0}, {0, 3, 2}, {2, 3, 0}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        set_wave(&view, 1, WAVE_OPEN, ends[i][0], ends[i][1], ends[i][2]);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_CAMPAIGN));
        const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
        CU_ASSERT_EQUAL(claim ? claim->limit : 0, ends[i][0]);
    }
    policy.continuous = false;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    set_wave(&view, 1, WAVE_OPEN, 0, 5, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_FINISHED);
    /* a rollback takes in whom its source still leaves behind, and no longer */
    policy.continuous = view.is_rollback = view.source_runs = true;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
    view.source_runs = false;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_FINISHED);
}

static void only_the_last_wave_stays_open(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.continuous = true;
    policy.gates[0].approval_count = 1;
    set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
    engine_decide(&policy, &view, NOW, &actions); /* its gate holds as ever */
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    view.waves[0].approvals = 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_CLAIM)->wave, 1);
    /* a gate that fails, and a budget that is spent, stop it all the same */
    set_wave(&view, 0, WAVE_OPEN, 0, 1, 1);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
    set_wave(&view, 0, WAVE_PASSED, 0, 2, 0);
    set_wave(&view, 1, WAVE_OPEN, 1, 1, 2);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
}

static void a_continuous_campaign_of_nobody_waits_for_somebody(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.continuous = true;
    set_wave(&view, 0, WAVE_PENDING, 0, 0, 0);
    set_wave(&view, 1, WAVE_PENDING, 0, 0, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.count, 3); /* the first opens and passes, the last opens */
    CU_ASSERT_EQUAL(actions.items[2].wave, 1);
    CU_ASSERT_EQUAL(actions.items[2].wave_state, WAVE_OPEN);
}

WG_SUITE("waves", {"a gate waits for approval", a_gate_waits_for_approval_and_then_passes},
         {"a soak holds", a_soak_holds_and_says_when_to_look_again},
         {"a failed gate stops the campaign", a_failed_gate_stops_the_campaign},
         {"a failed gate ends the look", a_failed_gate_ends_the_look},
         {"empty waves pass, the last asks no approval",
          empty_waves_pass_and_the_last_asks_no_approval},
         {"overlapping waves open together", overlapping_waves_open_together},
         {"a hold holds, an advance passes", a_hold_holds_and_an_advance_passes},
         {"a hold does not put off a failure", a_hold_does_not_put_off_a_failure},
         {"the hook is asked last", the_hook_is_asked_last},
         {"the last wave is judged too", the_last_wave_is_judged_too},
         {"the last wave of a continuous campaign stays open",
          the_last_wave_of_a_continuous_campaign_stays_open},
         {"only the last wave stays open", only_the_last_wave_stays_open},
         {"a continuous campaign of nobody waits",
          a_continuous_campaign_of_nobody_waits_for_somebody})
