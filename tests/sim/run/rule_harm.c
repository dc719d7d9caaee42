/* rule_harm.c: rule 1. What may be exceeded because a person has lowered it is looked at only when
 * it grows. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"

#include <string.h>

#define HOLD_GRACE (20 * WG_SECOND)

static bool is_fault(const struct mirror_place *place)
{
    return place->there && wg_state_is_final(place->state) && wg_cause_is_fault(place->cause);
}

static void recount(struct mirror_campaign *campaign, int64_t *in_flight, int64_t *faults,
                    int64_t *succeeded)
{
    *in_flight = *faults = *succeeded = 0;
    for (size_t d = 0; d < SETUP_DEVICES_MAX; d++) {
        const struct mirror_place *place = &campaign->places[d];
        if (!place->there) continue;
        *in_flight += wg_state_is_in_flight(place->state);
        *faults += is_fault(place);
        *succeeded += place->state == WG_SUCCEEDED;
    }
}

static void check_counts(struct sim *sim, struct mirror_campaign *campaign, int64_t in_flight,
                         int64_t faults)
{
    const struct policy *policy = &campaign->policy;
    int64_t tolerated = policy_budget_tolerates(&policy->budget, campaign->members);
    int64_t harm = in_flight + faults, most = tolerated + policy->in_flight;
    if (in_flight > policy->in_flight && in_flight > campaign->in_flight)
        rule_broken(sim, 1, NULL, campaign->name, "%s has %lld updates in flight, %lld allowed",
                    campaign->name, (long long)in_flight, (long long)policy->in_flight);
    if (harm > most && harm > campaign->harm)
        rule_broken(sim, 1, NULL, campaign->name,
                    "%s: %lld faults and %lld in flight, %lld tolerated and %lld allowed",
                    campaign->name, (long long)faults, (long long)in_flight, (long long)tolerated,
                    (long long)policy->in_flight);
    campaign->in_flight = in_flight;
    campaign->faults = faults;
    campaign->harm = harm;
}

static void check_rate(struct sim *sim, size_t index, int64_t offered, wg_time at,
                       int64_t succeeded)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[index];
    struct rule_offer *offers = sim->rules.offers[index];
    size_t *count = &sim->rules.offer_count[index], kept = 0;
    int64_t most = policy_rate_of(&campaign->policy.rate, succeeded), sum = offered;
    if (offered == 0 || most < 0) return;
    for (size_t i = 0; i < *count; i++)
        if (offers[i].at > at - WG_MINUTE) {
            sum += offers[i].devices;
            offers[kept++] = offers[i];
        }
    *count = kept;
    if (*count < RULE_OFFERS_MAX) offers[(*count)++] = (struct rule_offer){at, offered};
    if (sum > most)
        rule_broken(sim, 1, NULL, campaign->name,
                    "%s offered to %lld devices in a minute, not %lld", campaign->name,
                    (long long)sum, (long long)most);
}

/* Of that site, in any campaign: in hand, or silent and unheard since. */
int64_t rule_of_site(const struct sim *sim, const char *site)
{
    int64_t count = 0;
    for (size_t d = 0; d < sim->setup.device_count; d++) {
        bool held = false;
        if (strcmp(sim->setup.devices[d].site, site) != 0) continue;
        for (size_t c = 0; c < sim->mirror.campaign_count; c++) {
            const struct mirror_place *place = &sim->mirror.campaigns[c].places[d];
            bool unheard =
                place->state == WG_SILENT && sim->mirror.devices[d].settled_at <= place->state_at;
            held = held || (place->there && (wg_state_is_in_flight(place->state) || unheard));
        }
        count += held;
    }
    return count;
}

static int64_t per_site(const struct mirror_campaign *campaign)
{
    for (size_t i = 0; i < campaign->policy.per_count; i++)
        if (strcmp(campaign->policy.per[i].attribute, "site") == 0)
            return campaign->policy.per[i].most;
    return 0;
}

