/* rule_reason.c: rule 5: who waits is told why, truly. The same rows and the same evidence as
 * `wavegate device explain` takes, held against the database as the simulation counts it and the
 * devices as they are. */
#include "tests/sim/run/rule.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/wall.h"

#include "orchestrator/status/evidence.h"
#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

#define ASKED_MOST 8 /* devices whose explanation is asked for in one look */
#define QUIET (2 * WG_HOUR)

struct question {
    const struct mirror_campaign *campaign;
    size_t device;
    struct device_row row;
    struct engine_view view;
    struct evidence evidence;
    struct explanation answer;
};

static void explain(struct question *question, const struct campaign_row *row,
                    const struct device_place_row *place, wg_time now)
{
    struct explanation_facts facts;
    evidence_facts(&question->evidence, &question->row, place, row, &question->campaign->policy,
                   &question->view, now, &facts);
    explanation_of(&facts, &question->answer);
}

static bool ask(struct sim *sim, struct question *out, struct wg_error *err)
{
    struct db *db = sim->operators.db;
    struct campaign_row *row = sim->operators.row;
    const struct mirror_campaign *campaign = out->campaign;
    const char *device = sim->setup.devices[out->device].id;
    struct device_place_row *places = NULL;
    size_t count = 0;
    bool ok = device_row_get(db, device, &out->row, err) &&
              device_row_places(db, device, &places, &count, err) &&
              campaign_row_get(db, campaign->name, row, err) &&
              standing_view(row, &campaign->policy, sim->now, &out->view, err) &&
              evidence_load(db, sim->ground->zones, &out->row, row, &campaign->policy, sim->now,
                            &out->view, &out->evidence, err);
    for (size_t i = 0; ok && i < count; i++)
        if (strcmp(places[i].campaign, campaign->name) == 0)
            explain(out, row, &places[i], sim->now);
    free(places);
    return ok;
}

static void broken(struct sim *sim, const struct question *question, const char *what)
{
    rule_broken(sim, 5, sim->setup.devices[question->device].id, question->campaign->name,
                "%s: %.300s", what, question->answer.text);
}

static const struct mirror_place *place_of(const struct question *question)
{
    return &question->campaign->places[question->device];
}

/* Nothing but its turn, or the pace, is said to hold it. */
static bool is_free(enum explanation_code code)
{
    return code == EXPLAINED_NEXT || code == EXPLAINED_TURN || code == EXPLAINED_CAP ||
           code == EXPLAINED_RATE;
}

static bool has_moved_on(const struct question *question)
{
    const struct mirror_campaign *campaign = question->campaign;
    size_t wave = question->answer.wave;
    return wave < campaign->wave_count && campaign->waves[wave].state == WAVE_PASSED;
}

static bool is_too_early(const struct question *question)
{
    const struct mirror_campaign *campaign = question->campaign;
    for (size_t w = 0; w < rule_leader(campaign, place_of(question)->wave); w++)
        if (campaign->waves[w].state != WAVE_PASSED) return true;
    return false;
}

static void judge_waves(struct sim *sim, const struct question *question)
{
    enum explanation_code code = question->answer.code;
    bool waits = code >= EXPLAINED_WAVE && code <= EXPLAINED_GATE_HOOK;
    if (waits && has_moved_on(question))
        broken(sim, question, "is said to wait for a wave that has passed");
    if (is_free(code) && is_too_early(question))
        broken(sim, question, "is not said to wait for the waves before its own");
}

/* Where a site stands is not known here. */
static bool has_window(const struct policy *policy)
{
    return explanation_has_window(policy) && policy->window.kind != WG_WINDOW_SITE;
}

static bool is_open_at(const struct sim *sim, const struct question *question, wg_time at)
{
    const struct policy *policy = &question->campaign->policy;
    const char *zone = sim->mirror.devices[question->device].zone;
    return !has_window(policy) || wall_is_open(&policy->window, zone, at);
}

/* It could have been offered the update all the time. */
static bool long_open(const struct sim *sim, const struct question *question)
{
    for (wg_duration ago = 0; ago <= QUIET; ago += 15 * WG_MINUTE)
        if (!is_open_at(sim, question, sim->now - ago)) return false;
    return true;
}

