/* harm_test.c: whole campaigns over seeded fleets, from the first claim to the end, through the
 * same decisions that the daemon carries out.
 *
 * Whatever devices and operators do, never more are in flight than the cap, never more are exposed
 * than policy_worst_harm says, nobody switches over whose place does not say so, and every campaign
 * comes to an end or waits for a person. */
#include "tests/unit/engine/fleet.h"

#define STEP (30 * WG_SECOND)
#define STEPS_MAX 40000
#define PEOPLE_STEPS 3000 /* afterwards nobody touches it any more */
#define ROUNDS 250

static void set_up_policy(struct sim *sim)
{
    struct policy *policy = &sim->policy;
    *policy = (struct policy){
        .wave_count = (size_t)draw(4) + 1,
        .in_flight = draw(12) + 1,
        .budget = {.failures = {draw(2) == 1, draw(2) ? draw(4) : draw(4) * 10000},
                   .at_least = draw(3),
                   .on_exceeded = (enum policy_on_exceeded)draw(3)},
        .retry = {.attempts = draw(3) + 1, .backoff = WG_MINUTE, .jitter_ppm = draw(2) * 200000},
        .timeout = {2 * WG_MINUTE, WG_HOUR, WG_HOUR, WG_HOUR, WG_HOUR}};
    if (draw(3) == 0) policy->rate = (struct policy_rate){draw(3) + 1, 2 * POLICY_PPM, 8};
    if (draw(4) == 0)
        policy->schedule =
            (struct policy_schedule){sim->now + draw(2) * WG_HOUR, sim->now + draw(20) * WG_HOUR,
                                     (enum policy_at_end)draw(3)};
    if (draw(8) == 0) policy->emergency.length = draw(10) * WG_HOUR + 1;
    policy->start.count = draw(2);
    for (size_t i = 0; i < policy->wave_count; i++) {
        policy->overlap[i] = i > 0 && draw(3) == 0;
        policy->gates[i] = (struct policy_gate){.success_ppm = draw(2) ? 500000 : 900000,
                                                .sample = {true, draw(2) ? POLICY_PPM : 700000},
                                                .soak = draw(3) * WG_HOUR,
                                                .approval_count = draw(4) == 0};
        if (draw(4) == 0)
            policy->gates[i].hook = (struct policy_hook){.run = "h", .every = WG_MINUTE};
    }
}

static void set_up(struct sim *sim)
{
    memset(sim, 0, sizeof *sim);
    sim->now = 100 * WG_DAY;
    sim->count = (size_t)draw(DEVICES_MAX) + 1;
    sim->bad_percent = draw(3) ? draw(2) * 4 : 60;
    set_up_policy(sim);
    sim->view.state = CAMPAIGN_AWAITING_APPROVAL;
    sim->view.wave_count = sim->policy.wave_count;
    for (size_t i = 0; i < sim->policy.wave_count; i++)
        (void)wg_format(sim->view.waves[i].name, sizeof sim->view.waves[i].name, "wave-%zu", i);
    for (size_t i = 0; i < sim->count; i++)
        sim->devices[i] = (struct sim_device){.wave = (size_t)draw((int64_t)sim->policy.wave_count),
                                              .online = chance(80)};
}

static void count(struct sim *sim)
{
    for (size_t i = 0; i < sim->view.wave_count; i++) {
        struct engine_wave *wave = &sim->view.waves[i];
        memset(wave->count, 0, sizeof wave->count);
        memset(wave->fault_class, 0, sizeof wave->fault_class);
        wave->members = wave->faults = 0;
    }
    sim->view.ready = 0;
    for (size_t i = 0; i < sim->count; i++) {
        const struct device_place *place = &sim->devices[i].place;
        struct engine_wave *wave = &sim->view.waves[sim->devices[i].wave];
        bool fault = wg_state_is_final(place->state) && wg_cause_is_fault(place->cause);
        wave->members++;
        wave->count[place->state]++;
        wave->faults += fault;
        wave->fault_class[place->cause] += fault;
        sim->view.ready += sim->devices[i].ready;
    }
    sim->view.offered = sim->offers[0] + sim->offers[1];
    sim->view.offered_first = sim->offers[1] ? sim->now - STEP : sim->offers[0] ? sim->now : 0;
}

