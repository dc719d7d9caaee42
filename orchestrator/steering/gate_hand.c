/* gate_hand.c: whether the gate may be advanced, held or let go now, and the change. */
#include "orchestrator/steering/gate_hand.h"

#include <string.h>

#define NAMES_TEXT 256

static bool is_at_work(enum wave_state state)
{
    return state == WAVE_OPEN || state == WAVE_SOAKING || state == WAVE_AT_GATE;
}

static bool named_wave(const struct steer *steer, const char *name, size_t *wave,
                       struct wg_error *err)
{
    for (size_t i = 0; i < steer->view.wave_count; i++)
        if (strcmp(steer->view.waves[i].name, name) == 0) {
            *wave = i;
            return true;
        }
    return wg_fail(err, WG_E_NOT_FOUND, "%s has no wave \"%.64s\"", steer->row.name, name);
}

/* The one that is named, or the only one that is at work, or held. */
static bool find_wave(const struct steer *steer, const char *name, bool held, size_t *wave,
                      struct wg_error *err)
{
    char names[NAMES_TEXT] = "";
    size_t found = 0;
    if (name) return named_wave(steer, name, wave, err);
    for (size_t i = 0; i < steer->view.wave_count; i++) {
        const struct engine_wave *at = &steer->view.waves[i];
        if (held ? at->manual != ENGINE_MANUAL_HOLD : !is_at_work(at->state)) continue;
        size_t len = strlen(names);
        (void)wg_format(names + len, sizeof names - len, "%s%s", found ? ", " : "", at->name);
        *wave = i;
        found++;
    }
    if (found == 1) return true;
    if (found == 0)
        return wg_fail(err, WG_E_CONFLICT, "no wave of %s is %s now", steer->row.name,
                       held ? "held" : "at work");
    return wg_fail(err, WG_E_CONFLICT, "%zu waves of %s are %s (%s): name one with --wave", found,
                   steer->row.name, held ? "held" : "at work", names);
}

/* It takes who comes to match later, and has no gate while it does. */
static bool stays_open(const struct steer *steer, size_t wave)
{
    const struct engine_view *view = &steer->view;
    return steer->campaign->policy.continuous && wave + 1 == view->wave_count &&
           (!view->is_rollback || view->source_runs);
}

static bool has_gate(const struct steer *steer, size_t wave, struct wg_error *err)
{
    const struct engine_wave *at = &steer->view.waves[wave];
    if (at->state == WAVE_PASSED || at->state == WAVE_FAILED)
        return wg_fail(err, WG_E_CONFLICT, "wave %s has %s its gate already", at->name,
                       wave_state_text(at->state));
    return !stays_open(steer, wave) ||
           wg_fail(err, WG_E_CONFLICT,
                   "wave %s stays open for devices that come to match: it has no gate", at->name);
}

static bool may_set(const struct steer *steer, size_t wave, enum engine_manual manual,
                    struct wg_error *err)
{
    const struct engine_wave *at = &steer->view.waves[wave];
    if (!has_gate(steer, wave, err)) return false;
    if (manual == ENGINE_MANUAL_NONE)
        return at->manual == ENGINE_MANUAL_HOLD ||
               wg_fail(err, WG_E_CONFLICT, "the gate of wave %s is not held", at->name);
    if (manual == ENGINE_MANUAL_ADVANCE && at->state == WAVE_PENDING)
        return wg_fail(err, WG_E_CONFLICT, "wave %s has not opened: there is nothing to advance",
                       at->name);
    return at->manual != manual ||
           wg_fail(err, WG_E_CONFLICT, "the gate of wave %s is %s already, %s", at->name,
                   manual == ENGINE_MANUAL_HOLD ? "held" : "advanced", at->manual_words);
}

static void done(struct steer *steer, size_t wave, enum engine_manual manual, const char *text,
                 struct steered_gate *out)
{
    static const char *const words[] = {[ENGINE_MANUAL_NONE] = "no longer held,",
                                        [ENGINE_MANUAL_ADVANCE] = "advanced",
                                        [ENGINE_MANUAL_HOLD] = "held"};
    struct engine_wave *at = &steer->view.waves[wave];
    at->manual = manual;
    (void)wg_copy(at->manual_words, sizeof at->manual_words, steer->cause);
    *out = (struct steered_gate){.campaign = steer->row.name,
                                 .wave = at->name,
                                 .manual = text,
                                 .cause = steer->cause,
                                 .done = words[manual],
                                 .paused = steer->state == CAMPAIGN_PAUSED};
    engine_wave_reason(&steer->campaign->policy, &steer->view, wave, steer->now, out->waits_for);
}

bool gate_hand(struct steer *steer, enum engine_manual manual, const char *wave_name,
               struct steered_gate *out, struct wg_error *err)
{
    static const char *const texts[] = {[ENGINE_MANUAL_NONE] = "",
                                        [ENGINE_MANUAL_ADVANCE] = "advance",
                                        [ENGINE_MANUAL_HOLD] = "hold"};
    enum campaign_state next = steer->state;
    size_t wave = 0;
    if (!engine_command_allowed(ENGINE_ADVANCE, steer->state, &next, err) ||
        !find_wave(steer, wave_name, manual == ENGINE_MANUAL_NONE, &wave, err) ||
        !may_set(steer, wave, manual, err))
        return false;
    const char *state = wave_state_text(steer->view.waves[wave].state);
    if (!wave_row_set_manual(steer->db, steer->row.id, wave, state, texts[manual], steer->cause,
                             steer->actor, steer->now, err) ||
        !db_commit(steer->db, err))
        return false;
    done(steer, wave, manual, texts[manual], out);
    return true;
}
