/* tick.c: an action of the engine becomes rows. */
#include "orchestrator/daemon/tick.h"

#include "orchestrator/link/verdict.h"
#include "orchestrator/store/gate_row.h"
#include "orchestrator/store/place.h"

#include <string.h>

static bool set_campaign(struct tick *tick, const struct engine_action *action,
                         struct wg_error *err)
{
    const char *to = campaign_state_text(action->campaign);
    const struct campaign_move move = {.from = tick->row.state,
                                       .to = to,
                                       .cause = action->cause,
                                       .actor = TICK_ACTOR,
                                       .held = action->held,
                                       .stop = engine_stop_text(action->stop)};
    if (!campaign_row_move(tick->db, tick->row.id, &move, tick->now, err)) return false;
    wg_log(WG_LOG_INFO, "campaign", "campaign", tick->row.name, "from", tick->row.state, "to", to,
           "cause", action->cause, NULL);
    (void)wg_copy(tick->row.state, sizeof tick->row.state, to);
    return true;
}

static bool set_wave(struct tick *tick, const struct engine_action *action, struct wg_error *err)
{
    struct wave_row *wave = &tick->row.waves[action->wave];
    const char *to = wave_state_text(action->wave_state);
    if (!wave_row_set_state(tick->db, tick->row.id, action->wave, wave->state, to, action->cause,
                            TICK_ACTOR, tick->now, err))
        return false;
    wg_log(WG_LOG_INFO, "wave", "campaign", tick->row.name, "wave", wave->name, "from", wave->state,
           "to", to, "cause", action->cause, NULL);
    (void)wg_copy(wave->state, sizeof wave->state, to);
    return true;
}

static const struct policy_retry *retry_of(void *ctx, int64_t campaign, const char *digest)
{
    const struct tick *tick = ctx;
    const struct policy *policy =
        campaign == tick->row.id
            ? tick->policy
            : policies_get(tick->ticker->policies, tick->db, campaign, digest, NULL);
    return policy ? &policy->retry : NULL;
}

static bool expire(struct tick *tick, const struct engine_action *action, int64_t *moved,
                   struct wg_error *err)
{
    struct verdict verdict = {.retry = retry_of, .ctx = tick};
    struct place_lateness late = {.campaign = tick->row.id,
                                  .count = action->expiry_count,
                                  .checked = action->checked,
                                  .decide = verdict_of_expiry,
                                  .ctx = &verdict};
    _Static_assert(PLACE_EXPIRIES_MAX >= ENGINE_EXPIRIES_MAX, "a rule for each of the engine's");
    for (size_t i = 0; i < action->expiry_count; i++)
        late.rules[i] =
            (struct place_expiry){action->expiries[i].from, action->expiries[i].to,
                                  action->expiries[i].cause, action->expiries[i].before};
    return place_expire(tick->db, &late, tick->now, moved, err);
}

static bool pair(struct tick *tick, size_t wave, struct wg_error *err)
{
    const struct policy_health *health = &tick->policy->gates[wave].health;
    int64_t pairs = 0;
    return gate_row_pair(tick->db, tick->row.id, wave, health->metric, health->lower_is_worse,
                         health->settle, tick->now, &pairs, err);
}

/* Places alone: what changes of them may make orders due. */
static bool move_places(struct tick *tick, const struct engine_action *action, struct wg_error *err)
{
    struct db *db = tick->db;
    int64_t id = tick->row.id, moved = 0;
    struct ticker_result *result = tick->result;
    bool ok = true;
    switch (action->kind) {
    case ENGINE_WITHDRAW:
        tick->orders = true;
        return place_withdraw(db, id, true, tick->now, &moved, err);
    case ENGINE_WITHDRAW_WAITING:
        return place_withdraw(db, id, false, tick->now, &moved, err);
    case ENGINE_EXPIRE:
        ok = expire(tick, action, &moved, err);
        break;
    case ENGINE_GIVE_BACK:
        if (tick->ticker->quick) return true; /* asks for every device in hand */
        ok = place_give_back(db, id, tick->now, &moved, err);
        break;
    case ENGINE_RELEASE:
        ok = place_release(db, id, tick->now, result->told, &result->told_count, TICKER_TOLD_MAX,
                           &moved, err);
        break;
    case ENGINE_SUPERSEDE:
        ok = place_supersede(db, id, tick->row.name, tick->now, &moved, err);
        break;
    default: /* ENGINE_PREEMPT */
        ok = place_preempt(db, id, tick->slots, tick->now, &moved, err);
    }
    tick->orders = tick->orders || moved > 0;
    return ok;
}

bool tick_carry_out(struct tick *tick, const struct engine_action *action, struct wg_error *err)
{
    switch (action->kind) {
    case ENGINE_SET_CAMPAIGN:
        return set_campaign(tick, action, err);
    case ENGINE_SET_WAVE:
        return set_wave(tick, action, err);
    case ENGINE_CLAIM:
        return tick_claim(tick, action, err);
    case ENGINE_RUN_HOOK:
        return tick_ask_hook(tick, action->wave, err);
    case ENGINE_PAIR:
        return pair(tick, action->wave, err);
    case ENGINE_ROLL_BACK:
        tick->roll_back = true;
        return true;
    default:
        return move_places(tick, action, err);
    }
}
