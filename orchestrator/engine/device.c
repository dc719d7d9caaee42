/* device.c: one report, or one time-out, against one place.
 *
 * A place's attempt is counted when it is offered; going back to waiting does not give it back.
 * What was no attempt at all (shed, deferred, offline) may be tried again whatever the count. */
#include "orchestrator/engine/device.h"

#include <string.h>

#define BACKOFF_MOST (24 * WG_HOUR)

static void remark(struct device_change *out, const struct device_place *place, const char *text)
{
    *out = (struct device_change){
        .verdict = DEVICE_REMARK, .state = place->state, .cause = place->cause, .remark = text};
}

static wg_duration backoff_after(const struct policy_retry *retry, int64_t attempt)
{
    wg_duration wait = retry->backoff;
    for (int64_t i = 1; i < attempt && wait < BACKOFF_MOST; i++) wait *= 2;
    return wait < BACKOFF_MOST ? wait : BACKOFF_MOST;
}

/* An attempt ends badly: again later, or for good. */
static void end_attempt(const struct policy_retry *retry, int64_t attempt, enum wg_state state,
                        enum wg_cause cause, wg_time now, struct device_change *out)
{
    bool spent = wg_cause_is_fault(cause) && attempt >= retry->attempts;
    *out = (struct device_change){.verdict = DEVICE_MOVES, .state = state, .cause = cause};
    if (!wg_cause_is_retriable(cause) || spent) return;
    out->verdict = DEVICE_RETRIES;
    out->state = WG_WAITING;
    out->retry_at = now + backoff_after(retry, wg_cause_is_fault(cause) ? attempt : 1);
}

/* A waiting device may still be at work: its slot was given back while it was not heard. Not so
 * when it said itself that this attempt ended: what comes then was overtaken by that. */
static bool has_ended(const struct device_place *place)
{
    return place->state == WG_WAITING &&
           (place->cause == WG_CAUSE_DOWNLOAD || place->cause == WG_CAUSE_INSTALL ||
            place->cause == WG_CAUSE_SHED);
}

/* Duplicates are the ordinary case of a report that moves nothing; the words tell them apart. */
static const char *why_not(const struct device_place *place, const struct wg_report *report)
{
    if (place->state == report->state) return "duplicate";
    if (wg_state_is_final(place->state)) return "late: already finished";
    return "stale: overtaken by a later state";
}

void device_decide(const struct policy_retry *retry, const struct device_place *place,
                   const struct wg_report *report, wg_time now, struct device_change *out)
{
    if (strcmp(place->order, report->order) != 0) {
        remark(out, place, "other order");
        return;
    }
    if (report->attempt != place->attempt) {
        remark(out, place, report->attempt < place->attempt ? "stale attempt" : "unknown attempt");
        return;
    }
    if (has_ended(place)) {
        remark(out, place, "late: this attempt has ended");
        return;
    }
    if (!wg_state_may_follow(place->state, report->state)) {
        remark(out, place, why_not(place, report));
        return;
    }
    *out = (struct device_change){
        .verdict = DEVICE_MOVES, .state = report->state, .cause = report->cause};
    if (report->state == WG_FAILED || report->state == WG_ROLLED_BACK)
        end_attempt(retry, place->attempt, report->state, report->cause, now, out);
}

void device_expire(const struct policy_retry *retry, const struct device_place *place,
                   enum wg_state to, enum wg_cause cause, wg_time now, struct device_change *out)
{
    if (wg_state_is_final(place->state) || place->state == WG_WAITING) {
        remark(out, place, "nothing to expire");
        return;
    }
    if (to == WG_WAITING) {
        *out =
            (struct device_change){.verdict = DEVICE_RETRIES, .state = WG_WAITING, .cause = cause};
        out->retry_at = cause == WG_CAUSE_DEFERRED ? now : now + backoff_after(retry, 1);
        return;
    }
    end_attempt(retry, place->attempt, to, cause, now, out);
}
