/* caretaker.c: what a person does about campaigns that wait for a person, when nothing goes wrong
 * any more. Whoever still waits after that waits for ever. */
#include "tests/sim/run/command.h"
#include "tests/sim/run/sim.h"

#include <string.h>

#define CARE_EVERY (4 * WG_HOUR)
#define RESUMES 2        /* before it is aborted */
#define PATIENT_LOOKS 36 /* then a gate that holds is advanced */
#define WEARY_LOOKS 72   /* then whatever runs is aborted */
#define CONTINUOUS_LOOKS 18

static void command(struct sim *sim, enum setup_verb verb, const char *campaign, size_t number,
                    int wave)
{
    struct wg_error err = {0};
    bool ok = operators_do(&sim->operators, verb, campaign, NULL, number, wave, &err);
    if (err.code == WG_E_CONFLICT && verb == SETUP_APPROVE) return;
    sim_tell(sim, "caretaker", "%s %s wave %d: %.200s", setup_verb_text(verb), campaign, wave,
             ok ? "done" : err.text);
}

static void approve(struct sim *sim, const struct mirror_campaign *campaign, int wave)
{
    for (size_t who = 1; who < 3; who++) command(sim, SETUP_APPROVE, campaign->name, who, wave);
}

static void care_for_waves(struct sim *sim, const struct mirror_campaign *campaign, int cares)
{
    for (size_t w = 0; w < campaign->wave_count; w++) {
        const struct mirror_wave *wave = &campaign->waves[w];
        bool open =
            wave->state == WAVE_OPEN || wave->state == WAVE_SOAKING || wave->state == WAVE_AT_GATE;
        if (!open) continue;
        if (campaign->policy.gates[w].approval_count > 0) approve(sim, campaign, (int)w);
        if (strcmp(wave->manual, "hold") == 0 || cares > PATIENT_LOOKS)
            command(sim, SETUP_ADVANCE, campaign->name, 1, (int)w);
    }
}

static void care_for(struct sim *sim, const struct mirror_campaign *campaign, int cares)
{
    if (campaign_state_is_final(campaign->state) || campaign->state == CAMPAIGN_STOPPING) return;
    if (campaign->state == CAMPAIGN_AWAITING_APPROVAL) approve(sim, campaign, -1);
    if (campaign->state == CAMPAIGN_PAUSED && cares <= RESUMES)
        command(sim, SETUP_RESUME, campaign->name, 1, 0);
    if (campaign->state == CAMPAIGN_RUNNING) care_for_waves(sim, campaign, cares);
    if ((campaign->state == CAMPAIGN_PAUSED && cares > RESUMES) || cares > WEARY_LOOKS ||
        (campaign->policy.continuous && cares > CONTINUOUS_LOOKS))
        command(sim, SETUP_ABORT, campaign->name, 1, 0);
}

static void care(void *world, const struct event *event)
{
    struct sim *sim = world;
    int cares = ++sim->operators.cares;
    (void)event;
    rule_reasons(sim);
    for (size_t c = 0; c < sim->mirror.campaign_count && sim_goes_on(sim); c++)
        care_for(sim, &sim->mirror.campaigns[c], cares);
    agenda_add(&sim->agenda, &(struct event){.at = sim->now + CARE_EVERY, .run = care});
}

void operators_care(struct operators *operators)
{
    struct sim *sim = operators->sim;
    agenda_add(&sim->agenda, &(struct event){.at = sim->now + CARE_EVERY, .run = care});
}
