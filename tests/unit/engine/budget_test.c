/* budget_test.c: too many faults, in the whole or of one class; and the budget before all else. */
#include "tests/unit/engine/scene.h"

static void limit_class(struct policy *policy, enum wg_cause cause, struct policy_amount amount)
{
    policy->budget.class_limited[cause] = true;
    policy->budget.classes[cause] = amount;
}

static void the_budget_goes_before_the_gate(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.gates[0].success_ppm = 1; /* the gate would still pass */
    set_wave(&view, 0, WAVE_AT_GATE, 0, 4, 2);
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *stop = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stop);
    CU_ASSERT_EQUAL(stop->campaign, CAMPAIGN_STOPPING);
    CU_ASSERT_EQUAL(stop->stop, ENGINE_STOP_ABORT);
    CU_ASSERT_TRUE(stop->held);
    ASSERT_TEXT(stop->cause, "failure budget exceeded: 2 of 11 devices failed, 1 tolerated");
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW));
    policy.budget.on_exceeded = POLICY_PAUSE;
    engine_decide(&policy, &view, NOW, &actions);
    stop = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stop);
    CU_ASSERT_EQUAL(stop->campaign, CAMPAIGN_PAUSED);
    CU_ASSERT_TRUE(stop->held);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_WITHDRAW));
    ASSERT_TEXT(stop->cause, "failure budget exceeded: 2 of 11 devices failed, 1 tolerated; "
                             "it cannot go on with this budget: abort it");
    policy.budget.on_exceeded = POLICY_ROLLBACK;
    engine_decide(&policy, &view, NOW, &actions);
    stop = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stop);
    CU_ASSERT_EQUAL(stop->stop, ENGINE_STOP_ROLLBACK);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_ROLL_BACK));
    ASSERT_TEXT(stop->cause, "failure budget exceeded: 2 of 11 devices failed, 1 tolerated; "
                             "updated devices are sent back");
}

/* The last device of all fails: what would be finished is not. */
static void in_the_same_look_the_budget_wins(void)
{
    struct policy policy = policy_of(1);
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = 1};
    struct engine_actions actions;
    policy.gates[0].success_ppm = 500000;
    set_wave(&view, 0, WAVE_OPEN, 0, 9, 1);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_FINISHED);
    set_wave(&view, 0, WAVE_OPEN, 0, 8, 2);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_ABORTED);
    CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_OPEN);
}

static void the_budget_binds_a_paused_campaign_too(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_PAUSED;
    set_wave(&view, 0, WAVE_OPEN, 0, 4, 2);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW));
    /* work in hand would have finished: now it is held */
    policy.budget.on_exceeded = POLICY_PAUSE;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL_FATAL(actions.count, 1);
    CU_ASSERT_EQUAL(actions.items[0].campaign, CAMPAIGN_PAUSED);
    CU_ASSERT_TRUE(actions.items[0].held);
    apply_states(&view, &actions);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.count, 0);
    /* resumed, it is paused again at once */
    view.state = CAMPAIGN_RUNNING;
    view.held = false;
    view.ready = 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_PAUSED);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_RELEASE));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
}

static void what_only_finishes_is_stopped_by_it(void)
{
    static const struct {
        enum policy_on_exceeded on_exceeded;
        enum engine_stop stop, expected;
        bool changes;
    } rows[] = {
        {POLICY_PAUSE, ENGINE_STOP_FINISH_STARTED, ENGINE_STOP_ABORT, true},
        {POLICY_ABORT, ENGINE_STOP_FINISH_STARTED, ENGINE_STOP_ABORT, true},
        {POLICY_ROLLBACK, ENGINE_STOP_FINISH_STARTED, ENGINE_STOP_ROLLBACK, true},
        {POLICY_ROLLBACK, ENGINE_STOP_ABORT, ENGINE_STOP_ABORT, false}, /* as a person wanted it */
        {POLICY_PAUSE, ENGINE_STOP_ROLLBACK, ENGINE_STOP_ROLLBACK, false},
    };
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_view view = two_waves();
        view.state = CAMPAIGN_STOPPING;
        view.stop = rows[i].stop;
        policy.budget.on_exceeded = rows[i].on_exceeded;
        set_wave(&view, 0, WAVE_OPEN, 0, 4, 2);
        add(&view, 0, WG_DOWNLOADING, 1);
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *stop = find(&actions, ENGINE_SET_CAMPAIGN);
        CU_ASSERT_EQUAL(stop != NULL, rows[i].changes);
        apply_states(&view, &actions);
        CU_ASSERT_EQUAL(view.state, CAMPAIGN_STOPPING);
        CU_ASSERT_EQUAL(view.stop, rows[i].expected);
        CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW));
        CU_ASSERT_EQUAL(find(&actions, ENGINE_ROLL_BACK) != NULL,
                        rows[i].expected == ENGINE_STOP_ROLLBACK);
    }
}

static void a_class_has_its_own_limit(void)
{
    static const struct {
        struct policy_amount limit;
        int64_t silent, boot;
        bool exceeded;
    } rows[] = {
        {{false, 0}, 0, 4, false},    {{false, 0}, 1, 0, true},      {{false, 1}, 1, 0, false},
        {{false, 1}, 2, 0, true},     {{true, 100000}, 1, 0, false}, /* 10% of 19 members */
        {{true, 100000}, 2, 0, true},
    };
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    policy.budget.failures.value = 4;
    policy.gates[0].success_ppm = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_view view = two_waves();
        set_wave(&view, 0, WAVE_OPEN, 14, 0, 0);
        limit_class(&policy, WG_CAUSE_SILENT, rows[i].limit);
        view.waves[0].count[WG_WAITING] -= rows[i].silent + rows[i].boot;
        view.waves[0].count[WG_SILENT] = view.waves[0].fault_class[WG_CAUSE_SILENT] =
            rows[i].silent;
        view.waves[0].count[WG_ROLLED_BACK] = view.waves[0].fault_class[WG_CAUSE_BOOT] =
            rows[i].boot;
        view.waves[0].faults = rows[i].silent + rows[i].boot;
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions) == CAMPAIGN_STOPPING, rows[i].exceeded);
        if (i == 1)
            ASSERT_TEXT(cause_of(&actions), "failure budget exceeded: 1 of 19 devices failed by "
                                            "silent, 0 tolerated");
    }
    /* the whole is asked besides: five of a class without a limit */
    struct engine_view view = two_waves();
    set_wave(&view, 0, WAVE_OPEN, 14, 0, 5);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
}

WG_SUITE("budget", {"the budget goes before the gate", the_budget_goes_before_the_gate},
         {"in the same look the budget wins", in_the_same_look_the_budget_wins},
         {"the budget binds a paused campaign too", the_budget_binds_a_paused_campaign_too},
         {"what only finishes is stopped by it", what_only_finishes_is_stopped_by_it},
         {"a class has its own limit", a_class_has_its_own_limit})
