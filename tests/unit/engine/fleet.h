/* fleet.h: devices of a campaign, each of them two things: its place, as the database has it, and
 * the agent, which works on while nobody hears it and asks before it switches over. */
#ifndef WG_TESTS_UNIT_ENGINE_FLEET_H
#define WG_TESTS_UNIT_ENGINE_FLEET_H

#include "orchestrator/engine/device.h"
#include "tests/unit/engine/scene.h"

#include <string.h>

#define DEVICES_MAX 120

struct sim_device {
    size_t wave;
    struct device_place place;
    wg_time since, retry_at;
    bool ready; /* as the database has it */
    bool online;
    /* the agent */
    char order[WG_ORDER_ID_MAX];
    enum wg_state phase; /* waiting: idle; installing and done: asks to switch over */
    bool done;
};

struct sim {
    struct policy policy;
    struct engine_view view;
    struct engine_actions actions;
    struct sim_device devices[DEVICES_MAX];
    size_t count;
    int64_t bad_percent; /* of devices that get as far as probation: health fault */
    int64_t claimed;     /* in this look */
    int64_t offers[2];   /* in this step and the one before: a minute */
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

static bool lets_nobody_go(const struct sim *sim)
{
    const struct engine_view *view = &sim->view;
    return view->held || (view->state != CAMPAIGN_RUNNING && view->state != CAMPAIGN_PAUSED &&
                          view->state != CAMPAIGN_STOPPING);
}

static void move(struct sim *sim, struct sim_device *device, const struct device_change *change)
{
    if (change->verdict == DEVICE_REMARK) return;
    device->place.state = change->state;
    device->place.cause = change->cause;
    device->place.spent += change->spends;
    device->ready = change->verdict == DEVICE_READY;
    device->since = sim->now;
    device->retry_at = change->verdict == DEVICE_RETRIES ? change->retry_at : 0;
    if (wg_state_is_final(change->state)) sim->view.waves[device->wave].last_finish = sim->now;
}

/* A report of an agent that is heard; afterwards it knows whether its order is wanted. */
static void say(struct sim *sim, struct sim_device *device, enum wg_state state,
                enum wg_cause cause)
{
    struct wg_report report = {
        .state = state, .cause = cause, .attempt = device->place.attempt, .seq = 1};
    struct device_change change;
    (void)wg_copy(report.order, sizeof report.order, device->order);
    device->place.held = lets_nobody_go(sim);
    device_decide(&sim->policy.retry, &device->place, &report, sim->now, &change);
    move(sim, device, &change);
}

static bool is_wanted(const struct sim_device *device)
{
    return wg_state_is_in_flight(device->place.state) &&
           strcmp(device->place.order, device->order) == 0;
}

static void end_order(struct sim *sim, struct sim_device *device, enum wg_state state,
                      enum wg_cause cause)
{
    if (device->online) say(sim, device, state, cause);
    device->phase = WG_WAITING;
    device->done = false;
}

/* In READY: what the acknowledgement of its question says. */
static void ask(struct sim *sim, struct sim_device *device)
{
    say(sim, device, WG_REBOOTING, WG_CAUSE_NONE);
    if (!is_wanted(device))
        end_order(sim, device, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN);
    else if (device->place.state == WG_REBOOTING)
        device->phase = WG_REBOOTING;
}

static void work(struct sim *sim, struct sim_device *device)
{
    if (device->phase == WG_INSTALLING && device->done) {
        if (device->online) ask(sim, device);
        return;
    }
    if (device->phase == WG_OFFERED && chance(5)) {
        end_order(sim, device, WG_FAILED, chance(50) ? WG_CAUSE_SHED : WG_CAUSE_INCOMPATIBLE);
    } else if (device->phase == WG_DOWNLOADING && chance(10)) {
        end_order(sim, device, WG_FAILED, WG_CAUSE_DOWNLOAD);
    } else if (device->phase == WG_ACCEPTED && chance(5) && device->online) {
        say(sim, device, WG_DEFERRED, WG_CAUSE_DEFERRED);
    } else if (device->phase == WG_INSTALLING) {
        device->done = true;
    } else {
        device->phase =
            device->phase == WG_ACCEPTED ? WG_DOWNLOADING : (enum wg_state)(device->phase + 1);
        if (device->online) say(sim, device, device->phase, WG_CAUSE_NONE);
    }
}

/* After it has switched over it reports when it is heard; some never come back. */
static void run_new(struct sim *sim, struct sim_device *device)
{
    if (!device->online) return;
    if (device->phase == WG_REBOOTING && chance(sim->bad_percent / 2)) {
        device->online = false;
    } else if (device->phase == WG_REBOOTING) {
        device->phase = WG_PROBATION;
        say(sim, device, WG_PROBATION, WG_CAUSE_NONE);
    } else if (chance(sim->bad_percent)) {
        end_order(sim, device, WG_ROLLED_BACK, WG_CAUSE_HEALTH);
    } else {
        end_order(sim, device, WG_SUCCEEDED, WG_CAUSE_NONE);
    }
}

static void live(struct sim *sim, struct sim_device *device)
{
    if (chance(5)) device->online = !device->online;
    if (device->phase == WG_WAITING || chance(50)) return;
    if (device->phase == WG_REBOOTING || device->phase == WG_PROBATION)
        run_new(sim, device);
    else
        work(sim, device);
}

/* An order arrives: a new one, or again the one that it has in hand. */
static void receive(struct sim *sim, struct sim_device *device)
{
    bool again = device->phase != WG_WAITING && strcmp(device->order, device->place.order) == 0;
    CU_ASSERT_TRUE(device->phase < WG_REBOOTING);
    if (again) {
        if (device->phase > WG_OFFERED) say(sim, device, device->phase, WG_CAUSE_NONE);
        return;
    }
    (void)wg_copy(device->order, sizeof device->order, device->place.order);
    device->phase = WG_OFFERED;
    device->done = false;
}

#endif
