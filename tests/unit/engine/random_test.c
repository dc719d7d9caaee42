/* random_test.c: what holds of every look, over seeded policies and views, most of which no orderly
 * campaign ever comes to. */
#include "tests/unit/engine/scene.h"

#define ROUNDS 100000

static uint64_t seed;

static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static wg_time near_now(void)
{
    return draw(5) ? 0 : NOW + (draw(3) - 1) * WG_MINUTE;
}

static struct policy_gate random_gate(void)
{
    struct policy_gate gate = {.success_ppm = draw(2) ? draw(POLICY_PPM + 1) : 0,
                               .sample = {true, draw(2) ? draw(POLICY_PPM) + 1 : 1},
                               .soak = draw(3) * WG_MINUTE,
                               .approval_count = draw(2) ? draw(3) : 0};
    if (draw(2)) gate.hook = (struct policy_hook){.run = "smoke-test", .every = WG_MINUTE};
    if (draw(4) == 0)
        gate.health = (struct policy_health){
            .metric = "load", .margin_ppm = 200000, .alpha_ppm = 10000, .beta_ppm = 50000};
    return gate;
}

static struct policy random_policy(void)
{
    struct policy policy = policy_of((size_t)draw(5) + 1);
    policy.continuous = draw(4) == 0;
    policy.supersedes = draw(4) == 0;
    policy.in_flight = draw(40) + 1;
    policy.budget.failures = (struct policy_amount){draw(2) == 1, draw(800000)};
    if (!policy.budget.failures.is_share) policy.budget.failures.value %= 40;
    policy.budget.on_exceeded = (enum policy_on_exceeded)draw(3);
    policy.budget.class_limited[WG_CAUSE_SILENT] = draw(4) == 0;
    policy.budget.classes[WG_CAUSE_SILENT].value = draw(8);
    if (draw(3) == 0) policy.rate = (struct policy_rate){draw(9) + 1, 2 * POLICY_PPM, draw(60)};
    policy.schedule = (struct policy_schedule){near_now(), near_now(), (enum policy_at_end)draw(3)};
    policy.start.count = draw(3);
    if (draw(4) == 0) policy.emergency.length = (draw(2) + 1) * WG_HOUR;
    for (size_t i = 0; i < policy.wave_count; i++) {
        policy.gates[i] = random_gate();
        policy.overlap[i] = i > 0 && draw(3) == 0;
    }
    return policy;
}

static struct engine_wave random_wave(void)
{
    struct engine_wave wave = {
        .state = (enum wave_state)draw(WAVE_STATES - 1), /* failed comes with stopping alone */
        .name = "wave",
        .approvals = draw(3),
        .approval_ends = near_now(),
        .last_finish = NOW - draw(4) * WG_MINUTE,
        .manual = draw(3) ? ENGINE_MANUAL_NONE : (enum engine_manual)draw(3),
        .hook = (enum engine_hook)draw(ENGINE_HOOK_FAIL + 1),
        .hook_at = NOW - draw(3) * WG_MINUTE,
        .health = {draw(2) * draw(10), draw(10), draw(4) ? draw(9) : 200}};
    for (int state = 0; state < WG_STATES; state++) {
        wave.count[state] = draw(wg_state_is_final((enum wg_state)state) ? 6 : 3) ? 0 : draw(6);
        wave.members += wave.count[state];
    }
    wave.fault_class[WG_CAUSE_BOOT] = wave.count[WG_ROLLED_BACK];
    wave.fault_class[WG_CAUSE_SILENT] = wave.count[WG_SILENT];
    wave.fault_class[WG_CAUSE_TIMEOUT] = draw(wave.count[WG_FAILED] + 1);
    wave.faults =
        wave.count[WG_ROLLED_BACK] + wave.count[WG_SILENT] + wave.fault_class[WG_CAUSE_TIMEOUT];
    return wave;
}

static struct engine_view random_view(const struct policy *policy)
{
    struct engine_view view = {.wave_count = policy->wave_count,
                               .held = draw(4) == 0,
                               .stop = (enum engine_stop)draw(3),
                               .approvals = draw(3),
                               .start_approved = true,
                               .offered = draw(3) ? 0 : draw(20),
                               .started_at = NOW - draw(3) * WG_HOUR,
                               .is_rollback = draw(4) == 0,
                               .source_runs = draw(2) == 0,
                               .rollback_made = draw(2) == 0};
    static const enum campaign_state states[] = {
        CAMPAIGN_RUNNING, CAMPAIGN_RUNNING,  CAMPAIGN_RUNNING,   CAMPAIGN_RUNNING,
        CAMPAIGN_PAUSED,  CAMPAIGN_STOPPING, CAMPAIGN_SCHEDULED, CAMPAIGN_AWAITING_APPROVAL};
    view.state = states[draw(8)];
    if (view.state == CAMPAIGN_RUNNING && draw(8)) view.held = false;
    if (view.offered) view.offered_first = NOW - draw(60) * WG_SECOND;
    for (size_t i = 0; i < view.wave_count; i++) {
        view.waves[i] = random_wave();
        view.ready += draw(view.waves[i].count[WG_INSTALLING] + 1);
    }
    return view;
}

