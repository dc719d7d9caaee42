/* control.c: whether it may be done now, the move, and what that means. */
#include "orchestrator/steering/control.h"

#include "orchestrator/status/excess.h"
#include "orchestrator/steering/apply_signed.h"

#include <stdlib.h>

static void done(const struct steer *steer, enum steered_kind kind, enum campaign_state to,
                 struct steered *out)
{
    *out = (struct steered){.kind = kind,
                            .campaign = steer->row.name,
                            .from = steer->row.state,
                            .to = campaign_state_text(to),
                            .cause = steer->cause};
    recall_of(&steer->row, &out->recall);
}

static bool allowed(const struct steer *steer, enum engine_command command,
                    enum campaign_state *next, struct wg_error *err)
{
    return engine_command_allowed(command, steer->state, next, err);
}

/* ---- start ---- */

/* As a campaign that was applied without --draft begins. */
static bool first_state(const struct steer *steer, enum campaign_state *out, struct wg_error *err)
{
    struct applying *applying = calloc(1, sizeof *applying);
    if (!applying) return wg_fail_memory(err, "starting a campaign");
    applying->plan.campaign = steer->campaign;
    bool known = campaign_state_parse(applying_state(applying), out);
    free(applying);
    return known || wg_fail(err, WG_E_CONFLICT, "the campaign would be in no known state");
}

bool control_start(struct steer *steer, struct steered *out, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    if (!allowed(steer, ENGINE_START, &next, err) || !first_state(steer, &next, err) ||
        !steer_move(steer, next, "started", false, ENGINE_STOP_ABORT, err) ||
        !db_commit(steer->db, err))
        return false;
    done(steer, STEERED_START, next, out);
    apply_next_words(steer->campaign, out->to, out->words);
    return true;
}

/* ---- pause ---- */

/* To pause what is paused changes nothing, unless it is to be held too. */
static bool may_pause(const struct steer *steer, bool hold, enum campaign_state *next,
                      struct wg_error *err)
{
    bool paused = steer->state == CAMPAIGN_PAUSED;
    if (paused && steer->row.held)
        return wg_fail(err, WG_E_CONFLICT,
                       "the campaign is paused already, and nobody switches over");
    if (paused && !hold)
        return wg_fail(err, WG_E_CONFLICT,
                       "the campaign is paused already; --hold keeps updates in hand from "
                       "switching over, too");
    return allowed(steer, ENGINE_PAUSE, next, err);
}

static void pause_words(const struct recall *recall, bool hold, char out[STEERED_WORDS])
{
    char over[RECALL_TEXT];
    recall_words(recall, over);
    if (!hold)
        (void)wg_format(out, STEERED_WORDS, "Updates in hand finish; nobody is offered more.");
    else
        (void)wg_format(out, STEERED_WORDS,
                        "Nobody is offered more, and %lld %s in hand wait%s before switching "
                        "over.%s%s%s",
                        (long long)recall->started, recall->started == 1 ? "update" : "updates",
                        recall->started == 1 ? "s" : "", over[0] ? " " : "", over,
                        over[0] ? "." : "");
}

bool control_pause(struct steer *steer, bool hold, struct steered *out, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    if (!may_pause(steer, hold, &next, err) ||
        !steer_move(steer, next, hold ? "paused with hold" : "paused", hold, ENGINE_STOP_ABORT,
                    err) ||
        !db_commit(steer->db, err))
        return false;
    done(steer, STEERED_PAUSE, next, out);
    out->held = hold;
    pause_words(&out->recall, hold, out->words);
    return true;
}

/* ---- resume ---- */

/* What the engine would pause again at once. */
static bool can_go_on(const struct steer *steer, struct wg_error *err)
{
    const struct policy *policy = &steer->campaign->policy;
    const char *name = steer->row.name;
    struct excess excess;
    char words[ENGINE_CAUSE_MAX];
    if (excess_of(policy, &steer->view, &excess)) {
        excess_words(&excess, words);
        return wg_fail(err, WG_E_CONFLICT,
                       "the failure budget is exceeded: %s; apply a file with a greater one, or "
                       "wavegate campaign abort %s",
                       words, name);
    }
    if (policy->schedule.end > 0 && steer->now >= policy->schedule.end) {
        wg_time_text(policy->schedule.end, words);
        return wg_fail(err, WG_E_CONFLICT,
                       "its schedule ended at %s: apply a file with a later end, or wavegate "
                       "campaign abort %s",
                       words, name);
    }
    return true;
}

bool control_resume(struct steer *steer, struct steered *out, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    const struct policy_approvals *asked = &steer->campaign->policy.start;
    if (!allowed(steer, ENGINE_RESUME, &next, err) || !can_go_on(steer, err) ||
        !steer_move(steer, next, "resumed", false, ENGINE_STOP_ABORT, err) ||
        !db_commit(steer->db, err))
        return false;
    done(steer, STEERED_RESUME, next, out);
    out->released = steer->row.ready;
    (void)wg_copy(out->words, sizeof out->words, "It goes on.");
    if (asked->count > 0 && !steer->view.start_approved)
        apply_next_words(steer->campaign, out->to, out->words);
    else if (steer->row.ready > 0)
        (void)wg_format(out->words, sizeof out->words, "It goes on; %lld %s over now.",
                        (long long)steer->row.ready,
                        steer->row.ready == 1 ? "device switches" : "devices switch");
    return true;
}

/* ---- abort ---- */

/* What is being aborted or rolled back is stopped as hard as can be. */
static bool may_end(const struct steer *steer, enum campaign_state *next, struct wg_error *err)
{
    if (steer->state == CAMPAIGN_STOPPING && steer->view.stop != ENGINE_STOP_FINISH_STARTED)
        return wg_fail(err, WG_E_CONFLICT, "the campaign is stopping already: %s",
                       steer->row.cause);
    return allowed(steer, ENGINE_ABORT, next, err);
}

bool control_abort(struct steer *steer, struct steered *out, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    const struct recall *recall = &out->recall;
    char over[RECALL_TEXT];
    if (!may_end(steer, &next, err) ||
        !steer_move(steer, next, "aborted", true, ENGINE_STOP_ABORT, err) ||
        !db_commit(steer->db, err))
        return false;
    done(steer, STEERED_ABORT, next, out);
    recall_words(recall, over);
    (void)wg_format(out->words, sizeof out->words,
                    "%lld waiting %s withdrawn, %lld in hand %s asked to give up.%s%s%s",
                    (long long)recall->waiting, recall->waiting == 1 ? "device is" : "devices are",
                    (long long)recall->started, recall->started == 1 ? "is" : "are",
                    over[0] ? " " : "", over, over[0] ? "." : "");
    return true;
}
