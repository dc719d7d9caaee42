/* engine_test.c: what a campaign does next; and that it comes to rest and bounds harm, over seeded
 * views. */
#include "orchestrator/engine/engine.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

#define NOW ((wg_time)100 * WG_DAY)

static struct policy policy_of(size_t waves)
{
    struct policy policy = {.wave_count = waves,
                            .in_flight = 3,
                            .budget = {.failures = {false, 1}, .on_exceeded = POLICY_ABORT},
                            .retry = {.attempts = 1, .backoff = WG_MINUTE},
                            .timeout = {WG_MINUTE, WG_HOUR, WG_HOUR, WG_HOUR, WG_DAY}};
    for (size_t i = 0; i < waves; i++)
        policy.gates[i] =
            (struct policy_gate){.success_ppm = POLICY_PPM, .sample = {true, POLICY_PPM}};
    return policy;
}

static void set_wave(struct engine_view *view, size_t wave, enum wave_state state, int64_t waiting,
                     int64_t succeeded, int64_t faults)
{
    struct engine_wave *to = &view->waves[wave];
    *to = (struct engine_wave){
        .state = state, .members = waiting + succeeded + faults, .faults = faults};
    (void)wg_copy(to->name, sizeof to->name, wave == 0 ? "canary" : "rest");
    to->count[WG_WAITING] = waiting;
    to->count[WG_SUCCEEDED] = succeeded;
    to->count[WG_ROLLED_BACK] = faults;
    to->last_finish = succeeded + faults ? NOW - WG_MINUTE : 0;
}

static const struct engine_action *find(const struct engine_actions *actions,
                                        enum engine_action_kind kind)
{
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].kind == kind) return &actions->items[i];
    return NULL;
}

static struct engine_view two_waves(void)
{
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = 2};
    set_wave(&view, 0, WAVE_PENDING, 2, 0, 0);
    set_wave(&view, 1, WAVE_PENDING, 5, 0, 0);
    return view;
}

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
}

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
    view.waves[0].approvals = 1;
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *passed = find(&actions, ENGINE_SET_WAVE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(passed);
    CU_ASSERT_EQUAL(passed->wave_state, WAVE_PASSED);
    const struct engine_action *claim = find(&actions, ENGINE_CLAIM);
    CU_ASSERT_PTR_NOT_NULL_FATAL(claim);
    CU_ASSERT_EQUAL(claim->wave, 1);
    CU_ASSERT_EQUAL(claim->limit, 3);
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
    engine_decide(&policy, &view, actions.wake, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_WAVE)->wave_state, WAVE_AT_GATE);
    /* one more finished after the soak: it soaks anew */
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    view.waves[0].last_finish = NOW;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_WAVE)->wave_state, WAVE_SOAKING);
    CU_ASSERT_EQUAL(actions.wake, NOW + WG_HOUR);
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
    policy.retry.backoff = 100000;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 3; i++) {
        struct engine_view view = two_waves();
        view.state = states[i % 3];
        set_wave(&view, 0, WAVE_OPEN, 0, 2, 0);
        view.waves[0].members = 3;
        view.waves[0].count[rows[i / 3].from] = 1;
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *expire = find(&actions, ENGINE_EXPIRE);
        CU_ASSERT_PTR_NOT_NULL_FATAL(expire);
        CU_ASSERT_EQUAL(expire->from, rows[i / 3].from);
        CU_ASSERT_EQUAL(expire->to, rows[i / 3].to);
        CU_ASSERT_EQUAL(expire->cause_class, rows[i / 3].cause);
        CU_ASSERT_EQUAL(expire->before, NOW - rows[i / 3].after);
        /* only for states that somebody is in */
        for (const struct engine_action *next = expire + 1; next < actions.items + actions.count;
             next++)
            CU_ASSERT_NOT_EQUAL(next->kind, ENGINE_EXPIRE);
    }
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
    ASSERT_TEXT(stop->cause, "failure budget exceeded: 2 of 11 devices failed, 1 tolerated");
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW));
    policy.budget.on_exceeded = POLICY_PAUSE;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->campaign, CAMPAIGN_PAUSED);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_WITHDRAW));
    ASSERT_TEXT(find(&actions, ENGINE_SET_CAMPAIGN)->cause,
                "failure budget exceeded: 2 of 11 devices failed, 1 tolerated; "
                "it cannot go on with this budget: abort it");
}

static void the_budget_binds_a_paused_campaign_too(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_PAUSED;
    set_wave(&view, 0, WAVE_OPEN, 0, 4, 2);
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *stop = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stop);
    CU_ASSERT_EQUAL(stop->campaign, CAMPAIGN_STOPPING);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW));
    policy.budget.on_exceeded = POLICY_PAUSE;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.count, 0);
}

