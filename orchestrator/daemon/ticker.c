/* ticker.c: store -> view -> engine -> actions -> store, campaign by campaign. */
#include "orchestrator/daemon/ticker.h"

#include "orchestrator/daemon/approvals.h"
#include "orchestrator/daemon/tick.h"
#include "orchestrator/plan/rollback.h"
#include "orchestrator/status/standing.h"
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/lease_row.h"
#include "orchestrator/store/place.h"

#include <stdlib.h>
#include <string.h>

#define CAMPAIGNS_MAX 1000          /* looked at in one run, by precedence */
#define JOIN_APART WG_SECOND        /* between two looks for devices that came to match */
#define JOIN_SWEEP (10 * WG_MINUTE) /* between two looks at the whole fleet */
#define JOIN_OVERLAP (2 * WG_MINUTE)
#define JOIN_MAX 1000

/* The last wave that is open, also by what this tick has just decided; false: none is. */
static bool open_wave(const struct tick *tick, size_t *wave)
{
    for (size_t i = tick->row.wave_count; i-- > 0;)
        if (strcmp(tick->row.waves[i].state, wave_state_text(WAVE_OPEN)) == 0) {
            *wave = i;
            return true;
        }
    return false;
}

/* Devices that changed are looked at often; all of them now and then, for what lies in time or in
 * other campaigns. A device's transaction may commit after its time: looks overlap. */
static bool join(const struct ticker *ticker, struct tick *tick, bool all, int64_t *joined,
                 struct wg_error *err)
{
    struct joining joining;
    size_t wave;
    *joined = 0;
    if (!tick->policy->continuous || tick->view.state != CAMPAIGN_RUNNING ||
        !open_wave(tick, &wave))
        return true;
    if (!policies_joining(ticker->policies, ticker->db, tick->row.id, tick->row.digest, &joining,
                          err))
        return false;
    if (all && *joining.closed) return true;
    bool sweep = all || tick->now - *joining.swept_at >= JOIN_SWEEP;
    if (!sweep && tick->now - *joining.looked_at < JOIN_APART) return true;
    wg_time since = sweep ? 0 : *joining.looked_at - JOIN_OVERLAP;
    if (!plan_join(ticker->db, joining.query, wave, JOIN_MAX, since, NULL, joined, err))
        return false;
    if (*joined == JOIN_MAX) return true; /* there are more: the next look goes on */
    *joining.looked_at = tick->now;
    if (sweep) *joining.swept_at = tick->now;
    *joining.closed = *joining.closed || (all && *joined == 0);
    if (*joined > 0)
        wg_log(WG_LOG_INFO, "devices joined", "campaign", tick->row.name, "wave",
               tick->row.waves[wave].name, NULL);
    return true;
}

/* A question that nobody of this process waits for was lost with whoever asked it. */
static void forget_lost_hooks(struct tick *tick)
{
    const struct ticker_hooks *hooks = tick->ticker->hooks;
    for (size_t i = 0; i < tick->view.wave_count; i++) {
        char key[TICKER_KEY_MAX];
        if (tick->view.waves[i].hook != ENGINE_HOOK_RUNNING) continue;
        tick_hook_key(tick, i, key);
        if (!hooks || !hooks->running(hooks->ctx, key)) tick->view.waves[i].hook = ENGINE_HOOK_NONE;
    }
}

static bool look(struct tick *tick, struct wg_error *err)
{
    if (tick->policy->rate.start > 0 &&
        !place_offered(tick->db, tick->row.id, tick->now, &tick->view.offered,
                       &tick->view.offered_first, err))
        return false;
    const char *zones;
    if (tick->policy->window.count > 0 && tick->view.state == CAMPAIGN_RUNNING &&
        !tick_zones(tick, &zones, err))
        return false;
    forget_lost_hooks(tick);
    engine_decide(tick->policy, &tick->view, tick->now, &tick->actions);
    tick->slots = tick->actions.slots;
    if (tick->slots > 0 && tick->policy->per_count > 0 && !place_take_turn(tick->db, err))
        return false;
    for (size_t i = 0; i < tick->actions.count; i++)
        if (!tick_carry_out(tick, &tick->actions.items[i], err)) return false;
    return true;
}

