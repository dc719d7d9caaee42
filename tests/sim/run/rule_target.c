/* rule_target.c: rule 4, for what the database says: who is a member, who is offered, and when. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/wall.h"

#include <string.h>

#include "orchestrator/campaign/campaign.h"

static bool has_place(const struct sim *sim, const char *campaign, size_t device)
{
    for (size_t c = 0; c < sim->mirror.campaign_count; c++)
        if (strcmp(sim->mirror.campaigns[c].name, campaign) == 0)
            return sim->mirror.campaigns[c].places[device].there;
    return false;
}

static void check_member(struct sim *sim, const struct mirror_campaign *campaign, size_t device)
{
    const struct setup_device *setup = &sim->setup.devices[device];
    if (campaign->setup && !setup_matches(campaign->setup, setup))
        rule_broken(sim, 4, setup->id, campaign->name, "is a member of %s and not in its target",
                    campaign->name);
    for (size_t i = 0; i < campaign->file->excludes.count; i++)
        if (has_place(sim, campaign->file->excludes.items[i], device))
            rule_broken(sim, 4, setup->id, campaign->name, "is a member of %s, and %s is excluded",
                        campaign->name, campaign->file->excludes.items[i]);
}

static void check_offered(struct sim *sim, const struct mirror_campaign *campaign, size_t number)
{
    const struct mirror_place *place = &campaign->places[number];
    const struct mirror_device *device = &sim->mirror.devices[number];
    const struct policy *policy = &campaign->policy;
    const char *id = sim->setup.devices[number].id;
    char wall[WALL_TEXT];
    bool emergency = policy->emergency.length > 0;
    if (device->revoked_at && place->state_at > device->revoked_at)
        rule_broken(sim, 4, id, campaign->name, "is offered an update and is revoked");
    if (!emergency && policy->window.kind != WG_WINDOW_SITE &&
        !wall_is_open(&policy->window, device->zone, place->state_at)) {
        wall_text(policy->window.kind == WG_WINDOW_DEVICE ? device->zone : policy->window.zone,
                  place->state_at, wall);
        rule_broken(sim, 4, id, campaign->name, "is offered an update outside the window, at %s",
                    wall);
    }
    if (policy->schedule.end && policy->schedule.end < place->state_at)
        rule_broken(sim, 4, id, campaign->name, "is offered an update after the schedule's end");
    if (emergency && place->state_at > campaign->started_at + policy->emergency.length)
        rule_broken(sim, 4, id, campaign->name, "is offered an update after the emergency");
}

/* Nobody is offered anything before the campaigns before it have finished. */
static void check_after(struct sim *sim, const struct mirror_campaign *campaign, size_t number)
{
    for (size_t i = 0; i < campaign->file->after.count; i++) {
        const char *name = campaign->file->after.items[i];
        const struct mirror_campaign *other = mirror_campaign(&sim->mirror, name);
        if (other && other->state != CAMPAIGN_FINISHED)
            rule_broken(sim, 4, sim->setup.devices[number].id, campaign->name,
                        "is offered %s, and %s has not finished", campaign->name, name);
    }
}

/* A start that a revision moves is no start any more. */
static void check_start(struct sim *sim, size_t index)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[index];
    enum campaign_state before = sim->mirror.campaign_before[index];
    bool waited = before == CAMPAIGN_SCHEDULED || before == CAMPAIGN_AWAITING_APPROVAL;
    if (waited && campaign->state == CAMPAIGN_RUNNING &&
        campaign->policy.schedule.start > campaign->state_at)
        rule_broken(sim, 4, NULL, campaign->name, "%s starts before its time", campaign->name);
}

void rule_target(struct sim *sim)
{
    for (size_t c = 0; c < sim->mirror.campaign_count; c++) check_start(sim, c);
    for (size_t i = 0; i < sim->mirror.change_count; i++) {
        const struct mirror_change *change = &sim->mirror.change[i];
        const struct mirror_campaign *campaign = &sim->mirror.campaigns[change->campaign];
        const struct mirror_place *place = &campaign->places[change->device];
        if (!campaign->file || !place->there) continue;
        if (!change->before.there) check_member(sim, campaign, change->device);
        if (!rule_was_offered(change, place)) continue;
        check_offered(sim, campaign, change->device);
        check_after(sim, campaign, change->device);
    }
}
