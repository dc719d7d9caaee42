/* plan_policy.h: what a campaign's file says of pace, windows, gates and times, in words. */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_POLICY_H
#define WG_ORCHESTRATOR_CLI_PLAN_POLICY_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/cli/screen.h"

/* "99% succeed, soak 1d, 2 approvals of rollout-admin, hook check"; for the last wave without
 * approvals, which are not asked there. */
void plan_gate_text(struct screen *screen, const struct policy *policy, size_t wave);
/* A line each: approvals, emergency, schedule, window, pace, what it supersedes. */
void plan_policy_text(struct screen *screen, const struct campaign *campaign);

#endif
