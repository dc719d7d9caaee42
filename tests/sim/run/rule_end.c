/* rule_end.c: rule 5: nothing waits for ever. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"

void rules_end(struct sim *sim)
{
    for (size_t c = 0; c < sim->mirror.campaign_count; c++) {
        const struct mirror_campaign *campaign = &sim->mirror.campaigns[c];
        if (!campaign_state_is_final(campaign->state))
            rule_broken(sim, 5, NULL, campaign->name, "%s never ends: it is %s, %s", campaign->name,
                        campaign_state_text(campaign->state), campaign->cause);
        for (size_t d = 0; d < sim->setup.device_count; d++) {
            const struct mirror_place *place = &campaign->places[d];
            if (place->there && !wg_state_is_final(place->state))
                rule_broken(sim, 5, sim->setup.devices[d].id, campaign->name,
                            "is left %s in %s, which is %s", wg_state_text(place->state),
                            campaign->name, campaign_state_text(campaign->state));
        }
    }
    for (size_t d = 0; d < sim->setup.device_count; d++)
        if (!machine_is_idle(&sim->machines[d]))
            rule_broken(sim, 5, sim->setup.devices[d].id, NULL, "is left %s with %zu reports",
                        core_phase_text(sim->machines[d].phase),
                        sim->machines[d].core ? core_pending(sim->machines[d].core) : 0);
    rule_lost(sim);
}
