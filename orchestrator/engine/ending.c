/* ending.c: how a campaign ends before its waves do: by its schedule, by the end of an emergency,
 * and what is left to do while it stops.
 *
 * An end concerns devices that are still to be updated: when none is left, gates may take the time
 * that they need. Where updates are held back before they switch over, no clock lets them go: what
 * should finish is then withdrawn. */
#include "orchestrator/engine/look.h"

bool schedule_is_over(const struct policy *policy, wg_time now)
{
    return policy->schedule.end && now >= policy->schedule.end;
}

static bool anything_left(const struct engine_view *view)
{
    return view_in_flight(view) + view_waiting(view) > 0;
}

static bool nothing_to_end(const struct look *look)
{
    const struct engine_view *view = &look->view;
    return !anything_left(view) && view->wave_count > 0 &&
           !wave_stays_open(look->policy, view, view->wave_count - 1);
}

static void finish_started(struct look *look, const char *what, wg_time at)
{
    char cause[ENGINE_CAUSE_MAX], end[WG_TIME_TEXT];
    bool held = look->view.held;
    wg_time_text(at, end);
    (void)wg_format(cause, sizeof cause, "%s ended at %s: %s", what, end,
                    held ? "updates in hand were held and are withdrawn"
                         : "what was started finishes, no more is");
    look_stop(look, held ? ENGINE_STOP_ABORT : ENGINE_STOP_FINISH_STARTED, cause);
}

static void end_schedule(struct look *look)
{
    const struct policy_schedule *schedule = &look->policy->schedule;
    char cause[ENGINE_CAUSE_MAX], end[WG_TIME_TEXT];
    wg_time_text(schedule->end, end);
    if (schedule->at_end == POLICY_END_FINISH_STARTED) {
        finish_started(look, "its schedule", schedule->end);
    } else if (schedule->at_end == POLICY_END_ABORT) {
        (void)wg_format(cause, sizeof cause, "its schedule ended at %s", end);
        look_stop(look, ENGINE_STOP_ABORT, cause);
    } else if (look->view.state == CAMPAIGN_RUNNING) {
        (void)wg_format(cause, sizeof cause,
                        "its schedule ended at %s; apply a later end or abort it", end);
        look_pause(look, look->view.held, cause);
    }
}

void look_end(struct look *look)
{
    const struct policy *policy = look->policy;
    wg_time emergency = policy->emergency.length && look->view.started_at
                            ? look->view.started_at + policy->emergency.length
                            : 0;
    if (look->view.state == CAMPAIGN_STOPPING || nothing_to_end(look)) return;
    if (emergency && look->now >= emergency)
        finish_started(look, "the emergency", emergency);
    else if (schedule_is_over(policy, look->now))
        end_schedule(look);
    if (look->view.state == CAMPAIGN_STOPPING) return;
    look_wake(look, emergency);
    look_wake(look, policy->schedule.end);
}

/* What has switched over ends by itself. */
static bool anything_to_withdraw(const struct engine_view *view)
{
    return view_waiting(view) + view_total(view, WG_OFFERED) + view_total(view, WG_ACCEPTED) +
               view_total(view, WG_DOWNLOADING) + view_total(view, WG_INSTALLING) >
           0;
}

/* No words at the end: the store keeps those of what stopped it. */
void look_stopping(struct look *look)
{
    static const enum campaign_state ends[] = {
        [ENGINE_STOP_ABORT] = CAMPAIGN_ABORTED,
        [ENGINE_STOP_FINISH_STARTED] = CAMPAIGN_FINISHED,
        [ENGINE_STOP_ROLLBACK] = CAMPAIGN_ROLLED_BACK,
    };
    const struct engine_view *view = &look->view;
    if (view->stop == ENGINE_STOP_FINISH_STARTED) {
        if (view_waiting(view) > 0) (void)look_act(look, ENGINE_WITHDRAW_WAITING);
    } else if (anything_to_withdraw(view)) {
        (void)look_act(look, ENGINE_WITHDRAW);
    }
    bool unmade = view->stop == ENGINE_STOP_ROLLBACK && !view->rollback_made;
    if (unmade) (void)look_act(look, ENGINE_ROLL_BACK);
    if (!anything_left(view) && !unmade) look_set_campaign(look, ends[view->stop], "");
}
