/* rule_gate.c: rule 2. Gates are judged again, from the places and from what people have truly
 * said. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"

#include <string.h>

/* Operators who have approved, each once, this revision, not too long ago. */
static int64_t approvals(const struct sim *sim, const struct mirror_campaign *campaign, int wave,
                         wg_duration expires, wg_time now)
{
    uint32_t operators = 0;
    int64_t count = 0;
    for (size_t i = 0; i < sim->rules.approval_count; i++) {
        const struct rule_approval *approval = &sim->rules.approvals[i];
        if (!approval->counts || approval->wave != wave ||
            strcmp(approval->campaign, campaign->name) != 0 ||
            approval->revision != campaign->revision ||
            (expires > 0 && approval->at + expires < now))
            continue;
        operators |= 1U << approval->operator_number;
    }
    for (; operators; operators &= operators - 1) count++;
    return count;
}

struct figures {
    int64_t members, finished, succeeded; /* that count */
    wg_time last;
};

static void figures_of(const struct mirror_campaign *campaign, size_t wave, struct figures *out)
{
    *out = (struct figures){0};
    for (size_t d = 0; d < SETUP_DEVICES_MAX; d++) {
        const struct mirror_place *place = &campaign->places[d];
        if (!place->there || place->wave != wave) continue;
        bool final = wg_state_is_final(place->state);
        bool fault = final && wg_cause_is_fault(place->cause);
        bool success = place->state == WG_SUCCEEDED;
        out->members += !final || fault || success;
        out->finished += fault || success;
        out->succeeded += success;
        if (success && place->state_at > out->last) out->last = place->state_at;
    }
}

static void check_passed(struct sim *sim, size_t index, size_t number)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[index];
    const struct mirror_wave *wave = &campaign->waves[number];
    const struct policy_gate *gate = &campaign->policy.gates[number];
    bool last = number + 1 == campaign->wave_count;
    bool forced = strcmp(wave->manual, "advance") == 0;
    struct figures figures;
    figures_of(campaign, number, &figures);
    if (figures.members == 0) return;
    int64_t given = approvals(sim, campaign, (int)number, gate->approval_expires, wave->state_at);
    if (!last && given < gate->approval_count)
        rule_broken(sim, 2, NULL, campaign->name,
                    "gate of %s wave %s passed with %lld of %lld "
                    "approvals",
                    campaign->name, wave->name, (long long)given, (long long)gate->approval_count);
    if (forced) return;
    int64_t needed = policy_amount_of(&gate->sample, figures.members);
    if (needed > figures.members) needed = figures.members;
    if (figures.finished < needed || figures.finished < 1)
        rule_broken(sim, 2, NULL, campaign->name,
                    "gate of %s wave %s passed with %lld of %lld "
                    "devices finished",
                    campaign->name, wave->name, (long long)figures.finished, (long long)needed);
    if (figures.succeeded * POLICY_PPM < gate->success_ppm * figures.finished)
        rule_broken(sim, 2, NULL, campaign->name, "gate of %s wave %s passed with %lld of %lld",
                    campaign->name, wave->name, (long long)figures.succeeded,
                    (long long)figures.finished);
    if (figures.last > 0 && wave->state_at < figures.last + gate->soak)
        rule_broken(sim, 2, NULL, campaign->name, "gate of %s wave %s passed before its soak ended",
                    campaign->name, wave->name);
    if (!last && (gate->hook.run[0] || gate->hook.url[0]) && !sim->rules.hook_passed[index][number])
        rule_broken(sim, 2, NULL, campaign->name,
                    "gate of %s wave %s passed, its hook did not say "
                    "so",
                    campaign->name, wave->name);
}

/* The first wave of those that run together with this one. */
size_t rule_leader(const struct mirror_campaign *campaign, size_t wave)
{
    while (wave > 0 && campaign->policy.overlap[wave]) wave--;
    return wave;
}

static void check_offered(struct sim *sim, const struct mirror_change *change)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[change->campaign];
    const struct mirror_place *place = &campaign->places[change->device];
    if (!rule_was_offered(change, place)) return;
    for (size_t w = 0; w < rule_leader(campaign, place->wave); w++)
        if (campaign->waves[w].state != WAVE_PASSED)
            rule_broken(sim, 2, sim->setup.devices[change->device].id, campaign->name,
                        "is offered in wave %s, and wave %s has not passed",
                        campaign->waves[place->wave].name, campaign->waves[w].name);
    if (campaign->waves[place->wave].state == WAVE_PENDING)
        rule_broken(sim, 2, sim->setup.devices[change->device].id, campaign->name,
                    "is offered in wave %s, which is not open", campaign->waves[place->wave].name);
}

static void check_start(struct sim *sim, size_t index)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[index];
    const struct policy_approvals *start = &campaign->policy.start;
    enum campaign_state before = sim->mirror.campaign_before[index];
    bool waited = before == CAMPAIGN_AWAITING_APPROVAL || before == CAMPAIGN_DRAFT;
    bool starts = campaign->state == CAMPAIGN_SCHEDULED || campaign->state == CAMPAIGN_RUNNING;
    if (!campaign->id || !waited || !starts || start->count == 0) return;
    int64_t given = approvals(sim, campaign, -1, start->expires, campaign->state_at);
    if (given < start->count)
        rule_broken(sim, 2, NULL, campaign->name, "%s started with %lld of %lld approvals",
                    campaign->name, (long long)given, (long long)start->count);
}

void rule_gate(struct sim *sim)
{
    struct mirror *mirror = &sim->mirror;
    for (size_t c = 0; c < mirror->campaign_count; c++) {
        check_start(sim, c);
        for (size_t w = 0; w < mirror->campaigns[c].wave_count; w++)
            if (mirror->campaigns[c].waves[w].state == WAVE_PASSED &&
                mirror->wave_before[c][w] != WAVE_PASSED)
                check_passed(sim, c, w);
    }
    for (size_t i = 0; i < mirror->change_count; i++) check_offered(sim, &mirror->change[i]);
}
