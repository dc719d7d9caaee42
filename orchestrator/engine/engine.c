/* engine.c: one look at a campaign, and what follows from it.
 *
 * The order is the point: time-outs, then the budget, then gates, then claims; a look that stops
 * the campaign claims nothing. State changes are made on a copy of the view as they are decided, so
 * that one look comes to rest: a second one over its result finds nothing more to change. */
#include "orchestrator/engine/engine.h"

#include "orchestrator/engine/gate.h"

#include <string.h>

struct look {
    const struct policy *policy;
    struct engine_view view; /* as it will be */
    wg_time now;
    struct engine_actions *out;
};

static struct engine_action *act(struct look *look, enum engine_action_kind kind)
{
    struct engine_action *action = &look->out->items[look->out->count++];
    *action = (struct engine_action){.kind = kind};
    return action;
}

static void set_campaign(struct look *look, enum campaign_state state, const char *cause)
{
    struct engine_action *action = act(look, ENGINE_SET_CAMPAIGN);
    action->campaign = state;
    (void)wg_copy(action->cause, sizeof action->cause, cause);
    look->view.state = state;
}

static void set_wave(struct look *look, size_t wave, enum wave_state state, const char *cause)
{
    struct engine_action *action = act(look, ENGINE_SET_WAVE);
    action->wave = wave;
    action->wave_state = state;
    (void)wg_copy(action->cause, sizeof action->cause, cause);
    look->view.waves[wave].state = state;
}

static void wake_at(struct look *look, wg_time time)
{
    if (!look->out->wake || time < look->out->wake) look->out->wake = time;
}

static int64_t total(const struct engine_view *view, enum wg_state state)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->wave_count; i++) sum += view->waves[i].count[state];
    return sum;
}

static int64_t total_in_flight(const struct engine_view *view)
{
    int64_t sum = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_in_flight((enum wg_state)state)) sum += total(view, (enum wg_state)state);
    return sum;
}

static int64_t total_members(const struct engine_view *view)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->wave_count; i++) sum += view->waves[i].members;
    return sum;
}

static int64_t total_faults(const struct engine_view *view)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->wave_count; i++) sum += view->waves[i].faults;
    return sum;
}

static void expire(struct look *look)
{
    const struct policy_timeout *timeout = &look->policy->timeout;
    const struct {
        enum wg_state from, to;
        enum wg_cause cause;
        wg_duration after;
    } rules[] = {
        {WG_OFFERED, WG_WAITING, WG_CAUSE_OFFLINE, timeout->offer},
        {WG_DEFERRED, WG_WAITING, WG_CAUSE_DEFERRED, look->policy->retry.backoff},
        {WG_ACCEPTED, WG_FAILED, WG_CAUSE_TIMEOUT, timeout->download + ENGINE_GRACE},
        {WG_DOWNLOADING, WG_FAILED, WG_CAUSE_TIMEOUT, timeout->download + ENGINE_GRACE},
        {WG_INSTALLING, WG_FAILED, WG_CAUSE_TIMEOUT, timeout->install + ENGINE_GRACE},
        {WG_REBOOTING, WG_SILENT, WG_CAUSE_SILENT, timeout->silent},
        {WG_PROBATION, WG_SILENT, WG_CAUSE_SILENT, timeout->probation + timeout->silent},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (total(&look->view, rules[i].from) == 0) continue;
        struct engine_action *action = act(look, ENGINE_EXPIRE);
        action->from = rules[i].from;
        action->to = rules[i].to;
        action->cause_class = rules[i].cause;
        action->before = look->now - rules[i].after;
    }
}

/* True when more has failed than is tolerated; the campaign is then paused or stopping. */
static bool check_budget(struct look *look)
{
    char cause[ENGINE_CAUSE_MAX];
    bool stop = look->policy->budget.on_exceeded == POLICY_ABORT;
    int64_t members = total_members(&look->view), faults = total_faults(&look->view);
    int64_t tolerated = policy_budget_tolerates(&look->policy->budget, members);
    if (faults <= tolerated) return false;
    if (look->view.state == CAMPAIGN_PAUSED && !stop) return true;
    (void)wg_format(cause, sizeof cause,
                    "failure budget exceeded: %lld of %lld devices failed, %lld tolerated%s",
                    (long long)faults, (long long)members, (long long)tolerated,
                    stop ? "" : "; it cannot go on with this budget: abort it");
    set_campaign(look, stop ? CAMPAIGN_STOPPING : CAMPAIGN_PAUSED, cause);
    return true;
}