/* Who looks cloned lets go of what it has in hand. */
static bool quarantine(struct tick *tick, struct wg_error *err)
{
    int64_t moved = 0;
    if (!tick->result->quarantine) return true;
    if (!place_quarantine(tick->db, tick->row.id, tick->now, &moved, err)) return false;
    tick->orders = tick->orders || moved > 0;
    return true;
}

static wg_duration lease_length(const struct settings *settings)
{
    return 3 * settings->tick > TICKER_LEASE ? 3 * settings->tick : TICKER_LEASE;
}

static bool is_pending(const struct tick *tick)
{
    for (size_t i = 0; i < tick->view.wave_count; i++)
        if (tick->view.waves[i].state == WAVE_PENDING) return true;
    return false;
}

/* A campaign that sends devices back takes in the last of them before it closes; while no wave is
 * open that they could join, and one is still to open, it does not close. */
static bool join_last(const struct ticker *ticker, struct tick *tick, struct wg_error *err)
{
    int64_t joined = 0;
    size_t wave = 0;
    if (!tick->view.is_rollback || tick->view.source_runs) return true;
    bool ok = join(ticker, tick, true, &joined, err);
    tick->view.source_runs = open_wave(tick, &wave) ? joined > 0 : is_pending(tick);
    if (joined > 0) { /* into that wave: what this look decides is for them too */
        tick->view.waves[wave].members += joined;
        tick->view.waves[wave].count[WG_WAITING] += joined;
    }
    return ok;
}

/* Devices that ask join before this look, which may offer them the update already. */
static bool join_asking(const struct ticker *ticker, struct tick *tick, struct wg_error *err)
{
    struct joining joining;
    size_t wave = 0;
    if (!tick_is_asked(tick) || !tick->policy->continuous || tick->view.state == CAMPAIGN_STOPPING)
        return true;
    if (!policies_joining(ticker->policies, ticker->db, tick->row.id, tick->row.digest, &joining,
                          err))
        return false;
    if (tick->view.state != CAMPAIGN_RUNNING || !open_wave(tick, &wave))
        return tick_judge_later(tick, joining.query, err);
    return tick_join_asking(tick, joining.query, wave, err);
}

static bool tick_locked(const struct ticker *ticker, struct tick *tick, struct wg_error *err)
{
    int64_t joined = 0;
    if (!lease_row_take(ticker->db, tick->row.id, ticker->holder, lease_length(ticker->settings),
                        tick->now, &tick->token, err))
        return false;
    if (tick->token == 0) return true; /* another orchestrator's */
    tick->policy = policies_get(ticker->policies, ticker->db, tick->row.id, tick->row.digest, err);
    if (!tick->policy || !standing_view(&tick->row, tick->policy, tick->now, &tick->view, err))
        return false;
    return join_last(ticker, tick, err) && tick_hear(tick, err) && join_asking(ticker, tick, err) &&
           look(tick, err) && quarantine(tick, err) && join(ticker, tick, false, &joined, err) &&
           tick_answer(tick, err);
}

/* What cannot be made now is wanted again by the next look. */
static void roll_back(const struct ticker *ticker, const struct tick *tick)
{
    struct wg_error problem = {0};
    if (!rollback_make(ticker->db, tick->row.name, tick->now, &problem))
        wg_log_error("rollback campaign not made", &problem);
}

static bool tick_campaign(const struct ticker *ticker, int64_t id, struct tick *tick,
                          struct wg_error *err)
{
    bool found = false;
    if (!db_begin(ticker->db, err)) return false;
    bool ok = campaign_row_lock(ticker->db, id, &found, &tick->row, err) &&
              (!found || tick_locked(ticker, tick, err)) && db_commit(ticker->db, err);
    if (!ok) db_rollback(ticker->db);
    if (ok && tick->roll_back) roll_back(ticker, tick);
    return ok;
}