static void a_failed_gate_stops_the_campaign(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    set_wave(&view, 0, WAVE_OPEN, 3, 1, 1); /* 100% can come no more */
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_WAVE)->wave_state, WAVE_FAILED);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->campaign, CAMPAIGN_STOPPING);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
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
    const struct engine_action *end = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    CU_ASSERT_EQUAL(end->campaign, CAMPAIGN_FINISHED);
}

static void paused_campaigns_claim_and_pass_nothing(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_PAUSED;
    set_wave(&view, 0, WAVE_AT_GATE, 0, 2, 0);
    view.waves[0].count[WG_DOWNLOADING] = 1;
    view.waves[0].members++;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_CLAIM));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_WAVE));
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_EXPIRE));
}

static void stopping_ends_when_nobody_is_left(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_STOPPING;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_WITHDRAW));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_CAMPAIGN));
    /* who installs finishes by itself */
    set_wave(&view, 0, WAVE_OPEN, 0, 1, 1);
    set_wave(&view, 1, WAVE_PENDING, 0, 0, 0);
    view.waves[0].members = 3;
    view.waves[0].count[WG_INSTALLING] = 1;
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_WITHDRAW));
    CU_ASSERT_PTR_NULL(find(&actions, ENGINE_SET_CAMPAIGN));
    set_wave(&view, 0, WAVE_OPEN, 0, 1, 1);
    engine_decide(&policy, &view, NOW, &actions);
    const struct engine_action *end = find(&actions, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    CU_ASSERT_EQUAL(end->campaign, CAMPAIGN_ABORTED);
    ASSERT_TEXT(end->cause, ""); /* the store keeps the words of what stopped it */
}

/* Rows that no orderly campaign leaves behind must not write behind the actions either. */
static void the_fullest_look_has_room(void)
{
    static struct engine_actions actions;
    struct policy policy = policy_of(POLICY_WAVES_MAX);
    struct engine_view view = {.state = CAMPAIGN_RUNNING, .wave_count = POLICY_WAVES_MAX};
    policy.in_flight = 1000;
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) {
        policy.gates[i] = (struct policy_gate){.sample = {false, 1}};
        set_wave(&view, i, WAVE_PENDING, 1, 1, 0);
        for (int state = WG_OFFERED; state <= WG_PROBATION; state++) view.waves[i].count[state] = 1;
        view.waves[i].members += WG_PROBATION;
    }
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.count, POLICY_WAVES_MAX * 5 + 7);
    CU_ASSERT_TRUE(actions.count <= ENGINE_ACTIONS_MAX);
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
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->campaign, CAMPAIGN_FINISHED);
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
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->campaign, CAMPAIGN_STOPPING);
    set_wave(&view, 0, WAVE_PASSED, 0, 2, 0);
    set_wave(&view, 1, WAVE_OPEN, 1, 1, 2);
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(find(&actions, ENGINE_SET_CAMPAIGN)->campaign, CAMPAIGN_STOPPING);
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
    char words[ENGINE_CAUSE_MAX];
    view.waves[1].state = WAVE_OPEN;
    engine_wave_reason(&policy, &view, 1, NOW, words);
    ASSERT_TEXT(words, "open for devices that come to match");
}

static void a_scheduled_campaign_waits_for_others(void)
{
    struct policy policy = policy_of(2);
    struct engine_view view = two_waves();
    struct engine_actions actions;
    view.state = CAMPAIGN_SCHEDULED;
    (void)wg_copy(view.waits_for, sizeof view.waits_for, "gateways");
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL(actions.count, 0);
    CU_ASSERT_EQUAL(actions.wake, 0);
    view.waits_for[0] = '\0';
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_EQUAL_FATAL(actions.count, 1); /* it runs from the next look on */
    CU_ASSERT_EQUAL(actions.items[0].kind, ENGINE_SET_CAMPAIGN);
    CU_ASSERT_EQUAL(actions.items[0].campaign, CAMPAIGN_RUNNING);
    ASSERT_TEXT(actions.items[0].cause, "the campaigns before it have finished");
    /* once it runs it asks no more */
    view.state = CAMPAIGN_RUNNING;
    (void)wg_copy(view.waits_for, sizeof view.waits_for, "gateways");
    engine_decide(&policy, &view, NOW, &actions);
    CU_ASSERT_PTR_NOT_NULL(find(&actions, ENGINE_CLAIM));
}

/* ---- properties over seeded views ---- */

static uint64_t seed;

static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static struct policy random_policy(void)
{
    struct policy policy = policy_of((size_t)draw(5) + 1);
    policy.continuous = draw(4) == 0;
    policy.in_flight = draw(20) + 1;
    policy.budget.failures = (struct policy_amount){draw(2) == 1, draw(2) ? draw(5) : draw(200000)};
    if (!policy.budget.failures.is_share) policy.budget.failures.value %= 6;
    policy.budget.on_exceeded = draw(2) ? POLICY_ABORT : POLICY_PAUSE;
    for (size_t i = 0; i < policy.wave_count; i++) {
        policy.gates[i].success_ppm = draw(POLICY_PPM + 1);
        policy.gates[i].sample.value = draw(POLICY_PPM) + 1;
        policy.gates[i].soak = draw(3) * WG_MINUTE;
        policy.gates[i].approval_count = draw(3);
    }
    return policy;
}

