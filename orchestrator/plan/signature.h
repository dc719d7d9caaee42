/* signature.h: is a release signed by somebody who may publish releases? */
#ifndef WG_ORCHESTRATOR_PLAN_SIGNATURE_H
#define WG_ORCHESTRATOR_PLAN_SIGNATURE_H

#include "orchestrator/plan/plan.h"

/* The authority of operators, PEM; crl may be NULL. */
struct signature_authority {
    const char *root, *crl;
};

/* Sets plan->rollback_signer to who signed the release that rollback_to names, or to "" with the
 * reason in plan->rollback_unsigned. Nothing to do without a rollback_to that exists. */
WG_MUST_CHECK bool signature_check(struct plan *plan, struct db *db,
                                   const struct signature_authority *authority,
                                   struct wg_error *err);

#endif