static void offer(struct sim *sim, size_t number)
{
    struct sim_device *device = &sim->devices[number];
    struct device_place *place = &device->place;
    bool again =
        place->order[0] && (place->cause == WG_CAUSE_OFFLINE || place->cause == WG_CAUSE_DEFERRED);
    if (!again)
        (void)wg_format(place->order, sizeof place->order, "%zu-%lld", number,
                        (long long)++place->attempt);
    place->state = WG_OFFERED;
    place->cause = WG_CAUSE_NONE;
    place->recalled = false;
    device->since = sim->now;
    sim->offers[0]++;
    receive(sim, device);
}

static void claim(struct sim *sim, const struct engine_action *action)
{
    int64_t left = action->limit;
    for (size_t i = 0; i < sim->count && left > 0 && sim->claimed < sim->actions.slots; i++) {
        struct sim_device *device = &sim->devices[i];
        if (device->wave != action->wave || device->place.state != WG_WAITING || !device->online ||
            device->retry_at > sim->now || device->phase >= WG_REBOOTING)
            continue;
        offer(sim, i);
        sim->claimed++;
        left--;
    }
}

static void expire(struct sim *sim, const struct engine_action *action)
{
    for (size_t i = 0; i < sim->count; i++) {
        struct sim_device *device = &sim->devices[i];
        struct device_change change;
        const struct engine_expiry *expiry = NULL;
        for (size_t e = 0; e < action->expiry_count; e++)
            if (action->expiries[e].from == device->place.state) expiry = &action->expiries[e];
        if (!expiry || device->since > expiry->before || device->ready) continue;
        device_expire(&sim->policy.retry, &device->place, expiry->to, expiry->cause, sim->now,
                      &change);
        move(sim, device, &change);
    }
}

static void give_back(struct sim *sim)
{
    for (size_t i = 0; i < sim->count; i++) {
        struct sim_device *device = &sim->devices[i];
        struct device_change change;
        if (!wg_state_is_in_flight(device->place.state) || device->place.state > WG_INSTALLING ||
            device->online)
            continue;
        device_expire(&sim->policy.retry, &device->place, WG_WAITING, WG_CAUSE_OFFLINE, sim->now,
                      &change);
        move(sim, device, &change);
    }
}

static void withdraw(struct sim *sim, bool waiting_alone)
{
    const struct device_change change = {
        .verdict = DEVICE_MOVES, .state = WG_WITHDRAWN, .cause = WG_CAUSE_WITHDRAWN};
    for (size_t i = 0; i < sim->count; i++) {
        struct sim_device *device = &sim->devices[i];
        enum wg_state state = device->place.state;
        if (state == WG_WAITING || state == WG_DEFERRED)
            move(sim, device, &change);
        else if (!waiting_alone && device->online && state <= WG_INSTALLING) {
            device->place.recalled = true;
            end_order(sim, device, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN);
        }
    }
}

static void release(struct sim *sim)
{
    for (size_t i = 0; i < sim->count; i++) {
        struct sim_device *device = &sim->devices[i];
        if (!device->ready) continue;
        CU_ASSERT_EQUAL(device->place.state, WG_INSTALLING);
        device->place.state = WG_REBOOTING;
        device->ready = false;
        device->since = sim->now;
        if (device->online) device->phase = WG_REBOOTING; /* the word may get lost */
    }
}

static void set_campaign(struct sim *sim, const struct engine_action *action)
{
    if (action->campaign == CAMPAIGN_RUNNING && !sim->view.started_at)
        sim->view.started_at = sim->now;
    if (action->campaign == CAMPAIGN_RUNNING && sim->view.state == CAMPAIGN_SCHEDULED)
        sim->view.start_approved = true;
    sim->view.state = action->campaign;
    sim->view.held = action->held;
    sim->view.stop = action->stop;
}

