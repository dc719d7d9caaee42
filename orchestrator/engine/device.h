/* device.h: what a report does to a device's place in a campaign. Pure. */
#ifndef WG_ORCHESTRATOR_ENGINE_DEVICE_H
#define WG_ORCHESTRATOR_ENGINE_DEVICE_H

#include "common/message.h"
#include "orchestrator/engine/policy.h"

struct device_place {
    int64_t asked; /* number of the report by which it asked to switch over; 0: it is not known */
    enum wg_state state;
    enum wg_cause cause;
    int64_t attempt;             /* number of the last order; 0: none yet */
    int64_t spent;               /* attempts spent by faults */
    char order[WG_ORDER_ID_MAX]; /* of the attempt in hand; "" none */
    bool held;                   /* its campaign lets nobody switch over now */
    bool recalled;               /* the orchestrator has asked for this order back */
};

enum device_verdict {
    DEVICE_MOVES,   /* to state, cause */
    DEVICE_RETRIES, /* to waiting with cause; not before retry_at. Causes offline and deferred: the
                       same order may be offered again, the attempt has not ended */
    DEVICE_READY,   /* it asked to switch over and has to wait for the word: state installing */
    DEVICE_REMARK   /* nothing moves; the report is kept as a remark */
};

struct device_change {
    enum device_verdict verdict;
    enum wg_state state;
    enum wg_cause cause;
    wg_time retry_at;   /* for DEVICE_RETRIES */
    bool spends;        /* an attempt */
    const char *remark; /* static text: "duplicate", "late: already finished", "other order", ...;
                           of a move: NULL, or what the report could not do */
};

/* A report about an order that is not the one in hand is a remark. A waiting device holds no slot,
 * so no report of its last order makes it go on: refused and incompatible end it, a fault spends an
 * attempt and sets the back-off, withdrawn ends the attempt (cause shed), all else is a remark; the
 * order is offered again, and then the device repeats how far it is. A device switches over (state
 * rebooting) only with the word that it may, so from then on its place is in hand until it ends, or
 * says, after it asked, that it puts the update off all the same (its window closed). A device that
 * gave an order up that was not recalled (another one replaced it) waits again, with cause shed and
 * its attempt not spent. One that puts the update off and says for how long is asked again then,
 * and not after the policy's back-off. What a device said of its work before it asked moves nothing
 * once it has asked. */
void device_decide(const struct policy_retry *retry, const struct device_place *place,
                   const struct wg_report *report, wg_time now, struct device_change *out);

/* The same for a time-out that the engine ordered (ENGINE_EXPIRE). */
void device_expire(const struct policy_retry *retry, const struct device_place *place,
                   enum wg_state to, enum wg_cause cause, wg_time now, struct device_change *out);

#endif
