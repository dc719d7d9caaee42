/* device.c: one report, or one time-out, against one place.
 *
 * A place counts what it spent apart from the number of its order: what was no attempt at all
 * (shed, deferred, offline) may be tried again whatever has been spent, and under the same order
 * when the device may still be at work on it. */
#include "orchestrator/engine/device.h"

#include <string.h>

#define BACKOFF_MOST (24 * WG_HOUR) /* doubling ends here; a back-off of a file may be longer */

static void remark(struct device_change *out, const struct device_place *place, const char *text)
{
    *out = (struct device_change){
        .verdict = DEVICE_REMARK, .state = place->state, .cause = place->cause, .remark = text};
}

/* FNV-1a: the same order and attempt are always put off by the same time, in every process. */
static uint64_t hash_of(const struct device_place *place)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *byte = place->order; *byte; byte++)
        hash = (hash ^ (unsigned char)*byte) * 1099511628211u;
    for (int shift = 0; shift < 64; shift += 8)
        hash = (hash ^ ((uint64_t)place->attempt >> shift & 0xff)) * 1099511628211u;
    return hash ^ hash >> 32;
}

static wg_duration with_jitter(const struct policy_retry *retry, const struct device_place *place,
                               wg_duration wait)
{
    int64_t most = retry->jitter_ppm < POLICY_PPM ? retry->jitter_ppm : POLICY_PPM;
    if (most <= 0) return wait;
    int64_t share = (int64_t)(hash_of(place) % (uint64_t)(2 * most + 1)) - most;
    return wait + wait / POLICY_PPM * share + wait % POLICY_PPM * share / POLICY_PPM;
}

/* Doubles with each attempt that was spent. */
static wg_duration backoff(const struct policy_retry *retry, const struct device_place *place,
                           enum wg_cause cause, int64_t spent)
{
    wg_duration wait = policy_retry_of(retry, cause).backoff;
    wg_duration most = wait > BACKOFF_MOST ? wait : BACKOFF_MOST;
    for (int64_t i = 1; i < spent && wait < most; i++) wait *= 2;
    return with_jitter(retry, place, wait < most ? wait : most);
}

static void wait_again(struct device_change *out, enum wg_cause cause, wg_time retry_at)
{
    *out = (struct device_change){
        .verdict = DEVICE_RETRIES, .state = WG_WAITING, .cause = cause, .retry_at = retry_at};
}

/* What is no fault: later, and nothing is spent. */
static void put_off(const struct policy_retry *retry, const struct device_place *place,
                    enum wg_cause cause, wg_time now, struct device_change *out)
{
    wait_again(out, cause, now + backoff(retry, place, cause, 1));
}

/* The device knows best when to ask it again: not before, whatever the file says; and it is asked
 * once a day all the same. */
static void put_off_itself(const struct policy_retry *retry, const struct device_place *place,
                           const struct wg_report *report, wg_time now, struct device_change *out)
{
    wg_duration wait = report->retry < WG_RETRY_MAX ? report->retry : WG_RETRY_MAX;
    if (wait > 0)
        wait_again(out, WG_CAUSE_DEFERRED, now + wait);
    else
        put_off(retry, place, WG_CAUSE_DEFERRED, now, out);
}

/* An attempt ends badly: again later, or for good. */
static void end_attempt(const struct policy_retry *retry, const struct device_place *place,
                        enum wg_state state, enum wg_cause cause, wg_time now,
                        struct device_change *out)
{
    bool fault = wg_cause_is_fault(cause);
    int64_t spent = place->spent + (fault ? 1 : 0);
    *out = (struct device_change){.verdict = DEVICE_MOVES, .state = state, .cause = cause};
    if (wg_cause_is_retriable(cause) && !fault)
        put_off(retry, place, cause, now, out);
    else if (wg_cause_is_retriable(cause) && spent < policy_retry_of(retry, cause).attempts)
        wait_again(out, cause, now + backoff(retry, place, cause, spent));
    out->spends = fault;
}

/* It said so itself, or its time ran out: the next one is another order. */
static bool has_ended(const struct device_place *place)
{
    return place->state == WG_WAITING && place->cause != WG_CAUSE_OFFLINE &&
           place->cause != WG_CAUSE_DEFERRED;
}

