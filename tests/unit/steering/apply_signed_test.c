/* apply_signed_test.c: what an applied campaign waits for, in words. */
#include "orchestrator/engine/engine.h"
#include "orchestrator/steering/apply_signed.h"
#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

static void expect(const struct campaign *campaign, enum campaign_state state, const char *text)
{
    char words[APPLY_NEXT_TEXT];
    apply_next_words(campaign, campaign_state_text(state), words);
    ASSERT_TEXT(words, text);
}

static void every_state_says_what_is_next(void)
{
    struct campaign *campaign = calloc(1, sizeof *campaign);
    CU_ASSERT_PTR_NOT_NULL(campaign);
    if (!campaign) return;
    (void)wg_copy(campaign->name, sizeof campaign->name, "brakes");
    expect(campaign, CAMPAIGN_DRAFT, "wavegate campaign start brakes");
    expect(campaign, CAMPAIGN_RUNNING, "wavegate campaign status brakes --watch");
    expect(campaign, CAMPAIGN_SCHEDULED, "wavegate campaign status brakes --watch");
    campaign->policy.schedule.start = (wg_time)20000 * WG_DAY;
    expect(campaign, CAMPAIGN_SCHEDULED,
           "It starts at 2024-10-04T00:00:00.000Z. wavegate campaign status brakes");
    campaign->policy.start = (struct policy_approvals){"rollout-admin", 1, 0};
    expect(campaign, CAMPAIGN_AWAITING_APPROVAL,
           "It waits for 1 approval by rollout-admin: wavegate campaign approve brakes");
    campaign->policy.start.count = 2;
    /* a revision takes back what was given */
    expect(campaign, CAMPAIGN_SCHEDULED,
           "It waits for 2 approvals by rollout-admin: wavegate campaign approve brakes");
    expect(campaign, CAMPAIGN_RUNNING,
           "It waits for 2 approvals by rollout-admin: wavegate campaign approve brakes");
    expect(campaign, CAMPAIGN_DRAFT, "wavegate campaign start brakes");
    free(campaign);
}

WG_SUITE("applying, signed", {"every state says what is next", every_state_says_what_is_next})