static void carry_out(struct sim *sim)
{
    sim->claimed = 0;
    for (size_t i = 0; i < sim->actions.count; i++) {
        const struct engine_action *action = &sim->actions.items[i];
        struct engine_wave *wave = &sim->view.waves[action->wave];
        switch (action->kind) {
        case ENGINE_SET_CAMPAIGN:
            set_campaign(sim, action);
            break;
        case ENGINE_SET_WAVE:
            wave->state = action->wave_state;
            break;
        case ENGINE_CLAIM:
            claim(sim, action);
            break;
        case ENGINE_WITHDRAW:
        case ENGINE_WITHDRAW_WAITING:
            withdraw(sim, action->kind == ENGINE_WITHDRAW_WAITING);
            break;
        case ENGINE_EXPIRE:
            expire(sim, action);
            break;
        case ENGINE_GIVE_BACK:
            give_back(sim);
            break;
        case ENGINE_RELEASE:
            release(sim);
            break;
        case ENGINE_RUN_HOOK:
            wave->hook = chance(80)   ? ENGINE_HOOK_PASS
                         : chance(90) ? ENGINE_HOOK_HOLD
                                      : ENGINE_HOOK_FAIL;
            wave->hook_at = sim->now;
            break;
        case ENGINE_ROLL_BACK:
            sim->view.rollback_made = true;
            break;
        case ENGINE_PAIR:
        case ENGINE_SUPERSEDE:
        case ENGINE_PREEMPT:
            break;
        }
    }
}

/* What operators do, as the command does it. */
static void command(struct sim *sim, enum engine_command command)
{
    struct wg_error err = {0};
    struct engine_view *view = &sim->view;
    if (!engine_command_allowed(command, view->state, &view->state, &err)) return;
    if (command == ENGINE_PAUSE) view->held = view->held || chance(50);
    if (command == ENGINE_RESUME) view->held = false;
    if (command == ENGINE_ABORT || command == ENGINE_ROLLBACK) view->held = true;
    if (command == ENGINE_ABORT) view->stop = ENGINE_STOP_ABORT;
    if (command == ENGINE_ROLLBACK) view->stop = ENGINE_STOP_ROLLBACK;
}

static void meddle(struct sim *sim, int step)
{
    struct engine_wave *wave = &sim->view.waves[draw((int64_t)sim->view.wave_count)];
    if (chance(10)) wave->approvals = sim->view.approvals = 1;
    if (step == PEOPLE_STEPS)
        for (size_t i = 0; i < sim->view.wave_count; i++)
            sim->view.waves[i].manual = ENGINE_MANUAL_NONE;
    if (step == PEOPLE_STEPS) command(sim, ENGINE_RESUME);
    if (step >= PEOPLE_STEPS) return;
    if (chance(1)) command(sim, ENGINE_PAUSE);
    if (chance(8)) command(sim, ENGINE_RESUME);
    if (chance(1)) wave->manual = (enum engine_manual)draw(3);
    if (draw(5000) == 0) command(sim, chance(50) ? ENGINE_ABORT : ENGINE_ROLLBACK);
}

static int64_t exposed(const struct sim *sim)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sim->count; i++) {
        const struct sim_device *device = &sim->devices[i];
        const struct device_place *place = &device->place;
        bool faulty = wg_state_is_final(place->state) && wg_cause_is_fault(place->cause);
        sum += faulty || device->phase >= WG_REBOOTING || place->state == WG_REBOOTING ||
               place->state == WG_PROBATION;
    }
    return sum;
}

static int64_t in_states(const struct sim *sim, bool in_flight)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sim->count; i++) {
        enum wg_state state = sim->devices[i].place.state;
        sum += in_flight ? wg_state_is_in_flight(state) : !wg_state_is_final(state);
    }
    return sum;
}

