/* campaign_control.c: `campaign start | pause | resume | abort NAME`. */
#include "orchestrator/cli/apply_signed.h"
#include "orchestrator/cli/steer.h"
#include "orchestrator/status/excess.h"

#include <stdlib.h>

/* Takes over more, an object or NULL. */
static bool report(struct steer *steer, enum campaign_state to, json_t *more, const char *text,
                   struct wg_error *err)
{
    struct cli *cli = steer->cli;
    const char *name = steer->row.name, *state = campaign_state_text(to);
    if (!cli->screen.json) {
        json_decref(more);
        screen_text(&cli->screen, "%s is %s. %s\n", name, state, text);
        return screen_flush(&cli->screen, err);
    }
    json_t *out = json_pack("{s:s,s:s,s:s,s:s}", "campaign", name, "from", steer->row.state, "to",
                            state, "cause", steer->cause);
    if (more) (void)json_object_update(out, more);
    json_decref(more);
    return screen_json(out, err);
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

static bool start(struct steer *steer, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    char words[APPLY_NEXT_TEXT];
    if (!allowed(steer, ENGINE_START, &next, err) || !first_state(steer, &next, err) ||
        !steer_move(steer, next, "started", false, ENGINE_STOP_ABORT, err) ||
        !db_commit(steer->cli->db, err))
        return false;
    apply_next_words(steer->campaign, campaign_state_text(next), words);
    return report(steer, next, NULL, words, err);
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

static void pause_words(const struct steer_recall *recall, bool hold, char *out, size_t size)
{
    char over[STEER_RECALL_TEXT];
    steer_recall_words(recall, over);
    if (!hold)
        (void)wg_format(out, size, "Updates in hand finish; nobody is offered more.");
    else
        (void)wg_format(out, size,
                        "Nobody is offered more, and %lld %s in hand wait%s before switching "
                        "over.%s%s%s",
                        (long long)recall->started, recall->started == 1 ? "update" : "updates",
                        recall->started == 1 ? "s" : "", over[0] ? " " : "", over,
                        over[0] ? "." : "");
}

static bool hold_or_pause(struct steer *steer, struct wg_error *err)
{
    bool hold = args_has(steer->cli->args, "hold");
    enum campaign_state next = steer->state;
    struct steer_recall recall;
    char words[2 * STEER_RECALL_TEXT];
    if (!may_pause(steer, hold, &next, err) ||
        !steer_move(steer, next, hold ? "paused with hold" : "paused", hold, ENGINE_STOP_ABORT,
                    err) ||
        !db_commit(steer->cli->db, err))
        return false;
    steer_recall_of(&steer->row, &recall);
    pause_words(&recall, hold, words, sizeof words);
    json_t *more = json_pack("{s:b,s:I,s:o}", "held", hold, "in_hand", (json_int_t)recall.started,
                             "not_recalled", steer_recall_json(&recall));
    return report(steer, next, more, words, err);
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

static bool resume(struct steer *steer, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    const struct policy_approvals *asked = &steer->campaign->policy.start;
    char words[APPLY_NEXT_TEXT] = "It goes on.";
    if (!allowed(steer, ENGINE_RESUME, &next, err) || !can_go_on(steer, err) ||
        !steer_move(steer, next, "resumed", false, ENGINE_STOP_ABORT, err) ||
        !db_commit(steer->cli->db, err))
        return false;
    if (asked->count > 0 && !steer->view.start_approved)
        apply_next_words(steer->campaign, campaign_state_text(next), words);
    else if (steer->row.ready > 0)
        (void)wg_format(words, sizeof words, "It goes on; %lld %s over now.",
                        (long long)steer->row.ready,
                        steer->row.ready == 1 ? "device switches" : "devices switch");
    return report(steer, next, json_pack("{s:I}", "released", (json_int_t)steer->row.ready), words,
                  err);
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

static bool end(struct steer *steer, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    struct steer_recall recall;
    char over[STEER_RECALL_TEXT], words[2 * STEER_RECALL_TEXT];
    if (!may_end(steer, &next, err) ||
        !steer_move(steer, next, "aborted", true, ENGINE_STOP_ABORT, err) ||
        !db_commit(steer->cli->db, err))
        return false;
    steer_recall_of(&steer->row, &recall);
    steer_recall_words(&recall, over);
    (void)wg_format(words, sizeof words,
                    "%lld waiting %s withdrawn, %lld in hand %s asked to give up.%s%s%s",
                    (long long)recall.waiting, recall.waiting == 1 ? "device is" : "devices are",
                    (long long)recall.started, recall.started == 1 ? "is" : "are",
                    over[0] ? " " : "", over, over[0] ? "." : "");
    json_t *more =
        json_pack("{s:I,s:I,s:o}", "withdrawn", (json_int_t)recall.waiting, "asked",
                  (json_int_t)recall.started, "not_recalled", steer_recall_json(&recall));
    return report(steer, next, more, words, err);
}

static bool run(struct cli *cli, bool (*change)(struct steer *steer, struct wg_error *err),
                struct wg_error *err)
{
    struct steer *steer = steer_new(cli, false, err);
    bool ok = steer && change(steer, err);
    steer_free(steer);
    return ok;
}

bool campaign_start_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, start, err);
}

bool campaign_pause_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, hold_or_pause, err);
}

bool campaign_resume_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, resume, err);
}

bool campaign_abort_run(struct cli *cli, struct wg_error *err)
{
    return run(cli, end, err);
}
