/* ticker.c: store -> view -> engine -> actions -> store, campaign by campaign. */
#include "orchestrator/daemon/ticker.h"

#include "orchestrator/daemon/approvals.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/link/verdict.h"
#include "orchestrator/status/standing.h"
#include "orchestrator/store/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAMPAIGNS_MAX 1000 /* looked at in one run, oldest first */
#define ACTOR "engine"
#define JOIN_APART WG_SECOND        /* between two looks for devices that came to match */
#define JOIN_SWEEP (10 * WG_MINUTE) /* between two looks at the whole fleet */
#define JOIN_OVERLAP (2 * WG_MINUTE)
#define JOIN_MAX 1000

/* One campaign in the hands of one tick. */
struct tick {
    struct db *db;
    const struct policy *policy;
    struct campaign_row row;
    struct engine_view view;
    struct engine_actions actions;
    wg_time now;
    bool orders;
};

static bool set_campaign(struct tick *tick, const struct engine_action *action,
                         struct wg_error *err)
{
    const char *to = campaign_state_text(action->campaign);
    if (!campaign_row_set_state(tick->db, tick->row.id, tick->row.state, to, action->cause, ACTOR,
                                tick->now, err))
        return false;
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
                            ACTOR, tick->now, err))
        return false;
    wg_log(WG_LOG_INFO, "wave", "campaign", tick->row.name, "wave", wave->name, "from", wave->state,
           "to", to, "cause", action->cause, NULL);
    (void)wg_copy(wave->state, sizeof wave->state, to);
    return true;
}

static bool carry_out(struct tick *tick, const struct engine_action *action, struct wg_error *err)
{
    int64_t moved = 0;
    bool ok = true;
    switch (action->kind) {
    case ENGINE_SET_CAMPAIGN:
        return set_campaign(tick, action, err);
    case ENGINE_SET_WAVE:
        return set_wave(tick, action, err);
    case ENGINE_CLAIM:
        ok = place_claim(tick->db, tick->row.id, action->wave, action->limit, tick->now, &moved,
                         err);
        break;
    case ENGINE_WITHDRAW:
        ok = place_withdraw(tick->db, tick->row.id, tick->now, &moved, err);
        break;
    case ENGINE_EXPIRE:
        ok = place_expire(tick->db, tick->row.id, action->from, action->before, action->to,
                          action->cause_class, verdict_of_expiry, NULL, tick->now, &moved, err);
        break;
    }
    if (moved > 0 || action->kind == ENGINE_WITHDRAW) tick->orders = true;
    return ok;
}

/* The last wave that is open; false: none is. */
static bool open_wave(const struct tick *tick, size_t *wave)
{
    for (size_t i = tick->view.wave_count; i-- > 0;)
        if (tick->view.waves[i].state == WAVE_OPEN) {
            *wave = i;
            return true;
        }
    return false;
}

/* Devices that changed are looked at often; all of them now and then, for what lies in time or in
 * other campaigns. A device's transaction may commit after its time: looks overlap. */
static bool join(const struct ticker *ticker, struct tick *tick, struct wg_error *err)
{
    struct joining joining;
    size_t wave;
    int64_t joined = 0;
    if (!tick->policy->continuous || tick->view.state != CAMPAIGN_RUNNING ||
        !open_wave(tick, &wave))
        return true;
    if (!policies_joining(ticker->policies, ticker->db, tick->row.id, tick->row.digest, &joining,
                          err))
        return false;
    bool sweep = tick->now - *joining.swept_at >= JOIN_SWEEP;
    if (!sweep && tick->now - *joining.looked_at < JOIN_APART) return true;
    wg_time since = sweep ? 0 : *joining.looked_at - JOIN_OVERLAP;
    if (!plan_join(ticker->db, joining.query, wave, JOIN_MAX, since, &joined, err)) return false;
    if (joined == JOIN_MAX) return true; /* there are more: the next look goes on */
    *joining.looked_at = tick->now;
    if (sweep) *joining.swept_at = tick->now;
    if (joined > 0)
        wg_log(WG_LOG_INFO, "devices joined", "campaign", tick->row.name, "wave",
               tick->row.waves[wave].name, NULL);
    return true;
}

static bool tick_locked(const struct ticker *ticker, struct tick *tick, struct wg_error *err)
{
    tick->policy = policies_get(ticker->policies, ticker->db, tick->row.id, tick->row.digest, err);
    if (!tick->policy || !standing_view(&tick->row, tick->policy, &tick->view, err)) return false;
    engine_decide(tick->policy, &tick->view, tick->now, &tick->actions);
    for (size_t i = 0; i < tick->actions.count; i++)
        if (!carry_out(tick, &tick->actions.items[i], err)) return false;
    return join(ticker, tick, err);
}

static bool tick_campaign(const struct ticker *ticker, int64_t id, struct tick *tick,
                          struct wg_error *err)
{
    bool found = false;
    if (!db_begin(ticker->db, err)) return false;
    bool ok = campaign_row_lock(ticker->db, id, &found, &tick->row, err) &&
              (!found || tick_locked(ticker, tick, err)) && db_commit(ticker->db, err);
    if (!ok) db_rollback(ticker->db);
    return ok;
}

static bool tick_all(const struct ticker *ticker, const int64_t *ids, size_t count, wg_time now,
                     struct ticker_result *out, struct wg_error *err)
{
    struct tick *tick = calloc(1, sizeof *tick);
    if (!tick) return wg_fail_memory(err, "ticking campaigns");
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct wg_error problem = {0};
        *tick = (struct tick){.db = ticker->db, .now = now};
        if (tick_campaign(ticker, ids[i], tick, &problem)) {
            wg_time wake = tick->actions.wake;
            if (wake && (!out->wake || wake < out->wake)) out->wake = wake;
            out->orders = out->orders || tick->orders;
        } else if (!db_is_up(ticker->db)) {
            if (err) *err = problem;
            ok = false;
        } else {
            /* one campaign's trouble must not hold back the others */
            wg_log_error("campaign not ticked", &problem);
        }
    }
    free(tick);
    return ok;
}

bool ticker_run(const struct ticker *ticker, wg_time now, struct ticker_result *out,
                struct wg_error *err)
{
    size_t count = 0;
    *out = (struct ticker_result){0};
    if (!approvals_judge(ticker, err)) return false;
    int64_t *ids = calloc(CAMPAIGNS_MAX, sizeof *ids);
    if (!ids) return wg_fail_memory(err, "listing campaigns");
    bool ok = campaign_row_active(ticker->db, ids, CAMPAIGNS_MAX, &count, err) &&
              tick_all(ticker, ids, count, now, out, err);
    free(ids);
    return ok;
}
