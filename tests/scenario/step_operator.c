/* step_operator.c: orchestrators and their hooks, and what operators do. */
#include "tests/scenario/apply.h"
#include "tests/scenario/operation.h"
#include "tests/scenario/rules.h"
#include "tests/scenario/step_part.h"

#include <string.h>

/* ---- orchestrators and their hooks ---- */

bool step_orchestrator(struct acted *acted)
{
    struct scene *scene = acted->scene;
    for (size_t i = 0; i < ORCHESTRATORS_MAX; i++) {
        struct orchestrator *one = &scene->orchestrators[i];
        bool free_one = !one->name[0];
        if (!free_one && strcmp(one->name, acted->text) != 0) continue;
        scene->on_duty = one;
        return !free_one ||
               orchestrator_init(one, acted->text, scene->db, people_root(scene->people),
                                 &acted->err) ||
               scene_fail_error(scene, NULL, &acted->err);
    }
    return scene_fail(scene, acted->value, "too many orchestrators");
}

/* "pass", "hold", "fail"; "lost": whoever asked has died; "missing": it cannot be started from now
 * on; "there": it can */
bool step_hook(struct acted *acted)
{
    struct scene *scene = acted->scene;
    char wave[WG_NAME_MAX + 1] = "", words[128] = "";
    bool kept = false, wanted = true;
    if (strcmp(acted->text, "lost") == 0) {
        orchestrator_lose_hooks(scene->on_duty);
        return true;
    }
    if (strcmp(acted->text, "missing") == 0 || strcmp(acted->text, "there") == 0) {
        scene->on_duty->cannot_ask = strcmp(acted->text, "missing") == 0;
        return true;
    }
    (void)step_read(acted, "wave", wave, sizeof wave);
    (void)step_read(acted, "words", words, sizeof words);
    (void)yaml_read_bool(scene->doc, step_beside(acted, "counts"), "counts", &wanted);
    if (!orchestrator_answer(scene->on_duty, wave, acted->text, words, scene->now, &kept,
                             &acted->err))
        return scene_fail_error(scene, acted->value, &acted->err);
    return kept == wanted ||
           scene_fail(scene, acted->value, "the answer counts: expected %s, found %s",
                      wanted ? "yes" : "no", kept ? "yes" : "no");
}

/* ---- operators ---- */

bool step_apply(struct acted *acted)
{
    if (!acted->value) return scene_fail(acted->scene, NULL, "apply: expected a campaign");
    return apply_named(acted->scene, acted->value, &acted->refused, &acted->err);
}

bool step_revise(struct acted *acted)
{
    char campaign[WG_NAME_MAX + 1] = "";
    if (!acted->value || acted->value->kind != YAML_MAP)
        return scene_fail(acted->scene, NULL, "revise: expected keys of the campaign");
    return scene_campaign(acted->scene, acted->map, campaign) &&
           apply_revised(acted->scene, campaign, acted->value, acted->by, &acted->refused,
                         &acted->err);
}

static bool follow(struct acted *acted, bool (*make)(struct scene *scene, const char *campaign,
                                                     const char *by, struct wg_error *err))
{
    char campaign[WG_NAME_MAX + 1] = "";
    if (acted->text[0])
        (void)wg_copy(campaign, sizeof campaign, acted->text);
    else if (!scene_campaign(acted->scene, acted->map, campaign))
        return false;
    acted->refused = !make(acted->scene, campaign, acted->by[0] ? acted->by : "bob", &acted->err);
    return rules_check(acted->scene);
}

bool step_rollback(struct acted *acted)
{
    return follow(acted, apply_rollback);
}

bool step_retry_failed(struct acted *acted)
{
    return follow(acted, apply_retry);
}

/* Its value is the campaign, or "--hold", or both, where there is no wave to name. */
static bool operate(struct acted *acted, const char *verb, bool of_wave)
{
    struct scene *scene = acted->scene;
    char campaign[WG_NAME_MAX + 1] = "", what[STEP_TEXT_MAX] = "";
    char *hold = of_wave ? NULL : strstr(acted->text, "--hold");
    if (hold) {
        (void)wg_copy(what, sizeof what, hold);
        *hold = '\0';
        if (hold > acted->text) hold[-1] = '\0';
    }
    if (of_wave) (void)wg_copy(what, sizeof what, acted->text);
    if (!of_wave && acted->text[0])
        (void)wg_copy(campaign, sizeof campaign, acted->text);
    else if (!scene_campaign(scene, acted->map, campaign))
        return false;
    const struct operation operation = {
        .verb = verb, .campaign = campaign, .what = what, .by = acted->by[0] ? acted->by : "bob"};
    acted->refused = !operation_run(scene, &operation, &acted->err);
    return rules_check(scene);
}

bool step_pause(struct acted *acted)
{
    return operate(acted, "pause", false);
}

bool step_resume(struct acted *acted)
{
    return operate(acted, "resume", false);
}

bool step_abort(struct acted *acted)
{
    return operate(acted, "abort", false);
}

bool step_start(struct acted *acted)
{
    return operate(acted, "start", false);
}

bool step_approve(struct acted *acted)
{
    return operate(acted, "approve", true);
}

bool step_advance(struct acted *acted)
{
    return operate(acted, "advance", true);
}

bool step_hold(struct acted *acted)
{
    return operate(acted, "hold", true);
}

bool step_release(struct acted *acted)
{
    return operate(acted, "release", true);
}
