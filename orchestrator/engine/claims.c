/* claims.c: how many devices may be offered the update now.
 *
 * Nothing is claimed with more faults than the budget tolerates, so the cap in flight also bounds
 * harm: faults plus what is in flight never exceed tolerated plus the cap. */
#include "orchestrator/engine/look.h"

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void engine_pace(const struct policy *policy, const struct engine_view *view, wg_time now,
                 struct engine_pace *out)
{
    int64_t in_flight = view_in_flight(view);
    int64_t slots = least(policy->in_flight - in_flight, ENGINE_CLAIM_MAX);
    int64_t rate = policy_rate_of(&policy->rate, view_total(view, WG_SUCCEEDED));
    *out = (struct engine_pace){.in_flight = in_flight, .rate = rate};
    if (rate >= 0 && rate - view->offered < slots) {
        slots = rate - view->offered;
        out->next = (view->offered_first ? view->offered_first : now) + WG_MINUTE;
    }
    out->slots = slots > 0 ? slots : 0;
}

static bool is_claimed_from(const struct engine_wave *wave)
{
    return wave->state != WAVE_PENDING && wave->state != WAVE_FAILED && wave->count[WG_WAITING] > 0;
}

/* Devices of a wave may be offline, or outside their window: the slots that they leave free are for
 * the next wave, so each claim may take them all. */
void look_claim(struct look *look)
{
    struct engine_pace pace;
    int64_t waiting = 0;
    engine_pace(look->policy, &look->view, look->now, &pace);
    for (size_t i = 0; i < look->view.wave_count; i++) {
        const struct engine_wave *wave = &look->view.waves[i];
        if (!is_claimed_from(wave)) continue;
        waiting += wave->count[WG_WAITING];
        if (pace.slots == 0) continue;
        struct engine_action *action = look_act(look, ENGINE_CLAIM);
        action->wave = i;
        action->limit = least(wave->count[WG_WAITING], pace.slots);
    }
    look->out->slots = least(pace.slots, waiting);
    if (waiting > pace.slots) look_wake(look, pace.next);
}