struct sums {
    int64_t members, faults, silent, in_flight, succeeded;
};

static struct sums sums_of(const struct engine_view *view)
{
    struct sums sums = {0};
    for (size_t i = 0; i < view->wave_count; i++) {
        const struct engine_wave *wave = &view->waves[i];
        sums.members += wave->members;
        sums.faults += wave->faults;
        sums.silent += wave->fault_class[WG_CAUSE_SILENT];
        sums.succeeded += wave->count[WG_SUCCEEDED];
        for (int state = 0; state < WG_STATES; state++)
            if (wg_state_is_in_flight((enum wg_state)state)) sums.in_flight += wave->count[state];
    }
    return sums;
}

/* Nothing is claimed above the cap, the rate and the budget, nor where nobody may be offered to. */
static void check_claims(const struct policy *policy, const struct engine_view *view,
                         const struct engine_actions *actions)
{
    struct sums sums = sums_of(view);
    int64_t tolerated = policy_budget_tolerates(&policy->budget, sums.members);
    int64_t rate = policy_rate_of(&policy->rate, sums.succeeded);
    const struct policy_schedule *schedule = &policy->schedule;
    bool claims = find(actions, ENGINE_CLAIM) != NULL;
    CU_ASSERT_EQUAL(claims, actions->slots > 0);
    if (!claims) return;
    CU_ASSERT_EQUAL(view->state, CAMPAIGN_RUNNING);
    CU_ASSERT_EQUAL(campaign_after(view, actions), CAMPAIGN_RUNNING);
    CU_ASSERT_FALSE(view->held);
    CU_ASSERT_TRUE(sums.in_flight + actions->slots <= policy->in_flight);
    CU_ASSERT_TRUE(sums.in_flight + sums.faults + actions->slots <= tolerated + policy->in_flight);
    CU_ASSERT_TRUE(sums.faults <= tolerated);
    if (policy->budget.class_limited[WG_CAUSE_SILENT])
        CU_ASSERT_TRUE(sums.silent <= policy->budget.classes[WG_CAUSE_SILENT].value);
    if (rate >= 0) CU_ASSERT_TRUE(view->offered + actions->slots <= rate);
    CU_ASSERT_FALSE(schedule->end && schedule->end <= NOW);
    CU_ASSERT_FALSE(policy->emergency.length && view->started_at &&
                    view->started_at + policy->emergency.length <= NOW);
    for (size_t i = 0; i < actions->count; i++) {
        const struct engine_action *action = &actions->items[i];
        if (action->kind != ENGINE_CLAIM) continue;
        CU_ASSERT_TRUE(action->limit > 0 && action->limit <= actions->slots);
        CU_ASSERT_TRUE(action->limit <= view->waves[action->wave].count[WG_WAITING]);
        CU_ASSERT_NOT_EQUAL(wave_after(view, actions, action->wave), WAVE_PENDING);
    }
}

static bool is_empty(const struct engine_wave *wave)
{
    int64_t open = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (!wg_state_is_final((enum wg_state)state)) open += wave->count[state];
    return open + wave->count[WG_SUCCEEDED] + wave->faults == 0;
}

static void check_opened(const struct policy *policy, const struct engine_view *view,
                         const struct engine_actions *actions, size_t wave)
{
    if (wave == 0) return;
    if (policy->overlap[wave]) {
        CU_ASSERT_NOT_EQUAL(wave_after(view, actions, wave - 1), WAVE_PENDING);
        return;
    }
    for (size_t i = 0; i < wave; i++) CU_ASSERT_EQUAL(wave_after(view, actions, i), WAVE_PASSED);
}

static void check_passed(const struct policy *policy, const struct engine_view *view, size_t i)
{
    const struct policy_gate *gate = &policy->gates[i];
    const struct engine_wave *wave = &view->waves[i];
    bool last = i + 1 == view->wave_count;
    CU_ASSERT_NOT_EQUAL(wave->manual, ENGINE_MANUAL_HOLD);
    if (is_empty(wave)) return;
    if (!last) CU_ASSERT_TRUE(wave->approvals >= gate->approval_count);
    if (wave->manual == ENGINE_MANUAL_ADVANCE) return;
    CU_ASSERT_TRUE(wave->count[WG_SUCCEEDED] * POLICY_PPM >=
                   gate->success_ppm * (wave->count[WG_SUCCEEDED] + wave->faults));
    CU_ASSERT_TRUE(wave->last_finish + gate->soak <= NOW);
    if (gate->hook.run[0]) CU_ASSERT_EQUAL(wave->hook, ENGINE_HOOK_PASS);
}

