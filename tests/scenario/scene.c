/* scene.c: the stage: an empty database, devices that said hello, campaigns applied, step by step.
 */
#include "tests/scenario/scene.h"

#include "orchestrator/store/boundary_row.h"
#include "tests/scenario/apply.h"
#include "tests/scenario/rules.h"
#include "tests/scenario/step.h"

#include <stdlib.h>
#include <string.h>

#define START "2025-06-03T10:00:00Z" /* a Tuesday */

static const char *const scene_keys[] = {"scenario",   "why",       "at",    "fleet",
                                         "boundaries", "campaigns", "steps", NULL};

bool scene_fail(struct scene *scene, const struct yaml_value *at, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)wg_format_args(text, sizeof text, format, args);
    va_end(args);
    if (!at) at = scene->step ? scene->step : scene->at;
    wg_buf_printf(&scene->failure, "%s:%zu: ", scene->doc->file, at ? at->line : (size_t)1);
    if (scene->step) wg_buf_printf(&scene->failure, "step %zu: ", scene->number);
    wg_buf_printf(&scene->failure, "%s\n", text);
    return false;
}

bool scene_fail_error(struct scene *scene, const struct yaml_value *at, const struct wg_error *err)
{
    return scene_fail(scene, at, "%s", err->text[0] ? err->text : "failed without a word");
}

struct scene *scene_new(struct yaml_doc *doc, struct db *db, struct people *people,
                        struct zone_files *zones, struct wg_error *err)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (!scene) {
        (void)wg_fail_memory(err, "setting a scene");
        return NULL;
    }
    scene->doc = doc;
    scene->db = db;
    scene->people = people;
    scene->zones = zones;
    wg_buf_init(&scene->failure, SCENE_FAILURE_MAX);
    return scene;
}

void scene_free(struct scene *scene)
{
    if (!scene) return;
    for (size_t i = 0; i < ORCHESTRATORS_MAX; i++)
        if (scene->orchestrators[i].name[0]) orchestrator_clear(&scene->orchestrators[i]);
    books_clear(&scene->books);
    wg_buf_clear(&scene->failure);
    free(scene);
}

/* ---- what happens ---- */

/* The daemon's answer to a device, as its agent would take it. */
static void hear(struct scene *scene, const struct intake_answer *answer)
{
    struct machine *machine = fleet_find(&scene->fleet, answer->device);
    if (!machine) return;
    const struct machine_order *order = machine_order(machine, "", 0);
    bool mine = order && strcmp(order->id, answer->order) == 0;
    (void)wg_copy(machine->word, sizeof machine->word,
                  !mine || !answer->order[0] ? "none"
                  : answer->go               ? "go"
                                             : "wait");
}

bool scene_take(struct scene *scene, const struct intake_item *items, size_t count)
{
    struct wg_error err = {0};
    if (count == 0) return true;
    if (!intake_commit(scene->db, items, count, verdict_of_report, &scene->on_duty->verdict,
                       scene->now, &scene->answers, &err))
        return scene_fail_error(scene, NULL, &err);
    for (size_t i = 0; i < scene->answers.answer_count; i++)
        hear(scene, &scene->answers.answers[i]);
    return rules_check(scene);
}

static bool tell(struct scene *scene, struct wg_error *err)
{
    const char *devices[TICKER_TOLD_MAX];
    const struct ticker_result *looked = &scene->looked;
    for (size_t i = 0; i < looked->told_count; i++) devices[i] = looked->told[i];
    if (looked->told_count == 0) return true;
    if (!intake_tell(scene->db, devices, looked->told_count, &scene->answers, err)) return false;
    for (size_t i = 0; i < scene->answers.answer_count; i++)
        hear(scene, &scene->answers.answers[i]);
    return true;
}

