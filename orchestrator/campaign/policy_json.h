/* policy_json.h: the policy of a campaign as its canonical JSON has it: every default written out;
 * what most campaigns do not have is left out when there is none. Pure. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_POLICY_JSON_H
#define WG_ORCHESTRATOR_CAMPAIGN_POLICY_JSON_H

#include "orchestrator/engine/policy.h"

#include <jansson.h>

/* New references; NULL: out of memory. */
json_t *policy_gate_json(const struct policy_gate *gate);
json_t *policy_budget_json(const struct policy_budget *budget);
/* pace, budget, retry, timeout; window, schedule, approvals, emergency. Not the gates, which stand
 * in the waves. */
json_t *policy_json(const struct policy *policy);
json_t *policy_percent_json(int64_t ppm, const char *before); /* 125000 as before and "12.5%" */

#endif