static void check_waves(const struct policy *policy, const struct engine_view *view,
                        const struct engine_actions *actions)
{
    for (size_t i = 0; i < view->wave_count; i++) {
        enum wave_state before = view->waves[i].state, after = wave_after(view, actions, i);
        if (before == after) continue;
        CU_ASSERT_EQUAL(view->state, CAMPAIGN_RUNNING);
        CU_ASSERT_NOT_EQUAL(before, WAVE_PASSED);
        if (before == WAVE_PENDING) check_opened(policy, view, actions, i);
        if (after == WAVE_PASSED) check_passed(policy, view, i);
        if (after == WAVE_FAILED)
            CU_ASSERT_TRUE(campaign_after(view, actions) >= CAMPAIGN_STOPPING);
    }
}

static void check_rest_of(const struct policy *policy, const struct engine_view *view,
                          const struct engine_actions *actions)
{
    enum campaign_state after = campaign_after(view, actions);
    bool exceeded =
        sums_of(view).faults > policy_budget_tolerates(&policy->budget, sums_of(view).members);
    CU_ASSERT_TRUE(actions->count <= ENGINE_ACTIONS_MAX);
    CU_ASSERT_TRUE(actions->wake == 0 || actions->wake > NOW);
    if (exceeded && view->state == CAMPAIGN_RUNNING) CU_ASSERT_NOT_EQUAL(after, CAMPAIGN_RUNNING);
    if (find(actions, ENGINE_RELEASE)) {
        CU_ASSERT_TRUE(after == CAMPAIGN_RUNNING || after == CAMPAIGN_STOPPING);
        CU_ASSERT_FALSE(view->held && view->state != CAMPAIGN_PAUSED);
        CU_ASSERT_FALSE(exceeded);
    }
    if (find(actions, ENGINE_SUPERSEDE)) CU_ASSERT_TRUE(policy->supersedes);
    if (find(actions, ENGINE_PREEMPT)) CU_ASSERT_TRUE(policy->emergency.length > 0);
    for (size_t i = 0; i < actions->count; i++) {
        const struct engine_action *action = &actions->items[i];
        if (action->kind == ENGINE_RUN_HOOK)
            CU_ASSERT_EQUAL(wave_after(view, actions, action->wave), WAVE_AT_GATE);
    }
}

static bool changes_state(const struct engine_actions *actions)
{
    return find(actions, ENGINE_SET_WAVE) || find(actions, ENGINE_SET_CAMPAIGN);
}

/* Looks until nothing changes: at once, but for one more when it begins to run. */
static void check_rest(const struct policy *policy, struct engine_view *view,
                       struct engine_actions *actions)
{
    bool begins = view->state == CAMPAIGN_SCHEDULED || view->state == CAMPAIGN_AWAITING_APPROVAL;
    apply_states(view, actions);
    engine_decide(policy, view, NOW, actions);
    if (begins) {
        apply_states(view, actions);
        engine_decide(policy, view, NOW, actions);
    }
    CU_ASSERT_FALSE(changes_state(actions));
    CU_ASSERT_PTR_NULL(find(actions, ENGINE_RUN_HOOK));
}

static void every_look_keeps_the_rules(void)
{
    static struct engine_actions actions;
    int seen[ENGINE_ROLL_BACK + 1] = {0};
    seed = 20260101;
    for (int round = 0; round < ROUNDS; round++) {
        struct policy policy = random_policy();
        struct engine_view view = random_view(&policy);
        unsigned failures = CU_get_number_of_failures();
        engine_decide(&policy, &view, NOW, &actions);
        for (size_t i = 0; i < actions.count; i++) seen[actions.items[i].kind]++;
        check_claims(&policy, &view, &actions);
        check_waves(&policy, &view, &actions);
        check_rest_of(&policy, &view, &actions);
        check_rest(&policy, &view, &actions);
        if (CU_get_number_of_failures() == failures) continue;
        printf("\n    round %d\n", round);
        return;
    }
    for (int kind = 0; kind <= ENGINE_ROLL_BACK; kind++) {
        if (seen[kind] <= 100) printf("\n    action %d: only %d\n", kind, seen[kind]);
        CU_ASSERT_TRUE(seen[kind] > 100);
    }
}

/* The reason of any wave of any view is there, and within its bounds. */
static void every_wave_that_waits_says_why(void)
{
    char words[ENGINE_CAUSE_MAX];
    seed = 20260103;
    for (int round = 0; round < ROUNDS / 10; round++) {
        struct policy policy = random_policy();
        struct engine_view view = random_view(&policy);
        engine_campaign_reason(&policy, &view, NOW, words);
        CU_ASSERT_EQUAL(words[0] == '\0', view.state == CAMPAIGN_RUNNING);
        for (size_t i = 0; i < view.wave_count; i++) {
            engine_wave_reason(&policy, &view, i, NOW, words);
            CU_ASSERT_EQUAL(words[0] == '\0', view.waves[i].state == WAVE_PASSED);
        }
    }
}

WG_SUITE("random", {"every look keeps the rules", every_look_keeps_the_rules},
         {"every wave that waits says why", every_wave_that_waits_says_why})
