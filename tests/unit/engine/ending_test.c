/* ending_test.c: ends of schedules and emergencies, and what stops until nobody is left. */
#include "tests/unit/engine/scene.h"

static struct engine_view under_way(void)
{
    struct engine_view view = two_waves();
    set_wave(&view, 0, WAVE_OPEN, 1, 1, 0);
    add(&view, 0, WG_DOWNLOADING, 1);
    return view;
}

static void a_schedule_ends_as_it_says(void)
{
    static const struct {
        enum campaign_state state;
        bool held;
        enum policy_at_end at_end;
        enum campaign_state expected;
        enum engine_stop stop;
    } rows[] = {
        {CAMPAIGN_RUNNING, false, POLICY_END_PAUSE, CAMPAIGN_PAUSED, 0},
        {CAMPAIGN_RUNNING, false, POLICY_END_ABORT, CAMPAIGN_STOPPING, ENGINE_STOP_ABORT},
        {CAMPAIGN_RUNNING, false, POLICY_END_FINISH_STARTED, CAMPAIGN_STOPPING,
         ENGINE_STOP_FINISH_STARTED},
        {CAMPAIGN_PAUSED, false, POLICY_END_PAUSE, CAMPAIGN_PAUSED, 0},
        {CAMPAIGN_PAUSED, false, POLICY_END_ABORT, CAMPAIGN_STOPPING, ENGINE_STOP_ABORT},
        {CAMPAIGN_PAUSED, false, POLICY_END_FINISH_STARTED, CAMPAIGN_STOPPING,
         ENGINE_STOP_FINISH_STARTED},
        /* no clock lets go what a person, or the budget, holds */
        {CAMPAIGN_PAUSED, true, POLICY_END_FINISH_STARTED, CAMPAIGN_STOPPING, ENGINE_STOP_ABORT},
        {CAMPAIGN_PAUSED, true, POLICY_END_PAUSE, CAMPAIGN_PAUSED, 0},
    };
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy policy = policy_of(2);
        struct engine_view view = under_way();
        view.state = rows[i].state;
        view.held = rows[i].held;
        view.ready = 1;
        policy.schedule = (struct policy_schedule){0, NOW, rows[i].at_end};
        engine_decide(&policy, &view, NOW - 1, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), rows[i].state);
        CU_ASSERT_EQUAL(actions.wake, NOW);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), rows[i].expected);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
        apply_states(&view, &actions);
        CU_ASSERT_EQUAL(view.stop, rows[i].stop);
        if (rows[i].expected == CAMPAIGN_PAUSED) CU_ASSERT_EQUAL(view.held, rows[i].held);
        if (rows[i].expected != CAMPAIGN_PAUSED)
            CU_ASSERT_EQUAL(view.held, rows[i].stop != ENGINE_STOP_FINISH_STARTED);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_RELEASE) != NULL,
                        rows[i].expected == CAMPAIGN_STOPPING &&
                            rows[i].stop == ENGINE_STOP_FINISH_STARTED);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_CAMPAIGN));
    }
}

static void resumed_after_its_end_it_pauses_again(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = under_way();
    struct engine_actions actions;
    policy.schedule = (struct policy_schedule){0, NOW - WG_DAY, POLICY_END_PAUSE};
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_PAUSED);
    ASSERT_TEXT(cause_of(&actions), "its schedule ended at 1970-04-10T00:00:00.000Z; apply a later "
                                    "end or abort it");
    policy.schedule.end = NOW + 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_CLAIM));
}

static void an_emergency_expires_by_itself(void)
{
    static const enum campaign_state states[] = {CAMPAIGN_RUNNING, CAMPAIGN_PAUSED};
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    policy.emergency.length = 6 * WG_HOUR;
    for (size_t i = 0; i < 2; i++) {
        struct engine_view view = under_way();
        view.state = states[i];
        view.started_at = NOW - 6 * WG_HOUR;
        engine_decide(&policy, &view, NOW - 1, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), states[i]);
        CU_ASSERT_EQUAL(actions.wake, NOW);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->stop, ENGINE_STOP_FINISH_STARTED);
        ASSERT_TEXT(cause_of(&actions), "the emergency ended at 1970-04-11T00:00:00.000Z: what was "
                                        "started finishes, no more is");
        CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW_WAITING));
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_PREEMPT));
    }
}

