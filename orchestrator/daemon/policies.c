/* policies.c: a small cache of campaign policies by campaign id. */
#include "orchestrator/daemon/policies.h"

#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    int64_t campaign; /* 0: free */
    uint64_t used;
    struct policy policy;
};

struct policies {
    uint64_t clock;
    struct entry entries[POLICIES_MAX];
};

struct policies *policies_new(struct wg_error *err)
{
    struct policies *policies = calloc(1, sizeof *policies);
    if (!policies) (void)wg_fail_memory(err, "making room for policies");
    return policies;
}

void policies_free(struct policies *policies)
{
    free(policies);
}

static struct entry *entry_for(struct policies *policies, int64_t campaign)
{
    struct entry *oldest = &policies->entries[0];
    for (size_t i = 0; i < POLICIES_MAX; i++) {
        struct entry *entry = &policies->entries[i];
        if (entry->campaign == campaign) return entry;
        if (entry->used < oldest->used) oldest = entry;
    }
    oldest->campaign = 0;
    return oldest;
}

static bool read_policy(struct db *db, int64_t id, struct policy *out, struct wg_error *err)
{
    struct campaign *campaign = standing_campaign(db, id, err);
    if (!campaign) return false;
    *out = campaign->policy;
    campaign_free(campaign);
    return true;
}

const struct policy *policies_get(struct policies *policies, struct db *db, int64_t campaign,
                                  struct wg_error *err)
{
    struct entry *entry = entry_for(policies, campaign);
    if (!entry->campaign) {
        if (!read_policy(db, campaign, &entry->policy, err)) return NULL;
        entry->campaign = campaign;
    }
    entry->used = ++policies->clock;
    return &entry->policy;
}