static void fail_gate(struct look *look, size_t wave, const char *words)
{
    char cause[ENGINE_CAUSE_MAX];
    (void)wg_format(cause, sizeof cause, "gate of wave %s failed: %.120s",
                    look->view.waves[wave].name, words);
    set_wave(look, wave, WAVE_FAILED, cause);
    set_campaign(look, CAMPAIGN_STOPPING, cause);
}

/* Members that no longer count are all there are: nothing to judge. */
static bool is_empty(const struct look *look, size_t wave)
{
    struct gate_figures figures;
    gate_figures(&look->policy->gates[wave], &look->view.waves[wave], &figures);
    return figures.members == 0;
}

/* One step of an open wave towards its gate. True if it changed. */
static bool step_wave(struct look *look, size_t wave)
{
    const struct policy_gate *gate = &look->policy->gates[wave];
    const struct engine_wave *at = &look->view.waves[wave];
    bool last = wave + 1 == look->view.wave_count;
    char words[ENGINE_CAUSE_MAX];
    if (at->state == WAVE_PENDING) {
        set_wave(look, wave, WAVE_OPEN, wave ? "the wave before it passed its gate" : "first wave");
        return true;
    }
    if (last && look->policy->continuous) { /* it takes who comes to match later */
        if (at->state == WAVE_OPEN) return false;
        set_wave(look, wave, WAVE_OPEN, "membership is continuous");
        return true;
    }
    if (is_empty(look, wave)) {
        set_wave(look, wave, WAVE_PASSED, at->members ? "no devices left in it" : "no devices");
        return true;
    }
    enum gate_answer success = gate_success(gate, at, words);
    if (success == GATE_FAIL) {
        fail_gate(look, wave, words);
        return true;
    }
    if (gate_sample(gate, at, words) != GATE_PASS) return false;
    wg_time soaked = at->last_finish + gate->soak;
    if (at->state == WAVE_OPEN || (at->state == WAVE_AT_GATE && look->now < soaked)) {
        set_wave(look, wave, WAVE_SOAKING, words);
        return true;
    }
    if (at->state == WAVE_SOAKING) {
        if (look->now < soaked) {
            wake_at(look, soaked);
            return false;
        }
        set_wave(look, wave, WAVE_AT_GATE, words);
        return true;
    }
    if (success != GATE_PASS) return false;
    if (!last && gate_approvals(gate, at, words) != GATE_PASS) return false;
    (void)gate_success(gate, at, words);
    set_wave(look, wave, WAVE_PASSED, words);
    return true;
}

/* Carries waves forward until one holds. True if the campaign ended by it. */
static void step_waves(struct look *look)
{
    size_t wave = 0;
    while (wave < look->view.wave_count && look->view.state == CAMPAIGN_RUNNING) {
        if (look->view.waves[wave].state == WAVE_PASSED)
            wave++;
        else if (!step_wave(look, wave))
            return;
    }
}

static bool anything_left(const struct engine_view *view)
{
    return total_in_flight(view) + total(view, WG_WAITING) + total(view, WG_DEFERRED) > 0;
}

static bool all_passed(const struct engine_view *view)
{
    for (size_t i = 0; i < view->wave_count; i++)
        if (view->waves[i].state != WAVE_PASSED) return false;
    return true;
}

/* Slots that may be filled now. Nothing is claimed with more faults than the budget tolerates, so
 * the cap in flight also bounds harm: faults plus what is in flight never exceed tolerated plus the
 * cap. */
static int64_t free_slots(const struct look *look)
{
    int64_t slots = look->policy->in_flight - total_in_flight(&look->view);
    return slots < ENGINE_CLAIM_MAX ? slots : ENGINE_CLAIM_MAX;
}

