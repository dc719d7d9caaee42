/* step.c: a table of things that happen.
 *
 * A step is a word with the rest of its line ("tick 1m", "pause --hold"), or a map: the word with
 * its value, and other keys beside it. */
#include "tests/scenario/step.h"

#include "tests/scenario/expect.h"
#include "tests/scenario/step_part.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 1000

const struct yaml_value *step_beside(const struct acted *acted, const char *key)
{
    return acted->map ? yaml_get(acted->map, key) : NULL;
}

bool step_read(struct acted *acted, const char *key, char *out, size_t size)
{
    return yaml_read_text(acted->scene->doc, step_beside(acted, key), key, out, size);
}

/* ---- time ---- */

/* "1m", "1m x 10", "until 2025-06-03T12:00:00Z", "" (no time goes by) */
static bool read_time(struct acted *acted, wg_time *first, wg_duration *each, int64_t *rounds)
{
    char text[STEP_TEXT_MAX];
    struct scene *scene = acted->scene;
    (void)wg_copy(text, sizeof text, acted->text);
    char *times = strstr(text, " x ");
    *rounds = times ? strtoll(times + 3, NULL, 10) : 1;
    if (times) *times = '\0';
    *each = 0;
    *first = scene->now;
    if (*rounds < 1 || *rounds > ROUNDS_MAX)
        return scene_fail(scene, acted->value, "expected 1 to %d times", ROUNDS_MAX);
    if (strncmp(text, "until ", 6) == 0) {
        if (!wg_time_parse(text + 6, first) || *first < scene->now)
            return scene_fail(scene, acted->value, "expected a time to come, got \"%s\"", text);
        return true;
    }
    if (text[0] && !wg_duration_parse(text, each))
        return scene_fail(scene, acted->value, "expected a time like 10m, got \"%s\"", text);
    *first += *each;
    return true;
}

static bool pass_time(struct acted *acted, bool (*look)(struct scene *scene))
{
    wg_time first;
    wg_duration each;
    int64_t rounds;
    if (!read_time(acted, &first, &each, &rounds)) return false;
    for (int64_t i = 0; i < rounds; i++) {
        acted->scene->now = first + i * each;
        if (look && !look(acted->scene)) return false;
    }
    return true;
}

static bool tick(struct acted *acted)
{
    return pass_time(acted, scene_rest);
}

static bool look(struct acted *acted)
{
    return pass_time(acted, scene_look);
}

static bool wait_for(struct acted *acted)
{
    return pass_time(acted, NULL);
}

static bool nothing(struct acted *acted)
{
    (void)acted;
    return true;
}

/* ---- the table ---- */

static const struct action {
    const char *word;
    bool (*run)(struct acted *acted);
} actions[] = {
    {"tick", tick},
    {"look", look},
    {"wait", wait_for},
    {"report", step_report},
    {"offline", step_offline},
    {"late-will", step_late_will},
    {"late-hello", step_late_hello},
    {"online", step_online},
    {"boot", step_boot},
    {"hello", step_hello},
    {"join", step_join},
    {"revoke", step_revoke},
    {"delete", step_delete_device},
    {"orchestrator", step_orchestrator},
    {"hook", step_hook},
    {"apply", step_apply},
    {"revise", step_revise},
    {"rollback", step_rollback},
    {"retry-failed", step_retry_failed},
    {"pause", step_pause},
    {"resume", step_resume},
    {"abort", step_abort},
    {"start", step_start},
    {"approve", step_approve},
    {"advance", step_advance},
    {"hold", step_hold},
    {"release", step_release},
    {"expect", nothing}, /* alone: compared below */
};
#define ACTIONS (sizeof actions / sizeof actions[0])

static const char *const sides[] = {"who",     "by",     "campaign", "detail",      "again",
                                    "attempt", "wave",   "words",    "orders_back", "counts",
                                    "refused", "expect", NULL};

static const struct action *find(const char *word, size_t len)
{
    for (size_t i = 0; i < ACTIONS; i++)
        if (strlen(actions[i].word) == len && strncmp(actions[i].word, word, len) == 0)
            return &actions[i];
    return NULL;
}

static bool is_side(const char *key)
{
    for (size_t i = 0; sides[i]; i++)
        if (strcmp(sides[i], key) == 0) return true;
    return false;
}

static const struct action *find_in_map(struct acted *acted, const struct yaml_value *map)
{
    const struct action *found = NULL;
    acted->map = map;
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->keys[i]->text;
        const struct action *action = find(key, strlen(key));
        if (action && action->run != nothing && !found) {
            found = action;
            acted->value = map->items[i];
        } else if (!is_side(key)) {
            yaml_doc_problem(acted->scene->doc, map->keys[i],
                             "a step: \"%s\" is no word of it, or not beside the others", key);
        }
    }
    if (acted->value && acted->value->kind == YAML_TEXT)
        (void)wg_copy(acted->text, sizeof acted->text, acted->value->text);
    return found ? found : yaml_get(map, "expect") ? &actions[ACTIONS - 1] : NULL;
}

static const struct action *find_action(struct acted *acted, const struct yaml_value *step)
{
    if (step->kind == YAML_MAP) return find_in_map(acted, step);
    if (step->kind != YAML_TEXT) return NULL;
    size_t len = strcspn(step->text, " ");
    (void)wg_copy(acted->text, sizeof acted->text, step->text[len] ? step->text + len + 1 : "");
    return find(step->text, len);
}

static bool was_refused(struct acted *acted)
{
    const struct yaml_value *wanted = step_beside(acted, "refused");
    const char *found = acted->refused ? acted->err.text : "nothing was refused";
    if (!wanted) return !acted->refused || scene_fail_error(acted->scene, NULL, &acted->err);
    if (acted->refused && wanted->kind == YAML_TEXT && strstr(found, wanted->text)) return true;
    return scene_fail(acted->scene, wanted, "refused: expected \"%s\", found \"%s\"",
                      wanted->kind == YAML_TEXT ? wanted->text : "", found);
}

bool step_run(struct scene *scene, const struct yaml_value *step)
{
    struct acted acted = {.scene = scene};
    const struct action *action = find_action(&acted, step);
    if (!action) return scene_fail(scene, step, "a step: expected what happens");
    for (size_t i = 0; i < scene->fleet.count; i++) scene->fleet.machines[i].got[0] = '\0';
    if (!step_read(&acted, "by", acted.by, sizeof acted.by)) return false;
    scene->said[0] = '\0';
    const struct yaml_value *expected = step_beside(&acted, "expect");
    return action->run(&acted) && was_refused(&acted) &&
           (!expected || expect_check(scene, expected, acted.map));
}