static bool receive(struct scene *scene)
{
    struct wg_error err = {0};
    struct order_lot lot;
    char words[160];
    const struct settings *settings = &scene->on_duty->settings;
    const struct order_times times = {scene->now, settings->order_resend, settings->order_lifetime};
    if (!order_take_due(scene->db, &times, 500, &lot, &err))
        return scene_fail_error(scene, NULL, &err);
    struct order_due *due = malloc(sizeof *due);
    bool ok = due || scene_fail(scene, NULL, "no memory");
    while (ok && order_lot_next(&lot, due)) {
        struct machine *machine = fleet_find(&scene->fleet, due->order.device);
        ok = machine && machine_receive(machine, &due->order, words, sizeof words);
        if (!ok) (void)scene_fail(scene, NULL, "%s", machine ? words : "an order for nobody");
    }
    order_lot_clear(&lot);
    free(due);
    return ok;
}

bool scene_look(struct scene *scene)
{
    struct wg_error err = {0};
    if (!orchestrator_tick(scene->on_duty, scene->now, &scene->looked, &err) || !tell(scene, &err))
        return scene_fail_error(scene, NULL, &err);
    return rules_check(scene) && receive(scene);
}

bool scene_rest(struct scene *scene)
{
    char before[64] = "", after[64] = "";
    struct wg_error err = {0};
    if (!books_fingerprint(scene->db, before, &err)) return scene_fail_error(scene, NULL, &err);
    for (int i = 0; i < SCENE_LOOKS_MAX; i++) {
        if (!scene_look(scene)) return false;
        if (!books_fingerprint(scene->db, after, &err)) return scene_fail_error(scene, NULL, &err);
        if (strcmp(before, after) == 0) return true;
        (void)wg_copy(before, sizeof before, after);
    }
    return scene_fail(scene, NULL, "does not come to rest: %d looks, and each changed something",
                      SCENE_LOOKS_MAX);
}

bool scene_campaign(struct scene *scene, const struct yaml_value *map, char out[WG_NAME_MAX + 1])
{
    const struct yaml_value *named =
        map && map->kind == YAML_MAP ? yaml_get(map, "campaign") : NULL;
    const struct books *books = &scene->books;
    if (named) return yaml_read_text(scene->doc, named, "campaign", out, WG_NAME_MAX + 1);
    if (books->now.campaign_count == 1)
        return wg_copy(out, WG_NAME_MAX + 1, books->now.campaigns[0].name);
    return scene_fail(scene, map, "there are %zu campaigns: name one with \"campaign\"",
                      books->now.campaign_count);
}

/* ---- the beginning ---- */

static bool run_sql(struct scene *scene, const char *sql, size_t count, const char *const *params)
{
    struct wg_error err = {0};
    PGresult *rows = db_query_text(scene->db, sql, count, params, &err);
    PQclear(rows);
    return rows || scene_fail_error(scene, NULL, &err);
}

/* What is left refers to these and goes with them. */
static bool empty_database(struct scene *scene)
{
    static const char *const tables[] = {
        "report",  "rejected",      "update_order", "place",  "campaign",       "removal",
        "release", "device_metric", "device_group", "device", "boundary_piece", "boundary"};
    char sql[128];
    bool ok = run_sql(scene, "alter sequence campaign_id_seq restart", 0, NULL);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && ok; i++) {
        (void)wg_format(sql, sizeof sql, "delete from %s", tables[i]);
        ok = run_sql(scene, sql, 0, NULL);
    }
    return ok;
}

/* Areas that tell devices with a position in which zone they stand: [west, south, east, north]. */
static bool make_boundary(struct scene *scene, const char *zone, const struct yaml_value *box)
{
    struct wg_error err = {0};
    char shape[512];
    int64_t stored = 0;
    const char *side[4];
    if (box->kind != YAML_LIST || box->count != 4)
        return scene_fail(scene, box, "a boundary: expected [west, south, east, north]");
    for (size_t i = 0; i < 4; i++) side[i] = box->items[i]->text ? box->items[i]->text : "";
    (void)wg_format(shape, sizeof shape,
                    "{\"type\": \"Polygon\", \"coordinates\": [[[%s, %s], [%s, %s], [%s, %s], "
                    "[%s, %s], [%s, %s]]]}",
                    side[0], side[1], side[2], side[1], side[2], side[3], side[0], side[3], side[0],
                    side[1]);
    bool ok = db_begin(scene->db, &err) && boundary_row_begin(scene->db, &err) &&
              boundary_row_put(scene->db, BOUNDARY_ZONE, zone, shape, &err) &&
              boundary_row_store(scene->db, scene->now, &stored, &err) &&
              db_commit(scene->db, &err);
    if (!ok) db_rollback(scene->db);
    return ok || scene_fail_error(scene, box, &err);
}

