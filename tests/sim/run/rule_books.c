/* rule_books.c: rule 3: what has ended stays, and the books are right. */
#include "orchestrator/campaign/campaign.h"
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"

#include <string.h>

static void check_ended(struct sim *sim, const struct mirror_change *change)
{
    const struct mirror_place *before = &change->before;
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[change->campaign];
    const struct mirror_place *now = &campaign->places[change->device];
    if (!before->there) return;
    bool same = before->state == now->state && before->cause == now->cause &&
                before->attempt == now->attempt && strcmp(before->order, now->order) == 0;
    if (wg_state_is_final(before->state) && !same)
        rule_broken(sim, 3, sim->setup.devices[change->device].id, campaign->name,
                    "had ended as %s %s and is %s %s", wg_state_text(before->state),
                    wg_cause_text(before->cause), wg_state_text(now->state),
                    wg_cause_text(now->cause));
    else if (before->attempt > 0 && before->wave != now->wave)
        rule_broken(sim, 3, sim->setup.devices[change->device].id, campaign->name,
                    "was moved to another wave after it was offered");
}

/* Rule 6: success is what the device does, not what the books say. */
static void check_success(struct sim *sim, const struct mirror_change *change)
{
    const struct mirror_campaign *campaign = &sim->mirror.campaigns[change->campaign];
    const struct mirror_place *place = &campaign->places[change->device];
    bool success = place->state == WG_SUCCEEDED || place->state == WG_SATISFIED;
    if (!place->there || !success || !campaign->file) return;
    if (!machine_has_run(&sim->machines[change->device], campaign->file->version))
        rule_broken(sim, 6, sim->setup.devices[change->device].id, campaign->name,
                    "is %s in %s and has never run %s for good", wg_state_text(place->state),
                    campaign->name, campaign->file->version);
}

static void check_wave(struct sim *sim, const struct mirror_campaign *campaign, size_t number)
{
    const struct mirror_wave *wave = &campaign->waves[number];
    int64_t count[WG_STATES][WG_CAUSES] = {{0}}, members = 0;
    wg_time last = 0;
    for (size_t d = 0; d < SETUP_DEVICES_MAX; d++) {
        const struct mirror_place *place = &campaign->places[d];
        if (!place->there || place->wave != number) continue;
        bool final = wg_state_is_final(place->state);
        members++;
        count[place->state][final ? place->cause : WG_CAUSE_NONE]++;
        if (place->state == WG_SUCCEEDED && place->state_at > last) last = place->state_at;
    }
    for (int state = 0; state < WG_STATES; state++)
        for (int cause = 0; cause < WG_CAUSES; cause++)
            if (count[state][cause] != wave->count[state][cause])
                rule_broken(sim, 3, NULL, campaign->name,
                            "wave %s of %s counts %lld %s %s, there "
                            "are %lld",
                            wave->name, campaign->name, (long long)wave->count[state][cause],
                            wg_state_text((enum wg_state)state),
                            wg_cause_text((enum wg_cause)cause), (long long)count[state][cause]);
    if (members != wave->members)
        rule_broken(sim, 3, NULL, campaign->name, "wave %s of %s has %lld members, there are %lld",
                    wave->name, campaign->name, (long long)wave->members, (long long)members);
    if (last != wave->last_finish)
        rule_broken(sim, 3, NULL, campaign->name,
                    "wave %s of %s had its last success %lld ms from what its places say",
                    wave->name, campaign->name, (long long)(wave->last_finish - last));
}

/* A device does one update at a time. */
static void check_one(struct sim *sim, size_t device)
{
    int held = 0;
    for (size_t c = 0; c < sim->mirror.campaign_count; c++) {
        const struct mirror_place *place = &sim->mirror.campaigns[c].places[device];
        held +=
            place->there && (wg_state_is_in_flight(place->state) || place->state == WG_DEFERRED);
    }
    if (held > 1)
        rule_broken(sim, 3, sim->setup.devices[device].id, NULL, "has %d updates in hand", held);
}

void rule_books(struct sim *sim)
{
    struct mirror *mirror = &sim->mirror;
    for (size_t i = 0; i < mirror->change_count; i++) {
        check_ended(sim, &mirror->change[i]);
        check_one(sim, mirror->change[i].device);
        check_success(sim, &mirror->change[i]);
    }
    for (size_t c = 0; c < mirror->campaign_count; c++) {
        const struct mirror_campaign *campaign = &mirror->campaigns[c];
        int64_t members = 0;
        for (size_t w = 0; w < campaign->wave_count; w++) {
            check_wave(sim, campaign, w);
            members += campaign->waves[w].members;
        }
        if (members != campaign->members)
            rule_broken(sim, 3, NULL, campaign->name, "%s has %lld members, its waves %lld",
                        campaign->name, (long long)campaign->members, (long long)members);
    }
}
