/* erasure.h: may a device be told to destroy its keys? By the signed statements of people about
 * that very device, under the policy that the repository's admins have signed. Judged by the device
 * itself, and by the signer before it signs. Pure; reads no clock. */
#ifndef WG_COMMON_TRUST_ERASURE_H
#define WG_COMMON_TRUST_ERASURE_H

#include "common/trust/statement.h"
#include "common/trust/trust_policy.h"

/* Of what is to be done. Borrowed. */
struct erasure_claim {
    const char *device;
    wg_time
        after; /* statements of then, or of earlier, do not count: they were obeyed, or are old */
};

struct erasure_finding {
    int64_t given, needed; /* distinct people, by the policy's "erase" */
    wg_time latest;        /* of the statements that count; 0: none does */
};

/* statements: an array of envelopes. What is signed by nobody of the policy, says something else or
 * is about another device is passed over. out is filled also when it does not hold. WG_E_DENIED
 * says what is lacking; WG_E_BAD_INPUT that it is no such list. */
WG_MUST_CHECK bool erasure_check(const json_t *statements, const struct trust_policy *policy,
                                 const struct erasure_claim *claim, struct erasure_finding *out,
                                 struct wg_error *err);

#endif
