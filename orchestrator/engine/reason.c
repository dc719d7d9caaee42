/* reason.c: what a campaign and its waves wait for, in words. */
#include "orchestrator/engine/look.h"

static void scheduled_reason(const struct policy *policy, const struct engine_view *view,
                             wg_time now, char out[ENGINE_CAUSE_MAX])
{
    char at[WG_TIME_TEXT];
    if (schedule_is_over(policy, now)) {
        wg_time_text(policy->schedule.end, at);
        (void)wg_format(out, ENGINE_CAUSE_MAX,
                        "its schedule ended at %s before it began; apply a later end or abort it",
                        at);
    } else if (view->waits_for[0]) {
        (void)wg_format(out, ENGINE_CAUSE_MAX, "waits for %.200s to finish", view->waits_for);
    } else if (now < policy->schedule.start) {
        wg_time_text(policy->schedule.start, at);
        (void)wg_format(out, ENGINE_CAUSE_MAX, "starts at %s", at);
    } else {
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "starts with the next look");
    }
}

static void paused_reason(const struct policy *policy, const struct engine_view *view, wg_time now,
                          char out[ENGINE_CAUSE_MAX])
{
    char at[WG_TIME_TEXT];
    if (budget_is_exceeded(policy, view, out)) return;
    if (schedule_is_over(policy, now)) {
        wg_time_text(policy->schedule.end, at);
        (void)wg_format(out, ENGINE_CAUSE_MAX,
                        "its schedule ended at %s; apply a later end or abort it", at);
    } else if (view->held) {
        (void)wg_format(out, ENGINE_CAUSE_MAX,
                        "paused: updates in hand are held before they switch over, %lld %s ready",
                        (long long)view->ready, view->ready == 1 ? "is" : "are");
    } else {
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "paused: updates in hand finish");
    }
}

static void stopping_reason(const struct engine_view *view, char out[ENGINE_CAUSE_MAX])
{
    static const char *const how[] = {[ENGINE_STOP_ABORT] = "stops",
                                      [ENGINE_STOP_FINISH_STARTED] = "finishes what was started",
                                      [ENGINE_STOP_ROLLBACK] = "stops, to be rolled back"};
    int64_t left = view_in_flight(view) + view_waiting(view);
    if (left == 0 && view->stop == ENGINE_STOP_ROLLBACK && !view->rollback_made)
        (void)wg_copy(out, ENGINE_CAUSE_MAX,
                      "the campaign that sends its devices back is not made yet");
    else
        (void)wg_format(out, ENGINE_CAUSE_MAX, "%s: %lld %s not ended", how[view->stop],
                        (long long)left, left == 1 ? "device has" : "devices have");
}

void engine_campaign_reason(const struct policy *policy, const struct engine_view *view,
                            wg_time now, char out[ENGINE_CAUSE_MAX])
{
    out[0] = '\0';
    switch (view->state) {
    case CAMPAIGN_DRAFT:
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "a draft, not started");
        break;
    case CAMPAIGN_AWAITING_APPROVAL:
        (void)wg_format(out, ENGINE_CAUSE_MAX, "%lld of %lld approvals by %s",
                        (long long)view->approvals, (long long)policy->start.count,
                        policy->start.role);
        break;
    case CAMPAIGN_SCHEDULED:
        scheduled_reason(policy, view, now, out);
        break;
    case CAMPAIGN_PAUSED:
        paused_reason(policy, view, now, out);
        break;
    case CAMPAIGN_STOPPING:
        stopping_reason(view, out);
        break;
    default:
        break;
    }
}

static void pending_reason(const struct policy *policy, const struct engine_view *view, size_t wave,
                           char out[ENGINE_CAUSE_MAX])
{
    size_t other;
    if (wave_waits_for(policy, view, wave, &other))
        (void)wg_format(out, ENGINE_CAUSE_MAX, "waits for wave %s", view->waves[other].name);
    else if (wave == 0)
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "waits for the campaign to start");
    else
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "opens with the next look");
}

static void open_reason(const struct policy *policy, const struct engine_view *view, size_t wave,
                        wg_time now, char out[ENGINE_CAUSE_MAX])
{
    struct gate_question question;
    struct gate_verdict verdict;
    const struct engine_wave *at = &view->waves[wave];
    if (wave_stays_open(policy, view, wave)) {
        (void)wg_copy(out, ENGINE_CAUSE_MAX, "open for devices that come to match");
        return;
    }
    wave_question(policy, view, wave, now, &question);
    gate_judge(&question, &verdict);
    if (verdict.answer == GATE_PASS && at->state != WAVE_FAILED)
        (void)wg_format(out, ENGINE_CAUSE_MAX, "passes its gate: %.230s", verdict.words);
    else
        (void)wg_copy(out, ENGINE_CAUSE_MAX, verdict.words);
}

void engine_wave_reason(const struct policy *policy, const struct engine_view *view, size_t wave,
                        wg_time now, char out[ENGINE_CAUSE_MAX])
{
    enum wave_state state = view->waves[wave].state;
    bool begins = view->state == CAMPAIGN_DRAFT || view->state == CAMPAIGN_AWAITING_APPROVAL ||
                  view->state == CAMPAIGN_SCHEDULED;
    bool ends = view->state == CAMPAIGN_STOPPING || campaign_state_is_final(view->state);
    out[0] = '\0';
    if (state == WAVE_PASSED) return;
    if (begins || (ends && state != WAVE_FAILED))
        engine_campaign_reason(policy, view, now, out);
    else if (state == WAVE_PENDING)
        pending_reason(policy, view, wave, out);
    else
        open_reason(policy, view, wave, now, out);
}
