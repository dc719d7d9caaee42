/* plan_quorum.h: whether the repository's policy will want more approvals than the campaign asks
 * for: then the signer signs no order, and no device would take one, until there are more. */
#ifndef WG_ORCHESTRATOR_STEERING_PLAN_QUORUM_H
#define WG_ORCHESTRATOR_STEERING_PLAN_QUORUM_H

#include "common/json.h"
#include "common/trust/trust_policy.h"
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/store/plan_row.h"

struct plan_lack {
    char hardware[WG_NAME_MAX + 1]; /* a model among the members */
    bool has_class;                 /* false: no class of the policy has it, so nobody updates it */
    char role[WG_NAME_MAX + 1];
    int64_t wanted, asked; /* approvals of that role, before the first order */
};

struct plan_quorum {
    bool is_known;                   /* a repository is configured */
    char problem[WG_ERROR_TEXT_MAX]; /* it could not be read; "" it was */
    struct plan_lack *lacks;         /* owned; of each model that lacks something */
    size_t lack_count;
};

/* folder: of the repository; "" none. What it says is read with its signatures checked; a problem
 * with that is told in the plan. False for want of memory. */
WG_MUST_CHECK bool plan_quorum_init(struct plan_quorum *quorum, const char *folder,
                                    const struct campaign *campaign,
                                    const struct plan_share *shares, size_t share_count,
                                    struct wg_error *err);
void plan_quorum_clear(struct plan_quorum *quorum);
/* Of one model; true when something is lacking. Pure. */
bool plan_quorum_lacks(const struct trust_policy *policy, const struct policy *campaign,
                       const char *hardware, struct plan_lack *out);
json_t *plan_quorum_json(const struct plan_quorum *quorum); /* null: nothing is known */

#endif