/* Nobody is left to be protected from the clock: gates take the time that they need. */
static void the_end_of_what_is_done_stops_nothing(void)
{
    struct policy policy = policy_of(1);
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = 1};
    struct engine_actions actions;
    policy.gates[0].soak = WG_HOUR;
    policy.schedule = (struct policy_schedule){0, NOW, POLICY_END_ABORT};
    set_wave(&view, 0, WAVE_SOAKING, 0, 5, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_RUNNING);
    CU_ASSERT_EQUAL(actions.wake, NOW + 59 * WG_MINUTE);
    engine_decide(&policy, &view, actions.wake, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_FINISHED);
    policy.continuous = true; /* others would still come */
    view.waves[0].state = WAVE_OPEN;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_ABORTED);
}

/* What is left of a campaign that stops, and what is done about it. */
static void stopping_ends_when_nobody_is_left(void)
{
    static const struct {
        enum engine_stop stop;
        enum wg_state left; /* WG_SUCCEEDED: nobody */
        bool withdraws, withdraws_waiting;
        enum campaign_state expected;
    } rows[] = {
        {ENGINE_STOP_ABORT, WG_WAITING, true, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ABORT, WG_DEFERRED, true, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ABORT, WG_OFFERED, true, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ABORT, WG_INSTALLING, true, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ABORT, WG_REBOOTING, false, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ABORT, WG_PROBATION, false, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ABORT, WG_SUCCEEDED, false, false, CAMPAIGN_ABORTED},
        {ENGINE_STOP_FINISH_STARTED, WG_WAITING, false, true, CAMPAIGN_STOPPING},
        {ENGINE_STOP_FINISH_STARTED, WG_DEFERRED, false, true, CAMPAIGN_STOPPING},
        {ENGINE_STOP_FINISH_STARTED, WG_OFFERED, false, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_FINISH_STARTED, WG_PROBATION, false, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_FINISH_STARTED, WG_SUCCEEDED, false, false, CAMPAIGN_FINISHED},
        {ENGINE_STOP_ROLLBACK, WG_INSTALLING, true, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ROLLBACK, WG_PROBATION, false, false, CAMPAIGN_STOPPING},
        {ENGINE_STOP_ROLLBACK, WG_SUCCEEDED, false, false, CAMPAIGN_ROLLED_BACK},
    };
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_view view = two_waves();
        view.state = CAMPAIGN_STOPPING;
        view.stop = rows[i].stop;
        view.rollback_made = true;
        set_wave(&view, 0, WAVE_OPEN, 0, 1, 1);
        set_wave(&view, 1, WAVE_PENDING, 0, 0, 0);
        add(&view, 0, rows[i].left, 1);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(campaign_after(&view, &actions), rows[i].expected);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_WITHDRAW) != NULL, rows[i].withdraws);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_WITHDRAW_WAITING) != NULL, rows[i].withdraws_waiting);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_ROLL_BACK));
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
        ASSERT_TEXT(cause_of(&actions), ""); /* the store keeps the words of what stopped it */
    }
}

/* Otherwise nobody would send its devices back. */
static void what_is_rolled_back_does_not_end_before_that_is_made(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    char words[ENGINE_CAUSE_MAX];
    view.state = CAMPAIGN_STOPPING;
    view.stop = ENGINE_STOP_ROLLBACK;
    set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
    set_wave(&view, 1, WAVE_PENDING, 0, 0, 0);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_ROLL_BACK));
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
    engine_campaign_reason(&policy, &view, NOW, words);
    ASSERT_TEXT(words, "the campaign that sends its devices back is not made yet");
    view.rollback_made = true;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_ROLLED_BACK);
    view.stop = ENGINE_STOP_ABORT;
    view.rollback_made = false;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_ROLL_BACK));
}

WG_SUITE("ending", {"a schedule ends as it says", a_schedule_ends_as_it_says},
         {"resumed after its end it pauses again", resumed_after_its_end_it_pauses_again},
         {"an emergency expires by itself", an_emergency_expires_by_itself},
         {"the end of what is done stops nothing", the_end_of_what_is_done_stops_nothing},
         {"stopping ends when nobody is left", stopping_ends_when_nobody_is_left},
         {"what is rolled back ends after that is made",
          what_is_rolled_back_does_not_end_before_that_is_made})
