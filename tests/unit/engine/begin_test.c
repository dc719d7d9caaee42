/* begin_test.c: approvals, other campaigns and the schedule before a campaign runs. */
#include "tests/unit/engine/scene.h"

/* The states that a look sets, one letter each, and what it leaves. */
static void every_state_before_it_runs(void)
{
    static const struct {
        enum campaign_state state;
        int64_t approvals, needed;
        const char *waits_for;
        wg_time start, end;
        enum policy_at_end at_end;
        enum campaign_state expected;
        wg_time wake;
    } rows[] = {
        {CAMPAIGN_DRAFT, 2, 0, "", 0, 0, 0, CAMPAIGN_DRAFT, 0},
        {CAMPAIGN_AWAITING_APPROVAL, 1, 2, "", 0, 0, 0, CAMPAIGN_AWAITING_APPROVAL, 0},
        {CAMPAIGN_AWAITING_APPROVAL, 2, 2, "", 0, 0, 0, CAMPAIGN_RUNNING, 0},
        {CAMPAIGN_AWAITING_APPROVAL, 0, 0, "", 0, 0, 0, CAMPAIGN_RUNNING, 0},
        {CAMPAIGN_AWAITING_APPROVAL, 2, 2, "gateways", 0, 0, 0, CAMPAIGN_SCHEDULED, 0},
        {CAMPAIGN_SCHEDULED, 0, 0, "gateways", 0, 0, 0, CAMPAIGN_SCHEDULED, 0},
        {CAMPAIGN_SCHEDULED, 0, 0, "", 0, 0, 0, CAMPAIGN_RUNNING, 0},
        {CAMPAIGN_SCHEDULED, 0, 0, "", NOW + 5, 0, 0, CAMPAIGN_SCHEDULED, NOW + 5},
        {CAMPAIGN_SCHEDULED, 0, 0, "", NOW, 0, 0, CAMPAIGN_RUNNING, 0},
        {CAMPAIGN_SCHEDULED, 0, 0, "gateways", NOW - 5, 0, 0, CAMPAIGN_SCHEDULED, 0},
        /* approvals that have expired, or were given to an earlier revision */
        {CAMPAIGN_SCHEDULED, 1, 2, "", 0, 0, 0, CAMPAIGN_AWAITING_APPROVAL, 0},
        {CAMPAIGN_SCHEDULED, 2, 2, "", 0, 0, 0, CAMPAIGN_RUNNING, 0},
        /* its end comes first */
        {CAMPAIGN_SCHEDULED, 0, 0, "gateways", 0, NOW + 9, 0, CAMPAIGN_SCHEDULED, NOW + 9},
        {CAMPAIGN_SCHEDULED, 0, 0, "", NOW + 5, NOW + 9, 0, CAMPAIGN_SCHEDULED, NOW + 5},
        {CAMPAIGN_SCHEDULED, 0, 0, "", 0, NOW, POLICY_END_PAUSE, CAMPAIGN_SCHEDULED, 0},
        {CAMPAIGN_SCHEDULED, 0, 0, "", 0, NOW, POLICY_END_ABORT, CAMPAIGN_STOPPING, 0},
        {CAMPAIGN_SCHEDULED, 0, 0, "", 0, NOW, POLICY_END_FINISH_STARTED, CAMPAIGN_STOPPING, 0},
        {CAMPAIGN_AWAITING_APPROVAL, 0, 1, "", 0, NOW, POLICY_END_ABORT, CAMPAIGN_STOPPING, 0},
        {CAMPAIGN_AWAITING_APPROVAL, 1, 1, "", 0, NOW, POLICY_END_PAUSE, CAMPAIGN_SCHEDULED, 0},
        {CAMPAIGN_DRAFT, 0, 0, "", 0, NOW, POLICY_END_ABORT, CAMPAIGN_DRAFT, 0},
    };
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy policy = policy_of(2);
        struct engine_view view = two_waves();
        view.state = rows[i].state;
        view.approvals = rows[i].approvals;
        view.started_at = 0;
        policy.start.count = rows[i].needed;
        policy.schedule = (struct policy_schedule){rows[i].start, rows[i].end, rows[i].at_end};
        (void)wg_copy(view.waits_for, sizeof view.waits_for, rows[i].waits_for);
        engine_decide(&policy, &view, NOW, &actions);
        if (campaign_after(&view, &actions) != rows[i].expected)
            printf("\n    row %zu: %s\n", i, campaign_state_text(campaign_after(&view, &actions)));
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), rows[i].expected);
        CU_ASSERT_EQUAL(actions.wake, rows[i].wake);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE)); /* waves open with the next look */
        CU_ASSERT_EQUAL(find(&actions, ENGINE_WITHDRAW) != NULL,
                        rows[i].expected == CAMPAIGN_STOPPING);
    }
}

