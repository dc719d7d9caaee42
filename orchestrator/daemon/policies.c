/* policies.c: a small cache of campaigns by id and digest. */
#include "orchestrator/daemon/policies.h"

#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    int64_t campaign; /* 0: free */
    char digest[WG_SHA256_HEX];
    uint64_t used;
    struct policy policy;
    struct plan *plan; /* of a campaign with continuous membership, when it was asked for */
    wg_time looked_at, swept_at;
    bool closed;
    struct open_zones zones;
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

static void forget(struct entry *entry)
{
    if (entry->plan) plan_clear(entry->plan);
    free(entry->plan);
    free(entry->zones.text);
    memset(entry, 0, sizeof *entry);
}

void policies_free(struct policies *policies)
{
    for (size_t i = 0; policies && i < POLICIES_MAX; i++) forget(&policies->entries[i]);
    free(policies);
}

void policies_forget(struct policies *policies, int64_t campaign)
{
    for (size_t i = 0; i < POLICIES_MAX; i++)
        if (policies->entries[i].campaign == campaign) {
            forget(&policies->entries[i]);
            return;
        }
}

static struct entry *entry_for(struct policies *policies, int64_t campaign)
{
    struct entry *oldest = &policies->entries[0];
    for (size_t i = 0; i < POLICIES_MAX; i++) {
        struct entry *entry = &policies->entries[i];
        if (entry->campaign == campaign) return entry;
        if (entry->used < oldest->used) oldest = entry;
    }
    forget(oldest);
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

static struct entry *entry_get(struct policies *policies, struct db *db, int64_t campaign,
                               const char *digest, struct wg_error *err)
{
    struct entry *entry = entry_for(policies, campaign);
    if (digest && strcmp(entry->digest, digest) != 0) forget(entry);
    if (!entry->campaign) {
        if (!read_policy(db, campaign, &entry->policy, err)) return NULL;
        entry->campaign = campaign;
        (void)wg_copy(entry->digest, sizeof entry->digest, digest ? digest : "");
    }
    entry->used = ++policies->clock;
    return entry;
}

const struct policy *policies_get(struct policies *policies, struct db *db, int64_t campaign,
                                  const char *digest, struct wg_error *err)
{
    const struct entry *entry = entry_get(policies, db, campaign, digest, err);
    return entry ? &entry->policy : NULL;
}

void policies_terms(const struct policy *policy, const char *site_zone, struct wg_order *order)
{
    order->timeout_download = policy->timeout.download;
    order->timeout_install = policy->timeout.install;
    order->timeout_probation = policy->timeout.probation;
    order->windows = policy->window;
    if (policy->emergency.length > 0) order->windows.count = 0;
    /* a device cannot know what the registry says of its site */
    if (policy->window.kind == WG_WINDOW_SITE)
        (void)wg_copy(order->windows.zone, sizeof order->windows.zone, site_zone);
}

struct open_zones *policies_zones(struct policies *policies, struct db *db, int64_t campaign,
                                  const char *digest, struct wg_error *err)
{
    struct entry *entry = entry_get(policies, db, campaign, digest, err);
    return entry ? &entry->zones : NULL;
}

static bool make_plan(struct entry *entry, struct db *db, struct wg_error *err)
{
    struct campaign *campaign = standing_campaign(db, entry->campaign, err);
    struct plan *plan = campaign ? calloc(1, sizeof *plan) : NULL;
    if (!plan) {
        campaign_free(campaign);
        return campaign ? wg_fail_memory(err, "compiling a campaign") : false;
    }
    entry->plan = plan;
    return plan_prepare(plan, db, campaign, entry->campaign, 0, err);
}

bool policies_joining(struct policies *policies, struct db *db, int64_t campaign,
                      const char *digest, struct joining *out, struct wg_error *err)
{
    struct entry *entry = entry_get(policies, db, campaign, digest, err);
    if (!entry) return false;
    if (!entry->plan && !make_plan(entry, db, err)) {
        forget(entry);
        return false;
    }
    *out =
        (struct joining){&entry->plan->query, &entry->looked_at, &entry->swept_at, &entry->closed};
    return true;
}
