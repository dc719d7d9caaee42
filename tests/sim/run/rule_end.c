/* rule_end.c: rule 5: nothing waits for ever, and who waits is told why, truly. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"

#include "orchestrator/status/explanation.h"
#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

#define ASKED_MOST 8 /* devices whose explanation is asked for in one look */
#define QUIET (2 * WG_HOUR)

struct question {
    struct device_row device;
    struct device_holder_row holder;
    struct engine_view view;
    struct explanation answer;
};

static bool ask(struct sim *sim, const struct mirror_campaign *campaign, const char *device,
                struct question *out, struct wg_error *err)
{
    struct db *db = sim->operators.db;
    struct device_place_row *places = NULL;
    size_t count = 0;
    bool ok = device_row_get(db, device, &out->device, err) &&
              device_row_places(db, device, &places, &count, err) &&
              device_row_holder(db, device, campaign->name, sim->now, &out->holder, err) &&
              campaign_row_get(db, campaign->name, sim->operators.row, err) &&
              standing_view(sim->operators.row, &campaign->policy, sim->now, &out->view, err);
    for (size_t i = 0; ok && i < count; i++) {
        const struct explanation_facts facts = {.device = &out->device,
                                                .place = &places[i],
                                                .holder = &out->holder,
                                                .policy = &campaign->policy,
                                                .view = &out->view,
                                                .now = sim->now};
        if (strcmp(places[i].campaign, campaign->name) == 0) explanation_of(&facts, &out->answer);
    }
    free(places);
    return ok;
}

/* Does what it says fit what is? */
static void judge(struct sim *sim, const struct mirror_campaign *campaign, size_t number,
                  const struct explanation *answer)
{
    const struct machine *machine = &sim->machines[number];
    const char *device = machine->setup->id;
    bool long_quiet = sim->now - sim->moved_at > QUIET;
    bool long_online = machine->connected && sim->now - machine->online_at > QUIET;
    if (!answer->text[0]) {
        rule_broken(sim, 5, device, campaign->name, "there is no explanation for it");
        return;
    }
    if (answer->code == EXPLAINED_NEXT && long_quiet && long_online)
        rule_broken(sim, 5, device, campaign->name,
                    "is said to be next, and nothing has moved for hours: %s", answer->text);
    if (answer->code == EXPLAINED_OFFLINE && long_online)
        rule_broken(sim, 5, device, campaign->name,
                    "is said to be offline, and has been online for hours: %s", answer->text);
}

void rule_reasons(struct sim *sim)
{
    struct question *question = calloc(1, sizeof *question);
    int asked = 0;
    if (!question || !sim->operators.db || !db_is_up(sim->operators.db)) {
        free(question);
        return;
    }
    for (size_t c = 0; c < sim->mirror.campaign_count; c++)
        for (size_t d = 0; d < sim->setup.device_count && asked < ASKED_MOST; d++) {
            const struct mirror_campaign *campaign = &sim->mirror.campaigns[c];
            const struct mirror_place *place = &campaign->places[d];
            struct wg_error err = {0};
            if (!place->there || wg_state_is_final(place->state)) continue;
            asked++;
            if (ask(sim, campaign, sim->setup.devices[d].id, question, &err))
                judge(sim, campaign, d, &question->answer);
        }
    free(question);
}

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
