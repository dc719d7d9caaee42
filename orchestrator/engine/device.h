/* device.h: what a report does to a device's place in a campaign. Pure. */
#ifndef WG_ORCHESTRATOR_ENGINE_DEVICE_H
#define WG_ORCHESTRATOR_ENGINE_DEVICE_H

#include "common/message.h"
#include "orchestrator/engine/policy.h"

struct device_place {
    enum wg_state state;
    enum wg_cause cause;
    int64_t attempt;             /* 0: none yet */
    char order[WG_ORDER_ID_MAX]; /* of the attempt in hand; "" none */
};

enum device_verdict {
    DEVICE_MOVES,   /* to state, cause */
    DEVICE_RETRIES, /* to waiting, attempt stays as it was used up; not before retry_at */
    DEVICE_REMARK   /* nothing moves; the report is kept as a remark */
};

struct device_change {
    enum device_verdict verdict;
    enum wg_state state;
    enum wg_cause cause;
    wg_time retry_at;   /* for DEVICE_RETRIES */
    const char *remark; /* static text: "duplicate", "late: already finished", "other order", ... */
};

/* A report about an order that is not the one in hand is a remark, with one exception: the device
 * accepted the last order after its slot was given back (state waiting, same order id): it moves,
 * unless it had said itself that this attempt ended. place->attempt is counted when it is offered.
 */
void device_decide(const struct policy_retry *retry, const struct device_place *place,
                   const struct wg_report *report, wg_time now, struct device_change *out);

/* The same for a time-out that the engine ordered (ENGINE_EXPIRE). */
void device_expire(const struct policy_retry *retry, const struct device_place *place,
                   enum wg_state to, enum wg_cause cause, wg_time now, struct device_change *out);

#endif
