/* begin.c: from awaiting approval to running.
 *
 * A campaign whose schedule ended before it began does not begin. One that would pause at the end
 * stays scheduled, for nothing of it runs that could be paused: a later end lets it begin by
 * itself, still behind the campaigns that it waits for. The others are aborted. */
#include "orchestrator/engine/look.h"

static void await_approvals(struct look *look)
{
    const struct policy_approvals *asked = &look->policy->start;
    char cause[ENGINE_CAUSE_MAX];
    bool enough = look->view.approvals >= asked->count;
    (void)wg_format(cause, sizeof cause, "%lld of %lld approvals by %s",
                    (long long)look->view.approvals, (long long)asked->count, asked->role);
    if (look->view.state == CAMPAIGN_AWAITING_APPROVAL && enough)
        look_set_campaign(look, CAMPAIGN_SCHEDULED, asked->count ? cause : "no approvals asked");
    else if (look->view.state == CAMPAIGN_SCHEDULED &&
             !enough) /* expired, or of another revision */
        look_set_campaign(look, CAMPAIGN_AWAITING_APPROVAL, cause);
}

static bool never_begins(struct look *look)
{
    const struct policy_schedule *schedule = &look->policy->schedule;
    char cause[ENGINE_CAUSE_MAX], end[WG_TIME_TEXT];
    if (!schedule_is_over(look->policy, look->now)) {
        look_wake(look, schedule->end);
        return false;
    }
    if (schedule->at_end == POLICY_END_PAUSE) return true;
    wg_time_text(schedule->end, end);
    (void)wg_format(cause, sizeof cause, "its schedule ended at %s before it began", end);
    look_stop(look, ENGINE_STOP_ABORT, cause);
    return true;
}

void look_begin(struct look *look)
{
    const struct policy_schedule *schedule = &look->policy->schedule;
    char cause[ENGINE_CAUSE_MAX], start[WG_TIME_TEXT];
    bool over = never_begins(look);
    if (look->view.state == CAMPAIGN_STOPPING) return;
    await_approvals(look);
    if (over || look->view.state != CAMPAIGN_SCHEDULED || look->view.waits_for[0]) return;
    if (look->now < schedule->start) {
        look_wake(look, schedule->start);
        return;
    }
    wg_time_text(schedule->start, start);
    (void)wg_format(cause, sizeof cause, "its schedule began at %s", start);
    look_set_campaign(look, CAMPAIGN_RUNNING,
                      schedule->start ? cause : "it waits for nothing more");
}
