/* engine.c: one look at a campaign, and what follows from it.
 *
 * The order is the point: the ends of schedule and emergency, then what devices took too long for
 * or gave back, then the budget, then gates, then claims; a look that stops the campaign claims
 * nothing. */
#include "orchestrator/engine/look.h"

static bool all_passed(const struct engine_view *view)
{
    for (size_t i = 0; i < view->wave_count; i++)
        if (view->waves[i].state != WAVE_PASSED) return false;
    return true;
}

/* Who revises a campaign that needs approvals may have widened it: it goes on when the revision has
 * them too. */
static bool is_unapproved(struct look *look)
{
    const struct policy_approvals *asked = &look->policy->start;
    char cause[ENGINE_CAUSE_MAX];
    if (asked->count == 0 || look->view.start_approved) return false;
    (void)wg_format(cause, sizeof cause, "this revision needs %lld approvals by %s",
                    (long long)asked->count, asked->role);
    look_set_campaign(look, CAMPAIGN_AWAITING_APPROVAL, cause);
    return true;
}

static void run(struct look *look)
{
    const struct engine_view *view = &look->view;
    if (is_unapproved(look)) return;
    look_waves(look);
    if (view->state != CAMPAIGN_RUNNING) return;
    if (all_passed(view) && view_in_flight(view) + view_waiting(view) == 0) {
        look_set_campaign(look, CAMPAIGN_FINISHED, "every wave passed");
        return;
    }
    if (look->policy->supersedes) (void)look_act(look, ENGINE_SUPERSEDE);
    if (look->policy->emergency.length) (void)look_act(look, ENGINE_PREEMPT);
    if (!view->held) look_claim(look);
}

static bool lets_go(const struct engine_view *view)
{
    return !view->held && view->ready > 0 &&
           (view->state == CAMPAIGN_RUNNING ||
            (view->state == CAMPAIGN_STOPPING && view->stop == ENGINE_STOP_FINISH_STARTED));
}

static void go_on(struct look *look)
{
    const struct engine_view *view = &look->view;
    look_end(look);
    look_give_back(look);
    look_expire(look);
    look_budget(look);
    if (view->state == CAMPAIGN_RUNNING) run(look);
    if (lets_go(view)) (void)look_act(look, ENGINE_RELEASE);
    if (view->state == CAMPAIGN_STOPPING) look_stopping(look);
}

/* Of one that has begun, a revision waits for approvals while devices are at work: what they fail
 * by counts all the same. */
static void stand_by(struct look *look)
{
    const struct engine_view *view = &look->view;
    if (view->started_at > 0) {
        look_give_back(look);
        look_expire(look);
        look_budget(look);
    }
    if (view->state == CAMPAIGN_AWAITING_APPROVAL || view->state == CAMPAIGN_SCHEDULED)
        look_begin(look);
    if (view->state == CAMPAIGN_STOPPING) look_stopping(look);
}

void engine_decide(const struct policy *policy, const struct engine_view *view, wg_time now,
                   struct engine_actions *out)
{
    struct look look = {.policy = policy, .view = *view, .now = now, .out = out};
    out->count = 0;
    out->slots = 0;
    out->wake = 0;
    switch (view->state) {
    case CAMPAIGN_AWAITING_APPROVAL:
    case CAMPAIGN_SCHEDULED:
        stand_by(&look);
        break;
    case CAMPAIGN_RUNNING:
    case CAMPAIGN_PAUSED:
    case CAMPAIGN_STOPPING:
        go_on(&look);
        break;
    default:
        break;
    }
}
