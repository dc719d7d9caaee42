/* harm_test.c: whole campaigns over seeded fleets, from the first claim to the end, through the
 * same decisions that the daemon carries out.
 *
 * Whatever the devices do, never more are in flight than the cap, never more end in a fault than
 * policy_worst_harm says, and every campaign comes to an end or is paused by its budget. */
#include "orchestrator/engine/device.h"
#include "orchestrator/engine/engine.h"

#include "tests/unit/harness.h"

#include <string.h>

#define DEVICES_MAX 120
#define STEP (30 * WG_SECOND)
#define STEPS_MAX 40000
#define ROUNDS 150

struct sim_device {
    size_t wave;
    struct device_place place;
    wg_time since, retry_at;
    bool online;
};

struct sim {
    struct policy policy;
    struct engine_view view;
    struct engine_actions actions;
    struct sim_device devices[DEVICES_MAX];
    size_t count;
    int64_t bad_percent; /* of devices that get as far as probation: health fault */
    wg_time now;
};

static uint64_t seed;

static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static bool chance(int64_t percent)
{
    return draw(100) < percent;
}

static void set_up(struct sim *sim)
{
    memset(sim, 0, sizeof *sim);
    sim->now = 100 * WG_DAY;
    sim->count = (size_t)draw(DEVICES_MAX) + 1;
    sim->bad_percent = draw(3) ? draw(2) * 4 : 60;
    sim->policy =
        (struct policy){.wave_count = (size_t)draw(4) + 1,
                        .in_flight = draw(12) + 1,
                        .budget = {.failures = {draw(2) == 1, draw(2) ? draw(4) : draw(4) * 10000},
                                   .at_least = draw(3),
                                   .on_exceeded = draw(2) ? POLICY_ABORT : POLICY_PAUSE},
                        .retry = {.attempts = draw(3) + 1, .backoff = WG_MINUTE},
                        .timeout = {2 * WG_MINUTE, WG_HOUR, WG_HOUR, WG_HOUR, WG_HOUR}};
    sim->view.state = CAMPAIGN_RUNNING;
    sim->view.wave_count = sim->policy.wave_count;
    for (size_t i = 0; i < sim->policy.wave_count; i++) {
        sim->policy.gates[i] = (struct policy_gate){.success_ppm = draw(2) ? 500000 : 900000,
                                                    .sample = {true, draw(2) ? POLICY_PPM : 700000},
                                                    .soak = draw(3) * WG_HOUR};
        (void)wg_format(sim->view.waves[i].name, sizeof sim->view.waves[i].name, "wave-%zu", i);
    }
    for (size_t i = 0; i < sim->count; i++)
        sim->devices[i] = (struct sim_device){.wave = (size_t)draw((int64_t)sim->policy.wave_count),
                                              .online = chance(80)};
}

static void count(struct sim *sim)
{
    for (size_t i = 0; i < sim->view.wave_count; i++) {
        struct engine_wave *wave = &sim->view.waves[i];
        memset(wave->count, 0, sizeof wave->count);
        wave->members = wave->faults = 0;
    }
    for (size_t i = 0; i < sim->count; i++) {
        const struct device_place *place = &sim->devices[i].place;
        struct engine_wave *wave = &sim->view.waves[sim->devices[i].wave];
        wave->members++;
        wave->count[place->state]++;
        wave->faults += wg_state_is_final(place->state) && wg_cause_is_fault(place->cause);
    }
}

static void move(struct sim *sim, struct sim_device *device, const struct device_change *change)
{
    if (change->verdict == DEVICE_REMARK) return;
    device->place.state = change->state;
    device->place.cause = change->cause;
    device->since = sim->now;
    device->retry_at = change->verdict == DEVICE_RETRIES ? change->retry_at : 0;
    if (wg_state_is_final(change->state)) sim->view.waves[device->wave].last_finish = sim->now;
}

static void say(struct sim *sim, struct sim_device *device, enum wg_state state,
                enum wg_cause cause)
{
    struct wg_report report = {
        .state = state, .cause = cause, .attempt = device->place.attempt, .seq = 1};
    struct device_change change;
    (void)wg_copy(report.order, sizeof report.order, device->place.order);
    device_decide(&sim->policy.retry, &device->place, &report, sim->now, &change);
    move(sim, device, &change);
}

/* One step of a device that is at work; some never come back from their reboot. */
static void live(struct sim *sim, struct sim_device *device)
{
    if (chance(5)) device->online = !device->online;
    enum wg_state state = device->place.state;
    if (!device->online || !wg_state_is_in_flight(state) || chance(50)) return;
    if (state == WG_OFFERED && chance(5))
        say(sim, device, WG_FAILED, chance(50) ? WG_CAUSE_SHED : WG_CAUSE_INCOMPATIBLE);
    else if (state == WG_ACCEPTED && chance(5))
        say(sim, device, WG_DEFERRED, WG_CAUSE_DEFERRED);
    else if (state == WG_DOWNLOADING && chance(10))
        say(sim, device, WG_FAILED, WG_CAUSE_DOWNLOAD);
    else if (state == WG_REBOOTING && chance(sim->bad_percent / 2))
        device->online = false;
    else if (state == WG_PROBATION && chance(sim->bad_percent))
        say(sim, device, WG_ROLLED_BACK, WG_CAUSE_HEALTH);
    else if (state == WG_ACCEPTED)
        say(sim, device, WG_DOWNLOADING, WG_CAUSE_NONE);
    else
        say(sim, device, state + 1, WG_CAUSE_NONE);
}

