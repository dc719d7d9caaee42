/* waves.c: carries waves forward, each towards its gate, until all of them hold.
 *
 * A wave opens when all before it have passed, or with the one before it when they overlap; its own
 * gate stays. pending -> open -> soaking -> at-gate -> passed | failed; a device that finishes
 * later sends a wave back from its gate to soak. */
#include "orchestrator/engine/look.h"

bool wave_waits_for(const struct policy *policy, const struct engine_view *view, size_t wave,
                    size_t *other)
{
    if (wave > 0 && policy->overlap[wave]) {
        *other = wave - 1;
        return view->waves[wave - 1].state == WAVE_PENDING;
    }
    for (size_t i = wave; i > 0; i--)
        if (view->waves[i - 1].state != WAVE_PASSED) {
            *other = i - 1;
            return true;
        }
    return false;
}

bool wave_stays_open(const struct policy *policy, const struct engine_view *view, size_t wave)
{
    return policy->continuous && wave + 1 == view->wave_count &&
           (!view->is_rollback || view->source_runs);
}

void wave_question(const struct policy *policy, const struct engine_view *view, size_t wave,
                   wg_time now, struct gate_question *out)
{
    *out = (struct gate_question){.gate = &policy->gates[wave],
                                  .wave = &view->waves[wave],
                                  .now = now,
                                  .last = wave + 1 == view->wave_count,
                                  .partners = view_waiting(view) > 0};
}

static bool open_wave(struct look *look, size_t wave)
{
    char cause[ENGINE_CAUSE_MAX];
    size_t other;
    if (wave_waits_for(look->policy, &look->view, wave, &other)) return false;
    if (wave == 0)
        (void)wg_copy(cause, sizeof cause, "first wave");
    else if (look->policy->overlap[wave])
        (void)wg_format(cause, sizeof cause, "overlaps with wave %s",
                        look->view.waves[wave - 1].name);
    else
        (void)wg_copy(cause, sizeof cause, "the wave before it passed its gate");
    look_set_wave(look, wave, WAVE_OPEN, cause);
    return true;
}

static void fail_gate(struct look *look, size_t wave, const char *words)
{
    char cause[ENGINE_CAUSE_MAX];
    (void)wg_format(cause, sizeof cause, "gate of wave %s failed: %.160s",
                    look->view.waves[wave].name, words);
    look_set_wave(look, wave, WAVE_FAILED, cause);
    look_stop(look, budget_stop(look->policy), cause);
}

/* Members that no longer count are all there are: nothing to judge. */
static bool is_empty(const struct look *look, size_t wave)
{
    struct gate_figures figures;
    gate_figures(&look->policy->gates[wave], &look->view.waves[wave], &figures);
    return figures.members == 0;
}

/* One step of a wave that is open, on its way to the gate. True if it changed. */
static bool step_to_gate(struct look *look, size_t wave)
{
    const struct policy_gate *gate = &look->policy->gates[wave];
    const struct engine_wave *at = &look->view.waves[wave];
    char words[ENGINE_CAUSE_MAX];
    bool soaked = look->now >= gate_soaked(gate, at);
    if (at->manual == ENGINE_MANUAL_ADVANCE) {
        if (at->state == WAVE_AT_GATE) return false;
        (void)wg_format(words, sizeof words, "advanced %.240s", at->manual_words);
        look_set_wave(look, wave, WAVE_AT_GATE, words);
        return true;
    }
    if (gate_sample(gate, at, words) != GATE_PASS) return false;
    if (at->state == WAVE_OPEN || (at->state == WAVE_AT_GATE && !soaked))
        look_set_wave(look, wave, WAVE_SOAKING, words);
    else if (at->state == WAVE_SOAKING && soaked)
        look_set_wave(look, wave, WAVE_AT_GATE, words);
    else
        return false;
    return true;
}

/* One step of a wave that is open. True if it changed. */
static bool step_gate(struct look *look, size_t wave)
{
    struct gate_question question;
    struct gate_verdict verdict;
    wave_question(look->policy, &look->view, wave, look->now, &question);
    gate_judge(&question, &verdict);
    if (verdict.answer == GATE_FAIL) {
        fail_gate(look, wave, verdict.words);
        return true;
    }
    if (step_to_gate(look, wave)) return true;
    if (verdict.answer == GATE_PASS) look_set_wave(look, wave, WAVE_PASSED, verdict.words);
    if (verdict.ask_hook) look_act(look, ENGINE_RUN_HOOK)->wave = wave;
    return verdict.answer == GATE_PASS;
}

/* One step of any wave. True if it changed. */
static bool step_wave(struct look *look, size_t wave)
{
    const struct engine_wave *at = &look->view.waves[wave];
    if (at->state == WAVE_PASSED || at->state == WAVE_FAILED) return false;
    if (at->state == WAVE_PENDING) return open_wave(look, wave);
    if (wave_stays_open(look->policy, &look->view, wave)) {
        if (at->state == WAVE_OPEN) return false;
        look_set_wave(look, wave, WAVE_OPEN, "membership is continuous");
        return true;
    }
    if (at->manual != ENGINE_MANUAL_HOLD && is_empty(look, wave)) {
        look_set_wave(look, wave, WAVE_PASSED,
                      at->members ? "no devices left in it" : "no devices");
        return true;
    }
    return step_gate(look, wave);
}

/* What a wave that holds would have done, and when time alone changes its answer. */
static void hold(struct look *look, size_t wave)
{
    const struct policy_gate *gate = &look->policy->gates[wave];
    const struct engine_wave *at = &look->view.waves[wave];
    bool at_gate = at->state == WAVE_AT_GATE;
    bool advanced = at->manual == ENGINE_MANUAL_ADVANCE;
    if ((at->state != WAVE_OPEN && at->state != WAVE_SOAKING && !at_gate) ||
        wave_stays_open(look->policy, &look->view, wave))
        return;
    if (at->state == WAVE_SOAKING) look_wake(look, gate_soaked(gate, at));
    if (at_gate && gate->approval_count > 0) look_wake(look, at->approval_ends);
    if (at_gate && gate_has_hook(gate) && !advanced) look_wake(look, gate_hook_next(gate, at));
    if (gate->health.metric[0] && !advanced && at->count[WG_SUCCEEDED] > 0 &&
        view_waiting(&look->view) > 0 && gate_health(gate, at, NULL) == GATE_HOLD)
        look_act(look, ENGINE_PAIR)->wave = wave;
}

void look_waves(struct look *look)
{
    for (size_t i = 0; i < look->view.wave_count; i++)
        while (look->view.state == CAMPAIGN_RUNNING && step_wave(look, i)) continue;
    if (look->view.state != CAMPAIGN_RUNNING) return;
    for (size_t i = 0; i < look->view.wave_count; i++) hold(look, i);
}
