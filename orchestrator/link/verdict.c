/* verdict.c: translates between the store's places and the engine's. */
#include "orchestrator/link/verdict.h"

#include "orchestrator/engine/device.h"

static const struct policy_retry once = {.attempts = 1, .backoff = 10 * WG_MINUTE};

static const struct policy_retry *retry_of(void *ctx, const struct intake_place *place)
{
    const struct verdict *verdict = ctx;
    const struct policy_retry *retry =
        verdict ? verdict->retry(verdict->ctx, place->campaign, place->digest) : NULL;
    return retry ? retry : &once;
}

static struct device_place engine_place(const struct intake_place *place)
{
    struct device_place at = {.state = place->state,
                              .cause = place->cause,
                              .attempt = place->attempt,
                              .spent = place->spent,
                              .held = place->held,
                              .asked = place->asked,
                              .recalled = place->recalled};
    (void)wg_copy(at.order, sizeof at.order, place->order);
    return at;
}

static struct intake_change store_change(const struct device_change *change)
{
    bool retries = change->verdict == DEVICE_RETRIES, ready = change->verdict == DEVICE_READY;
    return (struct intake_change){.moves = change->verdict != DEVICE_REMARK,
                                  .state = retries ? WG_WAITING
                                           : ready ? WG_INSTALLING
                                                   : change->state,
                                  .cause = change->cause,
                                  .spends = change->spends,
                                  .ready = ready,
                                  .retry_at = retries ? change->retry_at : 0,
                                  .remark = change->remark};
}

void verdict_of_report(void *ctx, const struct intake_place *place, const struct wg_report *report,
                       wg_time now, struct intake_change *out)
{
    struct device_place at = engine_place(place);
    struct device_change change = {0};
    device_decide(retry_of(ctx, place), &at, report, now, &change);
    *out = store_change(&change);
}

void verdict_of_expiry(void *ctx, const struct intake_place *place, enum wg_state to,
                       enum wg_cause cause, wg_time now, struct intake_change *out)
{
    struct device_place at = engine_place(place);
    struct device_change change = {0};
    device_expire(retry_of(ctx, place), &at, to, cause, now, &change);
    *out = store_change(&change);
}
