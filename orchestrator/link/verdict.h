/* verdict.h: the engine's word on a place, in the form that the store asks for it. */
#ifndef WG_ORCHESTRATOR_LINK_VERDICT_H
#define WG_ORCHESTRATOR_LINK_VERDICT_H

#include "orchestrator/engine/policy.h"
#include "orchestrator/store/place.h"

/* How the campaigns' files say failures are tried again. retry returns NULL when it cannot be
 * known: then nothing is tried again. */
struct verdict {
    const struct policy_retry *(*retry)(void *ctx, int64_t campaign, const char *digest);
    void *ctx;
};

/* An intake_decide_fn: what a report does. ctx: a struct verdict, or NULL: no retries. */
void verdict_of_report(void *ctx, const struct intake_place *place, const struct wg_report *report,
                       wg_time now, struct intake_change *out);
/* A place_expire_fn: what a time-out does. ctx: the same. */
void verdict_of_expiry(void *ctx, const struct intake_place *place, enum wg_state to,
                       enum wg_cause cause, wg_time now, struct intake_change *out);

#endif