static void claim(struct sim *sim, const struct engine_action *action)
{
    int64_t left = action->limit;
    for (size_t i = 0; i < sim->count && left > 0; i++) {
        struct sim_device *device = &sim->devices[i];
        if (device->wave != action->wave || device->place.state != WG_WAITING || !device->online ||
            device->retry_at > sim->now)
            continue;
        device->place.state = WG_OFFERED;
        device->place.cause = WG_CAUSE_NONE;
        device->place.attempt++;
        (void)wg_format(device->place.order, sizeof device->place.order, "%zu-%lld", i,
                        (long long)device->place.attempt);
        device->since = sim->now;
        left--;
    }
}

static void expire(struct sim *sim, const struct engine_action *action)
{
    for (size_t i = 0; i < sim->count; i++) {
        struct sim_device *device = &sim->devices[i];
        struct device_change change;
        if (device->place.state != action->from || device->since > action->before) continue;
        device_expire(&sim->policy.retry, &device->place, action->to, action->cause_class, sim->now,
                      &change);
        move(sim, device, &change);
    }
}

static void withdraw(struct sim *sim)
{
    for (size_t i = 0; i < sim->count; i++) {
        struct sim_device *device = &sim->devices[i];
        enum wg_state state = device->place.state;
        const struct device_change change = {
            .verdict = DEVICE_MOVES, .state = WG_WITHDRAWN, .cause = WG_CAUSE_WITHDRAWN};
        if (state == WG_WAITING || state == WG_DEFERRED)
            move(sim, device, &change);
        else if (device->online && state <= WG_DOWNLOADING)
            say(sim, device, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN);
    }
}

static void carry_out(struct sim *sim)
{
    for (size_t i = 0; i < sim->actions.count; i++) {
        const struct engine_action *action = &sim->actions.items[i];
        switch (action->kind) {
        case ENGINE_SET_CAMPAIGN:
            sim->view.state = action->campaign;
            break;
        case ENGINE_SET_WAVE:
            sim->view.waves[action->wave].state = action->wave_state;
            break;
        case ENGINE_CLAIM:
            claim(sim, action);
            break;
        case ENGINE_WITHDRAW:
            withdraw(sim);
            break;
        case ENGINE_EXPIRE:
            expire(sim, action);
            break;
        }
    }
}

static int64_t faults(const struct sim *sim)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sim->view.wave_count; i++) sum += sim->view.waves[i].faults;
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

/* Runs to the end, or to a pause with nobody left in flight. */
static bool run(struct sim *sim)
{
    for (int step = 0; step < STEPS_MAX; step++) {
        count(sim);
        engine_decide(&sim->policy, &sim->view, sim->now, &sim->actions);
        carry_out(sim);
        count(sim);
        CU_ASSERT_TRUE_FATAL(in_states(sim, true) <= sim->policy.in_flight);
        CU_ASSERT_TRUE_FATAL(faults(sim) <= policy_worst_harm(&sim->policy, (int64_t)sim->count));
        if (campaign_state_is_final(sim->view.state)) return true;
        if (sim->view.state == CAMPAIGN_PAUSED && in_states(sim, true) == 0) return true;
        for (size_t i = 0; i < sim->count; i++) live(sim, &sim->devices[i]);
        sim->now += STEP;
    }
    return false;
}

static void check_end(const struct sim *sim)
{
    int64_t tolerated = policy_budget_tolerates(&sim->policy.budget, (int64_t)sim->count);
    if (sim->view.state == CAMPAIGN_PAUSED) CU_ASSERT_TRUE(faults(sim) > tolerated);
    if (sim->view.state != CAMPAIGN_PAUSED) CU_ASSERT_EQUAL(in_states(sim, false), 0);
    if (sim->view.state != CAMPAIGN_FINISHED) return;
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
        bool ended = run(&sim);
        if (!ended) printf("\n    round %d does not end\n", round);
        CU_ASSERT_TRUE(ended);
        check_end(&sim);
        ends[sim.view.state]++;
    }
    /* the fleets are varied enough to see every end */
    CU_ASSERT_TRUE(ends[CAMPAIGN_FINISHED] > 10);
    CU_ASSERT_TRUE(ends[CAMPAIGN_ABORTED] > 10);
    CU_ASSERT_TRUE(ends[CAMPAIGN_PAUSED] > 10);
}

WG_SUITE("harm", {"campaigns end and harm no more than planned",
                  campaigns_end_and_harm_no_more_than_planned})