static void judge_window(struct sim *sim, const struct question *question)
{
    enum explanation_code code = question->answer.code;
    bool window = has_window(&question->campaign->policy);
    bool open = is_open_at(sim, question, sim->now);
    if (code == EXPLAINED_WINDOW && window && open)
        broken(sim, question, "is said to be outside a window that is open");
    if (is_free(code) && !open) broken(sim, question, "is not said to be outside its window");
}

static bool has_other_update(const struct sim *sim, const struct question *question)
{
    for (size_t c = 0; c < sim->mirror.campaign_count; c++) {
        const struct mirror_campaign *campaign = &sim->mirror.campaigns[c];
        const struct mirror_place *place = &campaign->places[question->device];
        bool held = wg_state_is_in_flight(place->state) || place->state == WG_DEFERRED;
        if (campaign != question->campaign && place->there && held) return true;
    }
    return false;
}

/* What can be counted again. */
static void judge_figures(struct sim *sim, const struct question *question)
{
    const struct mirror_campaign *campaign = question->campaign;
    const struct policy *policy = &campaign->policy;
    const struct mirror_place *place = place_of(question);
    const char *site = sim->setup.devices[question->device].site;
    bool revoked = sim->mirror.devices[question->device].revoked_at > 0;
    enum explanation_code code = question->answer.code;
    if (code == EXPLAINED_CAP && campaign->in_flight < policy->in_flight)
        broken(sim, question, "is said to wait for a slot, and one is free");
    if (code == EXPLAINED_VALUE_CAP && rule_of_site(sim, site) < sim->setup.per_site)
        broken(sim, question, "is said to wait for its site, and that is free");
    if (is_free(code) && sim->setup.per_site > 0 && policy->per_count > 0 &&
        rule_of_site(sim, site) >= sim->setup.per_site)
        broken(sim, question, "is not said to wait for its site");
    if (code == EXPLAINED_BACKOFF && place->retry_at <= sim->now)
        broken(sim, question, "is said to wait for a time that has come");
    if (is_free(code) && place->retry_at > sim->now && place->cause != WG_CAUSE_OFFLINE)
        broken(sim, question, "is not said to wait for its next attempt");
    if (code == EXPLAINED_OTHER_UPDATE && !has_other_update(sim, question))
        broken(sim, question, "is said to have another update in hand");
    if (is_free(code) && has_other_update(sim, question))
        broken(sim, question, "is not said to have another update in hand");
    if (place->state == WG_WAITING && revoked != (code == EXPLAINED_REVOKED))
        broken(sim, question, revoked ? "is not said to be revoked" : "is said to be revoked");
}

/* Does what it says fit what is? */
static void judge(struct sim *sim, const struct question *question)
{
    const struct machine *machine = &sim->machines[question->device];
    const struct explanation *answer = &question->answer;
    bool long_quiet = sim->now - sim->moved_at > QUIET;
    bool long_online = machine->connected && sim->now - machine->online_at > QUIET;
    bool offline = answer->code == EXPLAINED_OFFLINE || answer->code == EXPLAINED_GIVEN_BACK;
    if (!answer->text[0]) broken(sim, question, "there is no explanation for it");
    if (answer->code == EXPLAINED_NEXT && long_quiet && long_online && long_open(sim, question))
        broken(sim, question, "is said to be next, and nothing has moved for hours");
    if (offline && long_online)
        broken(sim, question, "is said to be offline, and has been online for hours");
    if (answer->until > 0 && answer->until <= sim->now)
        broken(sim, question, "is said to wait for a time that is over");
    judge_waves(sim, question);
    judge_window(sim, question);
    judge_figures(sim, question);
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
            const struct mirror_place *place = &sim->mirror.campaigns[c].places[d];
            struct wg_error err = {0};
            if (!place->there || wg_state_is_final(place->state)) continue;
            *question = (struct question){.campaign = &sim->mirror.campaigns[c], .device = d};
            asked++;
            if (ask(sim, question, &err)) judge(sim, question);
        }
    free(question);
}
