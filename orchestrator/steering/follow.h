/* follow.h: campaigns that follow from another one, written here and signed by a person: back to
 * rollback_to for those that were updated, once more for those that failed. */
#ifndef WG_ORCHESTRATOR_STEERING_FOLLOW_H
#define WG_ORCHESTRATOR_STEERING_FOLLOW_H

#include "orchestrator/steering/apply_signed.h"
#include "orchestrator/steering/steer.h"
#include "orchestrator/store/device_act.h"

/* Borrows. */
struct follow {
    struct steer *steer;
    const struct device_act *act; /* a retry of this device alone; NULL: of all that failed */
    bool moves; /* a rollback: the other campaign is stopped in the same transaction */
};

/* May it be rolled back; has it any device that failed? WG_E_CONFLICT. Both let go of the steer's
 * transaction: what comes then moves from the state seen here alone. */
WG_MUST_CHECK bool follow_rollback(struct follow *follow, struct steer *steer,
                                   struct wg_error *err);
WG_MUST_CHECK bool follow_retry(struct follow *follow, struct steer *steer, struct wg_error *err);
/* Of one device whose place has ended badly (device_act_retry: needs_campaign). */
void follow_retry_device(struct follow *follow, struct steer *steer, const struct device_act *act);

/* What apply_signed_run() makes of them; who signs and the authority are the caller's. */
struct apply_source follow_rollback_source(struct follow *follow);
struct apply_source follow_retry_source(struct follow *follow);
/* The file of such a campaign, without applying it; NULL on failure. Appends to text. */
struct campaign *follow_rollback_file(struct follow *follow, struct wg_buf *text,
                                      struct wg_error *err);
struct campaign *follow_retry_file(struct follow *follow, struct wg_buf *text,
                                   struct wg_error *err);

json_t *follow_json(const struct follow *follow,
                    const struct apply_signed *apply); /* new reference */

#endif