/* A revision of a campaign that runs needs the approvals that its file asks for. */
static void a_revision_waits_for_its_approvals(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.start = (struct policy_approvals){"release-board", 2, 0};
    view.start_approved = false;
    view.waves[0].state = WAVE_OPEN;
    view.waves[0].count[WG_DOWNLOADING] = 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_AWAITING_APPROVAL);
    ASSERT_TEXT(cause_of(&actions), "this revision needs 2 approvals by release-board");
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    /* devices at work are looked after meanwhile */
    view.state = CAMPAIGN_AWAITING_APPROVAL;
    view.approvals = 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_AWAITING_APPROVAL);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_GIVE_BACK));
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_EXPIRE));
    view.approvals = 2;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
    /* none are asked for: nothing to wait for */
    policy.start.count = 0;
    view.state = CAMPAIGN_RUNNING;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
}

/* What fails meanwhile counts: the campaign has begun. */
static void a_waiting_revision_keeps_the_budget(void)
{
    static const struct {
        enum campaign_state state;
        bool begun;
        enum policy_on_exceeded on_exceeded;
        int64_t faults;
        enum campaign_state expected;
    } rows[] = {
        {CAMPAIGN_AWAITING_APPROVAL, true, POLICY_PAUSE, 1, CAMPAIGN_AWAITING_APPROVAL},
        {CAMPAIGN_AWAITING_APPROVAL, true, POLICY_PAUSE, 2, CAMPAIGN_PAUSED},
        {CAMPAIGN_AWAITING_APPROVAL, true, POLICY_ABORT, 2, CAMPAIGN_STOPPING},
        {CAMPAIGN_AWAITING_APPROVAL, true, POLICY_ROLLBACK, 2, CAMPAIGN_STOPPING},
        {CAMPAIGN_SCHEDULED, true, POLICY_PAUSE, 2, CAMPAIGN_PAUSED},
        {CAMPAIGN_AWAITING_APPROVAL, false, POLICY_PAUSE, 2, CAMPAIGN_AWAITING_APPROVAL},
    };
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    policy.budget.failures.value = 1;
    policy.start = (struct policy_approvals){"release-board", 1, 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_view view = two_waves();
        view.state = rows[i].state;
        view.started_at = rows[i].begun ? NOW - WG_HOUR : 0;
        set_wave(&view, 0, WAVE_OPEN, 0, 4, rows[i].faults);
        policy.budget.on_exceeded = rows[i].on_exceeded;
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), rows[i].expected);
        bool stops = rows[i].expected == CAMPAIGN_STOPPING;
        CU_ASSERT_EQUAL(find(&actions, ENGINE_WITHDRAW) != NULL, stops);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_ROLL_BACK) != NULL,
                        stops && rows[i].on_exceeded == POLICY_ROLLBACK);
        apply_states(&view, &actions);
        CU_ASSERT_EQUAL(view.held, rows[i].expected != rows[i].state);
        engine_decide(&policy, &view, NOW, &actions); /* it rests */
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), rows[i].expected);
    }
}

static void its_words_say_why(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_SCHEDULED;
    engine_decide(&policy, &view, NOW, &actions);
    ASSERT_TEXT(cause_of(&actions), "it waits for nothing more");
    policy.schedule.start = NOW;
    engine_decide(&policy, &view, NOW, &actions);
    ASSERT_TEXT(cause_of(&actions), "its schedule began at 1970-04-11T00:00:00.000Z");
    view.state = CAMPAIGN_AWAITING_APPROVAL;
    view.approvals = 2;
    policy.start = (struct policy_approvals){"release-board", 2, 0};
    engine_decide(&policy, &view, NOW, &actions);
    ASSERT_TEXT(find(&actions, ENGINE_SET_CAMPAIGN)->cause, "2 of 2 approvals by release-board");
    policy.schedule = (struct policy_schedule){0, NOW, POLICY_END_ABORT};
    engine_decide(&policy, &view, NOW, &actions);
    ASSERT_TEXT(cause_of(&actions),
                "its schedule ended at 1970-04-11T00:00:00.000Z before it began");
    const struct engine_action *stop = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_EQUAL(stop->stop, ENGINE_STOP_ABORT);
}

/* Once it runs it asks no more. */
static void a_running_campaign_waits_for_no_other(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    policy.start.count = 2;
    policy.schedule.start = NOW + WG_HOUR;
    (void)wg_copy(view.waits_for, sizeof view.waits_for, "gateways");
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_CLAIM));
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
}

static void a_campaign_without_devices_that_never_began_is_aborted_at_once(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_SCHEDULED;
    policy.schedule = (struct policy_schedule){0, NOW, POLICY_END_ABORT};
    set_wave(&view, 0, WAVE_PENDING, 0, 0, 0);
    set_wave(&view, 1, WAVE_PENDING, 0, 0, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_ABORTED);
}

WG_SUITE("begin", {"every state before it runs", every_state_before_it_runs},
         {"a revision waits for its approvals", a_revision_waits_for_its_approvals},
         {"a revision that waits keeps the budget", a_waiting_revision_keeps_the_budget},
         {"its words say why", its_words_say_why},
         {"a running campaign waits for no other", a_running_campaign_waits_for_no_other},
         {"nobody in it, never begun",
          a_campaign_without_devices_that_never_began_is_aborted_at_once})
