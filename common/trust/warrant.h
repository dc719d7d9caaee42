/* warrant.h: what entitles an order: the signed statements of people about its campaign. Judged by
 * the device itself, and by the signer before it signs, under the policy that the repository's
 * admins have signed. Pure; reads no clock: whether an approval has expired is the signer's to ask.
 */
#ifndef WG_COMMON_TRUST_WARRANT_H
#define WG_COMMON_TRUST_WARRANT_H

#include "common/trust/statement.h"
#include "common/trust/trust_policy.h"

#define WARRANT_STATEMENTS_MAX 16 /* in one warrant: the author's, approvals, permissions */

/* What is to be done, by an order whose signature holds. Borrowed. */
struct warrant_claim {
    const char *campaign, *digest;
    const char *rolls_back; /* the campaign whose devices this one sends back; "" none */
    const char *release;    /* COMPONENT/VERSION */
    const char *hardware_model;
    bool downgrade; /* the release's security version is lower than one that ran here */
};

/* What was found; filled also when it does not hold, as far as it was read. */
struct warrant_finding {
    char author[WG_NAME_MAX + 1];
    int64_t approvals, approvals_needed;
    int64_t permissions, permissions_needed; /* for a downgrade */
};

/* statements: an array of envelopes. All must be about one campaign: that of the claim, with its
 * digest and its release; or the one that the claim's campaign sends back, whose rollback_to is the
 * claim's release: who approves a campaign approves its way back. Exactly one is its author's; the
 * author's approval never counts, nor does a second one by the same person. What is signed by
 * nobody of the policy is passed over. WG_E_DENIED says what is lacking; WG_E_BAD_INPUT that it is
 * no warrant at all. */
WG_MUST_CHECK bool warrant_check(const json_t *statements, const struct trust_policy *policy,
                                 const struct warrant_claim *claim, struct warrant_finding *out,
                                 struct wg_error *err);

/* The person of the policy who has signed the envelope, with what it says; NULL: nobody, or it is
 * no statement. Without memory: NULL with WG_E_MEMORY. */
const struct trust_person *warrant_open(const json_t *envelope, const struct trust_policy *policy,
                                        struct statement *out, struct wg_error *err);

#endif