/* One campaign's trouble must not hold back the others, unless the database is away. */
static bool goes_on(const struct ticker *ticker, const char *what, const struct wg_error *problem,
                    struct wg_error *err)
{
    if (db_is_up(ticker->db)) {
        wg_log_error(what, problem);
        return true;
    }
    if (err) *err = *problem;
    return false;
}

/* What another one was quicker with is looked at anew, soon. */
static bool is_overtaken(const struct tick *tick)
{
    return tick->overtaken || (db_is_up(tick->db) && db_lost_race(tick->db));
}

/* Nothing of the look is there. Devices that ask wait for no campaign that fails. */
static bool give_up(const struct tick *tick, int64_t id, const struct wg_error *problem,
                    struct wg_error *err)
{
    struct wg_error again = {0};
    struct ticker_result *result = tick->result;
    if (is_overtaken(tick)) {
        wg_log(WG_LOG_INFO, "campaign looked at again", "campaign", tick->row.name, "reason",
               problem->text, NULL);
        result->wake = tick->now;
        return true;
    }
    if (!goes_on(tick->ticker, "campaign not ticked", problem, err)) return false;
    return !result->questions || question_row_pass(tick->db, id, &again) ||
           goes_on(tick->ticker, "questions of devices not passed", &again, err);
}

static bool tick_all(const struct ticker *ticker, const int64_t *ids, size_t count, wg_time now,
                     struct ticker_result *out, struct wg_error *err)
{
    struct tick *tick = calloc(1, sizeof *tick);
    if (!tick) return wg_fail_memory(err, "ticking campaigns");
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        struct wg_error problem = {0};
        size_t told = out->told_count;
        bool issued = out->issued.count > 0;
        free(tick->questions);
        *tick = (struct tick){.ticker = ticker, .db = ticker->db, .now = now, .result = out};
        if (tick_campaign(ticker, ids[i], tick, &problem)) {
            wg_time wake = tick->actions.wake;
            if (wake && (!out->wake || wake < out->wake)) out->wake = wake;
            out->orders = out->orders || tick->orders;
            continue;
        }
        policies_forget(ticker->policies, ids[i]);
        out->told_count = told;
        if (!issued) order_lot_clear(&out->issued);
        ok = give_up(tick, ids[i], &problem, err);
    }
    free(tick->questions);
    free(tick);
    return ok;
}

bool ticker_run(const struct ticker *ticker, wg_time now, struct ticker_result *out,
                struct wg_error *err)
{
    size_t count = 0;
    struct wg_error problem = {0};
    memset(out, 0, sizeof *out);
    if (!approvals_judge(ticker, &problem) &&
        !goes_on(ticker, "approvals not judged", &problem, err))
        return false;
    const struct alarm_quarantine policy = {.cloned = !ticker->settings->tolerate_clones,
                                            .tampered = !ticker->settings->tolerate_tampered};
    if (!alarm_row_quarantine(ticker->db, &policy, now, &out->quarantine, &problem) &&
        !goes_on(ticker, "quarantine not looked at", &problem, err))
        return false;
    if (!question_row_any(ticker->db, &out->questions, &problem) &&
        !goes_on(ticker, "questions of devices not looked at", &problem, err))
        return false;
    int64_t *ids = calloc(CAMPAIGNS_MAX, sizeof *ids);
    if (!ids) return wg_fail_memory(err, "listing campaigns");
    bool ok = campaign_row_active(ticker->db, ids, CAMPAIGNS_MAX, &count, err) &&
              tick_all(ticker, ids, count, now, out, err);
    free(ids);
    if (!ok) order_lot_clear(&out->issued);
    return ok;
}
