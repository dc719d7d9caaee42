/* signing.h: who puts their name below a statement, and how: by a key on this machine, or with a
 * statement that was signed elsewhere. */
#ifndef WG_ORCHESTRATOR_STEERING_SIGNING_H
#define WG_ORCHESTRATOR_STEERING_SIGNING_H

#include "orchestrator/campaign/approval.h"

struct signing {                         /* borrowed */
    const struct operator_identity *who; /* checked already */
    /* Appends the envelope, canonical JSON, of a statement that says just that, by that operator.
     * say: all but the operator's name and the time is filled in. */
    bool (*sign)(void *ctx, const struct statement *say, struct wg_buf *out, struct wg_error *err);
    void *ctx;
};

#endif