static void claim(struct look *look)
{
    int64_t slots = free_slots(look);
    for (size_t i = 0; i < look->view.wave_count && slots > 0; i++) {
        struct engine_wave *wave = &look->view.waves[i];
        if (wave->state == WAVE_PENDING || wave->state == WAVE_FAILED) continue;
        int64_t waiting = wave->count[WG_WAITING];
        if (waiting == 0) continue;
        struct engine_action *action = act(look, ENGINE_CLAIM);
        action->wave = i;
        action->limit = waiting < slots ? waiting : slots;
        /* devices of this wave may be offline: the next one is not offered their slots in this look
         */
        slots -= action->limit;
    }
}

/* Devices that install or are past it finish by themselves. */
static bool anything_to_withdraw(const struct engine_view *view)
{
    return total(view, WG_WAITING) + total(view, WG_DEFERRED) + total(view, WG_OFFERED) +
               total(view, WG_ACCEPTED) + total(view, WG_DOWNLOADING) >
           0;
}

/* No words at the end: the store keeps those of what stopped it. */
static void stop(struct look *look)
{
    if (anything_to_withdraw(&look->view)) (void)act(look, ENGINE_WITHDRAW);
    if (!anything_left(&look->view)) set_campaign(look, CAMPAIGN_ABORTED, "");
}

void engine_decide(const struct policy *policy, const struct engine_view *view, wg_time now,
                   struct engine_actions *out)
{
    struct look look = {.policy = policy, .view = *view, .now = now, .out = out};
    out->count = 0;
    out->wake = 0;
    if (campaign_state_is_final(view->state) || view->state == CAMPAIGN_DRAFT ||
        view->state == CAMPAIGN_AWAITING_APPROVAL)
        return;
    if (view->state == CAMPAIGN_SCHEDULED) {
        if (!view->waits_for[0])
            set_campaign(&look, CAMPAIGN_RUNNING, "the campaigns before it have finished");
        return;
    }
    expire(&look);
    bool exceeded = look.view.state != CAMPAIGN_STOPPING && check_budget(&look);
    if (look.view.state == CAMPAIGN_RUNNING && !exceeded) step_waves(&look);
    if (look.view.state == CAMPAIGN_RUNNING && all_passed(&look.view) && !anything_left(&look.view))
        set_campaign(&look, CAMPAIGN_FINISHED, "every wave passed");
    if (look.view.state == CAMPAIGN_RUNNING) claim(&look);
    if (look.view.state == CAMPAIGN_STOPPING) stop(&look);
}

void engine_wave_reason(const struct policy *policy, const struct engine_view *view, size_t wave,
                        wg_time now, char out[ENGINE_CAUSE_MAX])
{
    const struct policy_gate *gate = &policy->gates[wave];
    const struct engine_wave *at = &view->waves[wave];
    char until[WG_TIME_TEXT];
    out[0] = '\0';
    if (view->state == CAMPAIGN_SCHEDULED) {
        (void)wg_format(out, ENGINE_CAUSE_MAX, "waits for %.200s to finish", view->waits_for);
    } else if (at->state == WAVE_PENDING) {
        (void)wg_format(out, ENGINE_CAUSE_MAX, "waits for %s%s",
                        wave ? "wave " : "the campaign to start",
                        wave ? view->waves[wave - 1].name : "");
    } else if (at->state == WAVE_OPEN && policy->continuous && wave + 1 == view->wave_count) {
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "open for devices that come to match");
    } else if (at->state == WAVE_OPEN) {
        (void)gate_sample(gate, at, out);
    } else if (at->state == WAVE_SOAKING) {
        wg_time end = at->last_finish + gate->soak;
        wg_time_text(end > now ? end : now, until);
        (void)wg_format(out, ENGINE_CAUSE_MAX, "soaks until %s", until);
    } else if (at->state == WAVE_AT_GATE) {
        bool last = wave + 1 == view->wave_count;
        if (gate_success(gate, at, out) == GATE_PASS && !last && gate->approval_count > 0)
            (void)gate_approvals(gate, at, out);
    } else if (at->state == WAVE_FAILED) {
        (void)gate_success(gate, at, out);
    }
}
