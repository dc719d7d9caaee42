/* verdict.c: translates between the store's places and the engine's. */
#include "orchestrator/link/verdict.h"

#include "orchestrator/engine/device.h"

static struct policy_retry retry_of(const struct intake_place *place)
{
    return (struct policy_retry){.attempts = place->retry_attempts,
                                 .backoff = place->retry_backoff};
}

static struct device_place engine_place(const struct intake_place *place)
{
    struct device_place at = {
        .state = place->state, .cause = place->cause, .attempt = place->attempt};
    (void)wg_copy(at.order, sizeof at.order, place->order);
    return at;
}

static struct intake_change store_change(const struct device_change *change)
{
    bool retries = change->verdict == DEVICE_RETRIES;
    return (struct intake_change){.moves = change->verdict != DEVICE_REMARK,
                                  .state = retries ? WG_WAITING : change->state,
                                  .cause = change->cause,
                                  .retry_at = retries ? change->retry_at : 0,
                                  .remark = change->remark};
}

void verdict_of_report(void *ctx, const struct intake_place *place, const struct wg_report *report,
                       wg_time now, struct intake_change *out)
{
    (void)ctx;
    struct policy_retry retry = retry_of(place);
    struct device_place at = engine_place(place);
    struct device_change change = {0};
    device_decide(&retry, &at, report, now, &change);
    *out = store_change(&change);
}

void verdict_of_expiry(void *ctx, const struct intake_place *place, enum wg_state to,
                       enum wg_cause cause, wg_time now, struct intake_change *out)
{
    (void)ctx;
    struct policy_retry retry = retry_of(place);
    struct device_place at = engine_place(place);
    struct device_change change = {0};
    device_expire(&retry, &at, to, cause, now, &change);
    *out = store_change(&change);
}