static bool make_boundaries(struct scene *scene)
{
    const struct yaml_value *map = yaml_get(scene->at, "boundaries");
    for (size_t i = 0; map && i < map->count; i++)
        if (!make_boundary(scene, map->keys[i]->text, map->items[i])) return false;
    return true;
}

static bool register_zone(struct scene *scene, const struct machine *machine)
{
    const char *const params[] = {machine->id, machine->registry_zone};
    return !machine->registry_zone[0] ||
           run_sql(scene, "update device set zone = $2, zone_from = 'registry' where id = $1", 2,
                   params);
}

static bool make_fleet(struct scene *scene)
{
    const struct fleet *fleet = &scene->fleet;
    struct intake_item *items = calloc(2 * fleet->count + 1, sizeof *items);
    size_t count = 0;
    if (!items) return scene_fail(scene, NULL, "no memory");
    for (size_t i = 0; i < fleet->count; i++) {
        machine_hello(&fleet->machines[i], scene->now, &items[count++]);
        if (!fleet->machines[i].online)
            machine_will(&fleet->machines[i], 1, scene->now, &items[count++]);
    }
    bool ok = scene_take(scene, items, count);
    free(items);
    for (size_t i = 0; i < fleet->count && ok; i++) ok = register_zone(scene, &fleet->machines[i]);
    return ok;
}

static bool make_campaigns(struct scene *scene)
{
    const struct yaml_value *list = yaml_get(scene->at, "campaigns");
    for (size_t i = 0; list && i < list->count; i++)
        if (!apply_new(scene, list->items[i])) return false;
    return true;
}

static bool begin(struct scene *scene)
{
    char at[WG_TIME_TEXT] = START;
    struct wg_error err = {0};
    const struct yaml_value *time = yaml_get(scene->at, "at");
    yaml_check_keys(scene->doc, scene->at, "a scenario", scene_keys);
    if (time) (void)yaml_read_text(scene->doc, time, "at", at, sizeof at);
    if (!wg_time_parse(at, &scene->now))
        return scene_fail(scene, time, "at: expected a time like " START);
    if (!yaml_get(scene->at, "why")) return scene_fail(scene, scene->at, "says not why");
    fleet_read(&scene->fleet, scene->doc, yaml_get(scene->at, "fleet"));
    scene->on_duty = &scene->orchestrators[0];
    if (!orchestrator_init(scene->on_duty, "a", scene->db, people_root(scene->people), &err))
        return scene_fail_error(scene, NULL, &err);
    return empty_database(scene) && make_boundaries(scene) && make_fleet(scene) &&
           make_campaigns(scene);
}

/* Problems that came up since it was last asked. */
static bool file_is_right(struct scene *scene)
{
    const struct yaml_doc *doc = scene->doc;
    bool right = scene->problems == doc->problem_count;
    for (; scene->problems < doc->problem_count; scene->problems++) {
        const struct yaml_problem *problem = &doc->problems[scene->problems];
        if (scene->problems < YAML_DOC_PROBLEMS_MAX)
            wg_buf_printf(&scene->failure, "%s:%zu:%zu: %s%s%s\n", doc->file, problem->line,
                          problem->column, problem->text, problem->hint[0] ? ": " : "",
                          problem->hint);
    }
    return right;
}

bool scene_run(struct scene *scene, const struct yaml_value *scenario)
{
    scene->at = scenario;
    scene->problems = scene->doc->problem_count;
    const struct yaml_value *steps = yaml_get(scenario, "steps");
    if (!steps || steps->kind != YAML_LIST)
        return scene_fail(scene, NULL, "steps: expected a list");
    bool ok = begin(scene);
    ok = file_is_right(scene) && ok;
    for (size_t i = 0; i < steps->count && ok; i++) {
        scene->step = steps->items[i];
        scene->number = i + 1;
        ok = step_run(scene, steps->items[i]);
        ok = file_is_right(scene) && ok;
    }
    return ok && rules_check_end(scene);
}
