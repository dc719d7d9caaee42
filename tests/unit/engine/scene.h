/* scene.h: small campaigns to look at, and what came of a look. */
#ifndef WG_TESTS_UNIT_ENGINE_SCENE_H
#define WG_TESTS_UNIT_ENGINE_SCENE_H

#include "orchestrator/engine/engine.h"

#include "tests/unit/harness.h"

#define NOW ((wg_time)100 * WG_DAY) /* 1970-04-11 */

/* Waves whose gates want every device to succeed; three in flight, one fault tolerated. */
static inline struct policy policy_of(size_t waves)
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

static inline void set_wave(struct engine_view *view, size_t wave, enum wave_state state,
                            int64_t waiting, int64_t succeeded, int64_t faults)
{
    static const char *const names[] = {"canary", "rest", "third", "fourth"};
    struct engine_wave *to = &view->waves[wave];
    *to = (struct engine_wave){
        .state = state, .members = waiting + succeeded + faults, .faults = faults};
    (void)wg_copy(to->name, sizeof to->name, wave < 4 ? names[wave] : "later");
    to->count[WG_WAITING] = waiting;
    to->count[WG_SUCCEEDED] = succeeded;
    to->count[WG_ROLLED_BACK] = to->fault_class[WG_CAUSE_HEALTH] = faults;
    to->last_finish = succeeded + faults ? NOW - WG_MINUTE : 0;
}

/* More members of a wave, in that state. */
static inline void add(struct engine_view *view, size_t wave, enum wg_state state, int64_t devices)
{
    view->waves[wave].count[state] += devices;
    view->waves[wave].members += devices;
}

static inline struct engine_view two_waves(void)
{
    struct engine_view view = {.state = CAMPAIGN_RUNNING,
                               .wave_count = 2,
                               .started_at = NOW - WG_HOUR,
                               .start_approved = true};
    set_wave(&view, 0, WAVE_PENDING, 2, 0, 0);
    set_wave(&view, 1, WAVE_PENDING, 5, 0, 0);
    return view;
}

static inline const struct engine_action *find(const struct engine_actions *actions,
                                               enum engine_action_kind kind)
{
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].kind == kind) return &actions->items[i];
    return NULL;
}

static inline size_t count_of(const struct engine_actions *actions, enum engine_action_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < actions->count; i++) count += actions->items[i].kind == kind;
    return count;
}

/* The wave's state after the look; as it was when nothing changed it. */
static inline enum wave_state wave_after(const struct engine_view *view,
                                         const struct engine_actions *actions, size_t wave)
{
    enum wave_state state = view->waves[wave].state;
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].kind == ENGINE_SET_WAVE && actions->items[i].wave == wave)
            state = actions->items[i].wave_state;
    return state;
}

static inline enum campaign_state campaign_after(const struct engine_view *view,
                                                 const struct engine_actions *actions)
{
    enum campaign_state state = view->state;
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].kind == ENGINE_SET_CAMPAIGN) state = actions->items[i].campaign;
    return state;
}

/* What the store keeps of a look: states, nothing of devices. */
static inline void apply_states(struct engine_view *view, const struct engine_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct engine_action *action = &actions->items[i];
        if (action->kind == ENGINE_SET_WAVE) view->waves[action->wave].state = action->wave_state;
        if (action->kind == ENGINE_RUN_HOOK) view->waves[action->wave].hook = ENGINE_HOOK_RUNNING;
        if (action->kind != ENGINE_SET_CAMPAIGN) continue;
        view->state = action->campaign;
        view->held = action->held;
        view->stop = action->stop;
    }
}

/* The words of a look's last change of the campaign; "" when there was none. */
static inline const char *cause_of(const struct engine_actions *actions)
{
    const char *cause = "";
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].kind == ENGINE_SET_CAMPAIGN) cause = actions->items[i].cause;
    return cause;
}

#endif
