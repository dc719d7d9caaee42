/* engine_test.c: one look at a campaign that runs, is paused, or stops. */
#include "tests/unit/engine/scene.h"

static void the_first_wave_opens_and_claims(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *opened = find(&actions, ENGINE_SET_WAVE);
    const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
    CU_ASSERT_PTR_NOT_NULL_FATAL(opened);
    CU_ASSERT_EQUAL(opened->wave_state, WAVE_OPEN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(claim);
    CU_ASSERT_EQUAL(claim->wave, 0);
    CU_ASSERT_EQUAL(claim->limit, 2);
    CU_ASSERT_EQUAL(actions.slots, 2);
}

static void every_state_has_its_time_out(void)
{
    static const struct {
        enum wg_state from, to;
        enum wg_cause cause;
        wg_duration after;
    } rows[] = {{WG_OFFERED, WG_WAITING, WG_CAUSE_OFFLINE, 1},
                {WG_DEFERRED, WG_WAITING, WG_CAUSE_DEFERRED, 100000},
                {WG_ACCEPTED, WG_FAILED, WG_CAUSE_TIMEOUT, 10 + ENGINE_GRACE},
                {WG_DOWNLOADING, WG_FAILED, WG_CAUSE_TIMEOUT, 10 + ENGINE_GRACE},
                {WG_INSTALLING, WG_FAILED, WG_CAUSE_TIMEOUT, 100 + ENGINE_GRACE},
                {WG_REBOOTING, WG_SILENT, WG_CAUSE_SILENT, 10000},
                {WG_PROBATION, WG_SILENT, WG_CAUSE_SILENT, 11000}};
    static const enum campaign_state states[] = {CAMPAIGN_RUNNING, CAMPAIGN_PAUSED,
                                                 CAMPAIGN_STOPPING};
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    policy.timeout = (struct policy_timeout){1, 10, 100, 1000, 10000};
    policy.retry.class_set[WG_CAUSE_DEFERRED] = true;
    policy.retry.classes[WG_CAUSE_DEFERRED].backoff = 100000;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 3; i++) {
        struct engine_view view = two_waves();
        view.state = states[i % 3];
        set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
        add(&view, 0, rows[i / 3].from, 1);
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *expire = find(&actions, ENGINE_EXPIRE);
        CU_ASSERT_PTR_NOT_NULL_FATAL(expire);
        CU_ASSERT_EQUAL_FATAL(expire->expiry_count, 1); /* for states that one is in alone */
        CU_ASSERT_EQUAL(expire->expiries[0].from, rows[i / 3].from);
        CU_ASSERT_EQUAL(expire->expiries[0].to, rows[i / 3].to);
        CU_ASSERT_EQUAL(expire->expiries[0].cause, rows[i / 3].cause);
        CU_ASSERT_EQUAL(expire->expiries[0].before, NOW - rows[i / 3].after);
        CU_ASSERT_EQUAL(count_of(&actions, ENGINE_EXPIRE), 1);
    }
}

/* Those alone that may lead to the state with the shortest time, while nothing is looked at. */
static void who_was_looked_at_is_not_late_for_the_shortest_time(void)
{
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    struct engine_view view = two_waves();
    add(&view, 0, WG_DOWNLOADING, 1);
    policy.retry.class_set[WG_CAUSE_DEFERRED] = true;
    policy.retry.classes[WG_CAUSE_DEFERRED].backoff = 2;
    static const struct {
        struct policy_timeout timeout;
        wg_duration shortest;
    } rows[] = {{{1, 10, 100, 1000, WG_HOUR}, 10 + ENGINE_GRACE},
                {{1, 100, 10, 1000, WG_HOUR}, 10 + ENGINE_GRACE},
                {{1, 10, 100, 1000, 7}, 7}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        policy.timeout = rows[i].timeout;
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *expire = find(&actions, ENGINE_EXPIRE);
        CU_ASSERT_PTR_NOT_NULL_FATAL(expire);
        CU_ASSERT_EQUAL(expire->checked, NOW - rows[i].shortest);
    }
}

/* Until the new slot is marked to boot; and before a time-out could make it a fault. */
static void who_goes_offline_gives_its_slot_back(void)
{
    static const enum wg_state gives[] = {WG_OFFERED, WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING};
    static const enum wg_state keeps[] = {WG_WAITING, WG_DEFERRED, WG_REBOOTING, WG_PROBATION};
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    for (size_t i = 0; i < 4; i++) {
        struct engine_view view = two_waves();
        add(&view, 0, gives[i], 1);
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *back = find(&actions, ENGINE_GIVE_BACK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(back);
        CU_ASSERT_TRUE(back < find(&actions, ENGINE_EXPIRE));
        view = two_waves();
        add(&view, 0, keeps[i], 1);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_PTR_NULL(find(&actions, ENGINE_GIVE_BACK));
    }
}

static void paused_campaigns_claim_and_pass_nothing(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_PAUSED;
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    add(&view, 0, WG_DOWNLOADING, 1);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_EXPIRE));
    CU_ASSERT_EQUAL(actions.slots, 0);
}