static void check(const struct sim *sim)
{
    int64_t rate = policy_rate_of(&sim->policy.rate, DEVICES_MAX);
    CU_ASSERT_TRUE_FATAL(in_states(sim, true) <= sim->policy.in_flight);
    CU_ASSERT_TRUE_FATAL(exposed(sim) <= policy_worst_harm(&sim->policy, (int64_t)sim->count));
    if (rate >= 0) CU_ASSERT_TRUE_FATAL(sim->offers[0] + sim->offers[1] <= rate);
    for (size_t i = 0; i < sim->count; i++) {
        const struct sim_device *device = &sim->devices[i];
        if (device->phase < WG_REBOOTING) continue;
        CU_ASSERT_TRUE_FATAL(device->place.state == WG_REBOOTING ||
                             device->place.state == WG_PROBATION ||
                             device->place.state == WG_SILENT);
    }
}

/* Runs to the end, or to where a person is needed. */
static bool run(struct sim *sim)
{
    for (int step = 0; step < STEPS_MAX; step++) {
        count(sim);
        engine_decide(&sim->policy, &sim->view, sim->now, &sim->actions);
        carry_out(sim);
        check(sim);
        if (campaign_state_is_final(sim->view.state)) return true;
        bool waits = sim->view.state == CAMPAIGN_PAUSED || sim->view.state == CAMPAIGN_SCHEDULED;
        if (waits && step > PEOPLE_STEPS && in_states(sim, true) == sim->view.ready) return true;
        for (size_t i = 0; i < sim->count; i++) live(sim, &sim->devices[i]);
        check(sim);
        meddle(sim, step);
        sim->now += STEP;
        sim->offers[1] = sim->offers[0];
        sim->offers[0] = 0;
    }
    return false;
}

static int64_t faults(const struct sim *sim)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sim->view.wave_count; i++) sum += sim->view.waves[i].faults;
    return sum;
}

static void check_end(struct sim *sim)
{
    const struct policy_schedule *schedule = &sim->policy.schedule;
    int64_t tolerated = policy_budget_tolerates(&sim->policy.budget, (int64_t)sim->count);
    bool over = schedule->end && sim->now >= schedule->end;
    count(sim);
    if (!campaign_state_is_final(sim->view.state)) {
        CU_ASSERT_TRUE(faults(sim) > tolerated || over);
        return;
    }
    CU_ASSERT_EQUAL(in_states(sim, false), 0);
    CU_ASSERT_EQUAL(sim->view.ready, 0);
    if (sim->view.state != CAMPAIGN_FINISHED || sim->view.stop == ENGINE_STOP_FINISH_STARTED)
        return;
    CU_ASSERT_TRUE(faults(sim) <= tolerated);
    for (size_t i = 0; i < sim->view.wave_count; i++)
        CU_ASSERT_EQUAL(sim->view.waves[i].state, WAVE_PASSED);
}

static void campaigns_end_and_harm_no_more_than_planned(void)
{
    static struct sim sim;
    int ends[CAMPAIGN_STATES] = {0};
    seed = 20260102;
    for (int round = 0; round < ROUNDS; round++) {
        set_up(&sim);
        unsigned failures = CU_get_number_of_failures();
        bool ended = run(&sim);
        CU_ASSERT_TRUE(ended);
        check_end(&sim);
        if (CU_get_number_of_failures() != failures) printf("\n    round %d\n", round);
        ends[sim.view.state]++;
    }
    /* the fleets are varied enough to see every end */
    CU_ASSERT_TRUE(ends[CAMPAIGN_FINISHED] > 10);
    CU_ASSERT_TRUE(ends[CAMPAIGN_ABORTED] > 10);
    CU_ASSERT_TRUE(ends[CAMPAIGN_ROLLED_BACK] > 10);
    CU_ASSERT_TRUE(ends[CAMPAIGN_PAUSED] > 10);
}

WG_SUITE("harm", {"campaigns end and harm no more than planned",
                  campaigns_end_and_harm_no_more_than_planned})