static struct engine_view random_view(const struct policy *policy)
{
    struct engine_view view = {.wave_count = policy->wave_count};
    static const enum campaign_state states[] = {CAMPAIGN_RUNNING, CAMPAIGN_RUNNING,
                                                 CAMPAIGN_PAUSED, CAMPAIGN_STOPPING};
    view.state = states[draw(4)];
    for (size_t i = 0; i < view.wave_count; i++) {
        struct engine_wave *wave = &view.waves[i];
        wave->state = (enum wave_state)draw(WAVE_STATES - 1); /* failed comes with stopping alone */
        for (int state = 0; state < WG_STATES; state++) wave->count[state] = draw(3) ? 0 : draw(6);
        for (int state = 0; state < WG_STATES; state++) wave->members += wave->count[state];
        wave->faults = wave->count[WG_ROLLED_BACK] + wave->count[WG_SILENT];
        wave->approvals = draw(3);
        wave->last_finish = NOW - draw(4) * WG_MINUTE;
    }
    return view;
}

static void apply_states(struct engine_view *view, const struct engine_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct engine_action *action = &actions->items[i];
        if (action->kind == ENGINE_SET_CAMPAIGN) view->state = action->campaign;
        if (action->kind == ENGINE_SET_WAVE) view->waves[action->wave].state = action->wave_state;
    }
}

static int64_t sum(const struct engine_view *view, bool faults)
{
    int64_t total = 0;
    for (size_t i = 0; i < view->wave_count; i++)
        for (int state = 0; state < WG_STATES; state++)
            if (!faults && wg_state_is_in_flight((enum wg_state)state))
                total += view->waves[i].count[state];
    for (size_t i = 0; faults && i < view->wave_count; i++) total += view->waves[i].faults;
    return total;
}

static void check_claims(const struct policy *policy, const struct engine_view *view,
                         const struct engine_actions *actions)
{
    int64_t members = 0, claimed = 0;
    bool stopped = false;
    for (size_t i = 0; i < view->wave_count; i++) members += view->waves[i].members;
    for (size_t i = 0; i < actions->count; i++) {
        if (actions->items[i].kind == ENGINE_CLAIM) claimed += actions->items[i].limit;
        stopped = stopped || actions->items[i].kind == ENGINE_SET_CAMPAIGN;
    }
    if (claimed == 0) return;
    int64_t exposed = sum(view, false) + sum(view, true) + claimed;
    CU_ASSERT_FALSE(stopped);
    CU_ASSERT_TRUE(sum(view, false) + claimed <= policy->in_flight);
    CU_ASSERT_TRUE(exposed <=
                   policy_budget_tolerates(&policy->budget, members) + policy->in_flight);
}

static void it_comes_to_rest_and_bounds_harm(void)
{
    static struct engine_actions actions, again;
    seed = 20260101;
    for (int round = 0; round < 20000; round++) {
        struct policy policy = random_policy();
        struct engine_view view = random_view(&policy);
        engine_decide(&policy, &view, NOW, &actions);
        check_claims(&policy, &view, &actions);
        apply_states(&view, &actions);
        engine_decide(&policy, &view, NOW, &again);
        CU_ASSERT_PTR_NULL(find(&again, ENGINE_SET_WAVE));
        CU_ASSERT_PTR_NULL(find(&again, ENGINE_SET_CAMPAIGN));
    }
}

WG_SUITE("engine", {"the first wave opens and claims", the_first_wave_opens_and_claims},
         {"a gate waits for approval", a_gate_waits_for_approval_and_then_passes},
         {"a soak holds", a_soak_holds_and_says_when_to_look_again},
         {"the budget goes before the gate", the_budget_goes_before_the_gate},
         {"the budget binds a paused campaign too", the_budget_binds_a_paused_campaign_too},
         {"every state has its time-out", every_state_has_its_time_out},
         {"the fullest look has room", the_fullest_look_has_room},
         {"a failed gate stops the campaign", a_failed_gate_stops_the_campaign},
         {"empty waves pass, the last asks no approval",
          empty_waves_pass_and_the_last_asks_no_approval},
         {"paused campaigns claim nothing", paused_campaigns_claim_and_pass_nothing},
         {"the last wave of a continuous campaign stays open",
          the_last_wave_of_a_continuous_campaign_stays_open},
         {"only the last wave stays open", only_the_last_wave_stays_open},
         {"a continuous campaign of nobody waits",
          a_continuous_campaign_of_nobody_waits_for_somebody},
         {"a scheduled campaign waits for others", a_scheduled_campaign_waits_for_others},
         {"stopping ends when nobody is left", stopping_ends_when_nobody_is_left},
         {"it comes to rest and bounds harm", it_comes_to_rest_and_bounds_harm})