static void only_a_campaign_that_goes_on_lets_devices_switch_over(void)
{
    static const struct {
        enum campaign_state state;
        enum engine_stop stop;
        bool held;
        int64_t ready;
        bool released;
    } rows[] = {
        {CAMPAIGN_RUNNING, ENGINE_STOP_ABORT, false, 1, true},
        {CAMPAIGN_RUNNING, ENGINE_STOP_ABORT, false, 0, false},
        {CAMPAIGN_RUNNING, ENGINE_STOP_ABORT, true, 1, false},
        {CAMPAIGN_PAUSED, ENGINE_STOP_ABORT, true, 1, false},
        {CAMPAIGN_PAUSED, ENGINE_STOP_ABORT, false, 1, false},
        {CAMPAIGN_STOPPING, ENGINE_STOP_FINISH_STARTED, false, 1, true},
        {CAMPAIGN_STOPPING, ENGINE_STOP_FINISH_STARTED, true, 1, false},
        {CAMPAIGN_STOPPING, ENGINE_STOP_ABORT, false, 1, false},
        {CAMPAIGN_STOPPING, ENGINE_STOP_ROLLBACK, false, 1, false},
    };
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine_view view = two_waves();
        view.state = rows[i].state;
        view.stop = rows[i].stop;
        view.held = rows[i].held;
        view.ready = rows[i].ready;
        set_wave(&view, 0, WAVE_OPEN, 1, 0, 0);
        add(&view, 0, WG_INSTALLING, 1);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(find(&actions, ENGINE_RELEASE) != NULL, rows[i].released);
        if (rows[i].held) CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    }
    /* a look that stops the campaign lets nobody go */
    struct engine_view view = two_waves();
    view.ready = 1;
    set_wave(&view, 0, WAVE_OPEN, 0, 0, 2);
    add(&view, 0, WG_INSTALLING, 1);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(campaign_after(&view, &actions), CAMPAIGN_STOPPING);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_RELEASE));
}

static void a_running_campaign_takes_devices_from_others(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SUPERSEDE));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_PREEMPT));
    policy.supersedes = true;
    policy.emergency.length = 6 * WG_HOUR;
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
    CU_ASSERT_PTR_NOT_NULL_FATAL(claim); /* they are free by then */
    CU_ASSERT_TRUE(find(&actions, ENGINE_SUPERSEDE) && find(&actions, ENGINE_SUPERSEDE) < claim);
    CU_ASSERT_TRUE(find(&actions, ENGINE_PREEMPT) && find(&actions, ENGINE_PREEMPT) < claim);
    view.state = CAMPAIGN_PAUSED;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SUPERSEDE));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_PREEMPT));
}

/* Rows that no orderly campaign leaves behind must not write behind the actions either. */
static void the_fullest_look_has_room(void)
{
    static struct engine_actions actions;
    static struct engine_view view;
    struct policy policy = policy_of(POLICY_WAVES_MAX);
    view = (struct engine_view){
        .state = CAMPAIGN_RUNNING, .wave_count = POLICY_WAVES_MAX, .started_at = NOW, .ready = 1};
    policy.in_flight = 1000;
    policy.supersedes = true;
    policy.emergency.length = WG_HOUR;
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) {
        policy.gates[i] = (struct policy_gate){.sample = {false, 1}};
        set_wave(&view, i, WAVE_PENDING, 1, 1, 0);
        for (int state = WG_OFFERED; state <= WG_PROBATION; state++)
            add(&view, i, (enum wg_state)state, 1);
    }
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.count, POLICY_WAVES_MAX * 5 + 1 + 4);
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) { /* all open, and compare */
        policy.overlap[i] = true;
        (void)wg_copy(policy.gates[i].health.metric, sizeof policy.gates[i].health.metric, "load");
        policy.gates[i].hook.run[0] = 'h';
    }
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_TRUE(actions.count > POLICY_WAVES_MAX * 5);
    CU_ASSERT_TRUE(actions.count <= ENGINE_ACTIONS_MAX);
}

static void what_is_over_or_a_draft_is_left_alone(void)
{
    static const enum campaign_state states[] = {CAMPAIGN_DRAFT, CAMPAIGN_FINISHED,
                                                 CAMPAIGN_ABORTED, CAMPAIGN_ROLLED_BACK};
    struct policy policy = policy_of(2);
    struct engine_actions actions;
    policy.schedule = (struct policy_schedule){NOW - WG_DAY, NOW - 1, POLICY_END_ABORT};
    for (size_t i = 0; i < 4; i++) {
        struct engine_view view = two_waves();
        view.state = states[i];
        add(&view, 0, WG_DOWNLOADING, 1);
        engine_decide(&policy, &view, NOW, &actions);
        CU_ASSERT_EQUAL(actions.count, 0);
        CU_ASSERT_EQUAL(actions.wake, 0);
    }
}

WG_SUITE("engine", {"the first wave opens and claims", the_first_wave_opens_and_claims},
         {"every state has its time-out", every_state_has_its_time_out},
         {"who was looked at is not late for the shortest time",
          who_was_looked_at_is_not_late_for_the_shortest_time},
         {"who goes offline gives its slot back", who_goes_offline_gives_its_slot_back},
         {"paused campaigns claim nothing", paused_campaigns_claim_and_pass_nothing},
         {"who may switch over", only_a_campaign_that_goes_on_lets_devices_switch_over},
         {"devices are taken from others", a_running_campaign_takes_devices_from_others},
         {"the fullest look has room", the_fullest_look_has_room},
         {"what is over or a draft is left alone", what_is_over_or_a_draft_is_left_alone})