/* It holds no slot, but the device may be at work on its last order all the same. */
static void decide_without_slot(const struct policy_retry *retry, const struct device_place *place,
                                const struct wg_report *report, wg_time now,
                                struct device_change *out)
{
    bool final = wg_cause_is_fault(report->cause) || report->cause == WG_CAUSE_REFUSED ||
                 report->cause == WG_CAUSE_INCOMPATIBLE;
    if (has_ended(place))
        remark(out, place, "late: this attempt has ended");
    else if (!wg_state_may_follow(place->state, report->state))
        remark(out, place, "its slot was given back: it goes on when it is offered again");
    else if (report->state == WG_WITHDRAWN)
        put_off(retry, place, WG_CAUSE_SHED, now, out);
    else if (final)
        end_attempt(retry, place, report->state, report->cause, now, out);
    else
        remark(out, place, "it waits already");
    /* it is heard again: it need not wait for the end of the back-off */
    if (out->verdict == DEVICE_REMARK && place->cause == WG_CAUSE_OFFLINE) {
        const char *why = out->remark;
        wait_again(out, WG_CAUSE_OFFLINE, now);
        out->remark = why;
    }
}

/* Duplicates are the ordinary case of a report that moves nothing; the words tell them apart. */
static const char *why_not(const struct device_place *place, const struct wg_report *report)
{
    if (place->state == report->state) return "duplicate";
    if (wg_state_is_final(place->state)) return "late: already finished";
    return "stale: overtaken by a later state";
}

/* Its slot was given back and offered again, and on the way there the device has said that it is
 * ready. Were the place moved by what it said earlier, nobody would offer it the order once more,
 * and it asks again only when it is offered: both would wait. */
static bool is_overtaken(const struct device_place *place, const struct wg_report *report)
{
    return place->asked > 0 && report->seq < place->asked &&
           wg_state_is_before_switch(report->state);
}

static void decide_in_hand(const struct policy_retry *retry, const struct device_place *place,
                           const struct wg_report *report, wg_time now, struct device_change *out)
{
    *out = (struct device_change){
        .verdict = DEVICE_MOVES, .state = report->state, .cause = report->cause};
    switch (report->state) {
    case WG_FAILED:
    case WG_ROLLED_BACK:
        end_attempt(retry, place, report->state, report->cause, now, out);
        break;
    case WG_DEFERRED:
        put_off_itself(retry, place, report, now, out);
        break;
    case WG_WITHDRAWN:
        if (!place->recalled) put_off(retry, place, WG_CAUSE_SHED, now, out);
        break;
    case WG_REBOOTING:
        if (place->held)
            *out = (struct device_change){.verdict = DEVICE_READY, .state = WG_INSTALLING};
        break;
    default:
        break;
    }
}

void device_decide(const struct policy_retry *retry, const struct device_place *place,
                   const struct wg_report *report, wg_time now, struct device_change *out)
{
    if (strcmp(place->order, report->order) != 0)
        remark(out, place, "other order");
    else if (report->attempt != place->attempt)
        remark(out, place, report->attempt < place->attempt ? "stale attempt" : "unknown attempt");
    else if (place->state == WG_WAITING || place->state == WG_DEFERRED)
        decide_without_slot(retry, place, report, now, out);
    else if (place->state == WG_REBOOTING && report->state == WG_DEFERRED && place->asked > 0 &&
             report->seq > place->asked)
        put_off_itself(retry, place, report, now, out);
    else if (!wg_state_may_follow(place->state, report->state))
        remark(out, place, why_not(place, report));
    else if (is_overtaken(place, report))
        remark(out, place, "stale: it has asked to switch over since");
    else
        decide_in_hand(retry, place, report, now, out);
}

/* Who did not answer is asked again after the back-off. Who was at work and went away is asked as
 * soon as it is back, to go on where it is, unless the file says otherwise. */
static void give_back(const struct policy_retry *retry, const struct device_place *place,
                      enum wg_cause cause, wg_time now, struct device_change *out)
{
    bool at_once =
        cause == WG_CAUSE_DEFERRED || (cause == WG_CAUSE_OFFLINE && place->state != WG_OFFERED &&
                                       !retry->class_set[WG_CAUSE_OFFLINE]);
    if (at_once)
        wait_again(out, cause, now);
    else
        put_off(retry, place, cause, now, out);
}

void device_expire(const struct policy_retry *retry, const struct device_place *place,
                   enum wg_state to, enum wg_cause cause, wg_time now, struct device_change *out)
{
    if (wg_state_is_final(place->state) || place->state == WG_WAITING)
        remark(out, place, "nothing to expire");
    else if (to == WG_WAITING)
        give_back(retry, place, cause, now, out);
    else
        end_attempt(retry, place, to, cause, now, out);
}