static void check_sites(struct sim *sim)
{
    for (size_t i = 0; i < sim->mirror.change_count; i++) {
        const struct mirror_change *change = &sim->mirror.change[i];
        const struct mirror_campaign *campaign = &sim->mirror.campaigns[change->campaign];
        const struct setup_device *device = &sim->setup.devices[change->device];
        int64_t most = per_site(campaign);
        if (most == 0 || !rule_was_offered(change, &campaign->places[change->device])) continue;
        int64_t held = rule_of_site(sim, device->site);
        if (held > most)
            rule_broken(sim, 1, device->id, campaign->name,
                        "%lld devices of site %s have an update in hand, %lld allowed",
                        (long long)held, device->site, (long long)most);
    }
}

/* Who is held does not switch over. A report may be on its way into the database as the hold comes.
 */
static void check_held(struct sim *sim, const struct mirror_change *change)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[change->campaign];
    const struct mirror_place *place = &campaign->places[change->device];
    bool switches = place->state == WG_REBOOTING && change->before.state != WG_REBOOTING;
    if (switches && campaign->held && campaign->state_at + HOLD_GRACE < sim->now)
        rule_broken(sim, 1, sim->setup.devices[change->device].id, campaign->name,
                    "may switch over, and %s is held", campaign->name);
}

void rule_harm(struct sim *sim)
{
    struct mirror *mirror = &sim->mirror;
    for (size_t c = 0; c < mirror->campaign_count; c++) {
        struct mirror_campaign *campaign = &mirror->campaigns[c];
        int64_t in_flight, faults, succeeded, offered = 0;
        wg_time at = 0;
        for (size_t i = 0; i < mirror->change_count; i++) {
            const struct mirror_change *change = &mirror->change[i];
            const struct mirror_place *place = &campaign->places[change->device];
            if (change->campaign != c || !rule_was_offered(change, place)) continue;
            offered++;
            at = place->state_at;
        }
        recount(campaign, &in_flight, &faults, &succeeded);
        check_counts(sim, campaign, in_flight, faults);
        check_rate(sim, c, offered, at, succeeded);
    }
    check_sites(sim);
    for (size_t i = 0; i < mirror->change_count; i++) check_held(sim, &mirror->change[i]);
}

/* What the devices truly do: whoever is past the point of no return has a place that says so. */
static void check_exposed(struct sim *sim, const struct machine *machine)
{
    const char *device = machine->setup->id;
    const struct mirror_campaign *campaign = mirror_campaign(&sim->mirror, machine->order.campaign);
    const struct mirror_place *place = campaign ? &campaign->places[machine->index] : NULL;
    if (!place || !place->there) {
        rule_broken(sim, 1, device, machine->order.campaign, "switches over for nobody");
        return;
    }
    bool ours = strcmp(place->order, machine->order.id) == 0;
    bool counted =
        place->state == WG_REBOOTING || place->state == WG_PROBATION || place->state == WG_SILENT;
    if (!ours || !counted)
        rule_broken(sim, 1, device, campaign->name,
                    "has switched over (%s), but its place is %s%s: harm that nobody counts",
                    core_phase_text(machine->phase), wg_state_text(place->state),
                    ours ? "" : " by another order");
}

static void check_site(struct sim *sim, const struct machine *machine)
{
    const char *site = machine->setup->site;
    int64_t exposed = 0;
    for (size_t i = 0; i < sim->setup.device_count; i++)
        exposed += machine_is_exposed(&sim->machines[i]) &&
                   strcmp(sim->machines[i].setup->site, site) == 0;
    if (exposed > sim->setup.per_site)
        rule_broken(sim, 1, machine->setup->id, machine->order.campaign,
                    "%lld devices of site %s have switched over at once, %lld allowed",
                    (long long)exposed, site, (long long)sim->setup.per_site);
}

void rule_harm_true(struct sim *sim)
{
    for (size_t i = 0; i < sim->setup.device_count; i++) {
        const struct machine *machine = &sim->machines[i];
        if (!machine_is_exposed(machine)) continue;
        check_exposed(sim, machine);
        if (sim->setup.per_site > 0) check_site(sim, machine);
    }
}
