/* plan.h: a campaign file against the fleet as it is now: what `plan` shows and `apply` stores.
 * Lives in one transaction. */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_H
#define WG_ORCHESTRATOR_CLI_PLAN_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/campaign/target.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/plan_row.h"

struct plan {
    struct campaign *campaign;
    struct wg_buf text; /* the file as written */
    char digest[WG_SHA256_HEX];
    struct release_row release;
    struct target target;
    struct plan_counts counts;
    int64_t size[POLICY_WAVES_MAX];
    int64_t in_no_wave;
};

/* Begins the transaction and fills the temporary tables; the caller commits or rolls back.
 * plan_clear() afterwards, also when it fails. */
WG_MUST_CHECK bool plan_make(struct plan *plan, struct db *db, const char *file,
                             struct wg_error *err);
void plan_clear(struct plan *plan);

int64_t plan_members(const struct plan *plan);
/* Why devices are left out, for people. out holds 320 bytes. */
void plan_reason_words(const struct plan *plan, int reason, char out[320]);

#endif
