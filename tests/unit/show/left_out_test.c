/* left_out_test.c: every code that a plan gives a device has its words. */
#include "orchestrator/show/left_out.h"

#include "orchestrator/engine/engine.h"
#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct campaign campaign;
    struct plan plan;
    struct campaign_row row;
    struct device_row device;
    char *excludes[2];
};

static struct scene *scene_new(void)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (!scene) abort();
    (void)wg_copy(scene->campaign.component, sizeof scene->campaign.component, "app");
    (void)wg_copy(scene->campaign.version, sizeof scene->campaign.version, "2.4.1");
    scene->excludes[0] = strdup("engines");
    scene->excludes[1] = strdup("gateways");
    scene->campaign.excludes = (struct text_list){2, scene->excludes};
    scene->plan.campaign = &scene->campaign;
    scene->plan.target.clause_count = 2;
    (void)wg_copy(scene->plan.target.clauses[0].words, 256, "region DE");
    (void)wg_copy(scene->plan.target.clauses[1].words, 256, "not tag do-not-disturb");
    (void)wg_copy(scene->plan.release.hardware_model, WG_NAME_MAX, "brake-controller");
    (void)wg_copy(scene->plan.release.from_range, WG_NAME_MAX, ">=2.3.0");
    scene->plan.fit_count = 2;
    (void)wg_copy(scene->plan.fits[1].words, TOGETHER_WORDS,
                  "its companion app/5.0.1 fits hardware box alone");
    (void)wg_copy(scene->device.id, sizeof scene->device.id, "dev-1");
    (void)wg_copy(scene->device.hardware_model, WG_NAME_MAX, "gateway");
    scene->device.component_count = 1;
    scene->device.components[0] = (struct wg_component){"app", "2.2.0"};
    (void)wg_copy(scene->row.state, sizeof scene->row.state, "running");
    scene->row.wave_count = 2;
    (void)wg_copy(scene->row.waves[0].name, WG_NAME_MAX, "canary");
    (void)wg_copy(scene->row.waves[1].name, WG_NAME_MAX, "rest");
    (void)wg_copy(scene->row.waves[0].state, 24, "open");
    (void)wg_copy(scene->row.waves[1].state, 24, "pending");
    return scene;
}

static void scene_free(struct scene *scene)
{
    free(scene->excludes[0]);
    free(scene->excludes[1]);
    free(scene);
}

static void expect(const struct scene *scene, int code, const char *holds, const char *text)
{
    struct left_out_facts facts = {
        .plan = &scene->plan, .row = &scene->row, .device = &scene->device, .code = code};
    struct left_out out;
    left_out_of(&facts, &out);
    ASSERT_TEXT(out.text, text);
    ASSERT_TEXT(out.holds, holds);
}

static void every_code_has_its_words(void)
{
    static const struct {
        int code;
        const char *holds, *text;
    } rows[] = {
        {0, "clause", "is left out: it does not meet \"region DE\""},
        {1, "clause", "is left out: it does not meet \"not tag do-not-disturb\""},
        {PLAN_NO_POSITION, "no-position",
         "is left out: the campaign asks where it is, and it has no position"},
        {PLAN_REVOKED, "revoked", "is left out: it is revoked"},
        {PLAN_QUARANTINED, "quarantined",
         "is left out: it is in quarantine, because it looks cloned; wavegate device clear dev-1 "
         "ends it"},
        {PLAN_ON_RELEASE, "on-release", "is left out: it runs app 2.4.1 already"},
        {PLAN_INCOMPATIBLE, "hardware",
         "is left out: the release fits hardware brake-controller alone, and it is gateway"},
        {PLAN_UNFIT + 1, "companion",
         "is left out: its companion app/5.0.1 fits hardware box alone"},
        {PLAN_NO_PATH, "path",
         "is left out: app 2.4.1 can be installed over >=2.3.0 alone, and it runs 2.2.0"},
        {PLAN_EXCLUDED, "excluded",
         "is left out: it has a place in a campaign that this one excludes (engines, gateways)"},
        {PLAN_MATCHED, "snapshot",
         "matches now, but has no place: members are those who matched when the campaign was "
         "applied, and every wave took no more than its size"},
    };
    struct scene *scene = scene_new();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(scene, rows[i].code, rows[i].holds, rows[i].text);
    expect(scene, PLAN_LISTED + 1, "snapshot", rows[sizeof rows / sizeof rows[0] - 1].text);
    scene->device.component_count = 0;
    scene->device.hardware_model[0] = '\0';
    expect(scene, PLAN_NO_PATH, "path",
           "is left out: app 2.4.1 can be installed over >=2.3.0 alone, and it runs no app");
    expect(scene, PLAN_INCOMPATIBLE, "hardware",
           "is left out: the release fits hardware brake-controller alone, and it has not said "
           "what it is");
    scene_free(scene);
}

static void who_came_to_match_joins_when_it_can(void)
{
    struct scene *scene = scene_new();
    scene->row.continuous = true;
    expect(scene, PLAN_MATCHED, "joins",
           "matches now, and joins wave canary at the next look for such devices");
    (void)wg_copy(scene->row.waves[0].state, 24, "at-gate");
    expect(scene, PLAN_MATCHED, "joins", "matches now, and joins the next wave that opens");
    for (int state = 0; state < CAMPAIGN_STATES; state++) {
        const char *word = campaign_state_text((enum campaign_state)state);
        bool over =
            state == CAMPAIGN_STOPPING || campaign_state_is_final((enum campaign_state)state);
        char text[LEFT_OUT_TEXT];
        if (state == CAMPAIGN_RUNNING) continue;
        (void)wg_copy(scene->row.state, sizeof scene->row.state, word);
        (void)wg_format(text, sizeof text,
                        over ? "matches now, but the campaign is %s"
                             : "matches now, and joins when the campaign runs (it is %s)",
                        word);
        expect(scene, PLAN_MATCHED, over ? "snapshot" : "joins", text);
    }
    scene_free(scene);
}

static void a_rollback_takes_in_who_its_campaign_adds(void)
{
    struct scene *scene = scene_new();
    scene->row.continuous = scene->row.source_runs = true;
    (void)wg_copy(scene->row.rolls_back, sizeof scene->row.rolls_back, "brakes");
    expect(scene, PLAN_MATCHED, "joins",
           "matches now, and joins wave canary at the next look for such devices");
    scene->row.source_runs = false;
    expect(scene, PLAN_MATCHED, "snapshot",
           "matches now, but has no place: campaign brakes, whose devices this one sends back, is "
           "over and adds no more");
    scene_free(scene);
}

WG_SUITE("left out", {"every code has its words", every_code_has_its_words},
         {"who came to match joins when it can", who_came_to_match_joins_when_it_can},
         {"a rollback takes in who its campaign adds", a_rollback_takes_in_who_its_campaign_adds})
