/* apply.c: parse, plan, check, store: in one transaction, in the scenario's time. */
#include "tests/scenario/apply.h"

#include "orchestrator/plan/applying.h"
#include "orchestrator/plan/rollback.h"
#include "orchestrator/status/standing.h"
#include "orchestrator/store/device_row.h"
#include "tests/scenario/rules.h"

#include <stdlib.h>
#include <string.h>

#define AUTHOR "alice"

static bool add_release(struct scene *scene, const char *component, const char *version,
                        struct wg_error *err)
{
    bool added = false;
    struct release_row row = {.length = 1000, .added_at = scene->now};
    (void)wg_copy(row.component, sizeof row.component, component);
    (void)wg_copy(row.version, sizeof row.version, version);
    (void)wg_copy(row.added_by, sizeof row.added_by, "rita");
    return wg_sha256_of(version, strlen(version), row.sha256, err) &&
           release_row_add(scene->db, &row, NULL, &added, err);
}

/* What is to be stopped in the same transaction; "": nothing. */
struct making {
    const char *by;
    bool draft, fresh; /* fresh: not a revision */
    int64_t rolls_back;
    const char *stops; /* state that the rolled back campaign is in; "" over already */
};

static bool stop_source(struct scene *scene, const struct making *making, struct wg_error *err)
{
    if (!making->stops || !making->stops[0]) return true;
    const struct campaign_move move = {.from = making->stops,
                                       .to = "stopping",
                                       .cause = "rolled back by an operator",
                                       .actor = making->by,
                                       .held = true,
                                       .stop = engine_stop_text(ENGINE_STOP_ROLLBACK)};
    return campaign_row_move(scene->db, making->rolls_back, &move, scene->now, err);
}

static bool store(struct scene *scene, struct applying *applying, const struct making *making,
                  struct wg_error *err)
{
    if (making->fresh && applying->plan.standing)
        return wg_fail(err, WG_E_CONFLICT, "there is a campaign %s already",
                       applying->plan.campaign->name);
    return stop_source(scene, making, err) &&
           (plan_is_applied(&applying->plan) ||
            (applying_check(applying, scene->db, err) &&
             applying_store(applying, scene->db, scene->now, err)));
}

/* Of a whole file. */
static bool apply(struct scene *scene, const struct wg_buf *text, const struct making *making,
                  struct wg_error *err)
{
    struct applying *applying = calloc(1, sizeof *applying);
    if (!applying) return wg_fail_memory(err, "applying");
    applying_init(applying);
    applying->author = making->by;
    applying->statement = applying->author_chain = "signed";
    applying->draft = making->draft;
    applying->rolls_back = making->rolls_back;
    wg_buf_add(&applying->text, text->data, text->len);
    struct campaign *campaign =
        campaign_parse("campaign", wg_buf_str(text), text->len, NULL, NULL, err);
    bool ok = campaign && add_release(scene, campaign->component, campaign->version, err) &&
              (!campaign->rollback[0] ||
               add_release(scene, campaign->component, campaign->rollback, err));
    if (!ok)
        campaign_free(campaign);
    else
        ok = plan_make(&applying->plan, scene->db, campaign, true, err) &&
             store(scene, applying, making, err);
    db_rollback(scene->db);
    applying_clear(applying);
    free(applying);
    return ok;
}

static bool apply_draft(struct scene *scene, const struct draft *draft, const struct making *making,
                        struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    draft_text(draft, &text);
    bool ok = wg_buf_check(&text, err, "writing a campaign") && apply(scene, &text, making, err);
    if (!ok) (void)wg_context(err, "campaign %s", draft->name);
    wg_buf_clear(&text);
    return ok;
}

/* Beside the campaign's own keys. */
static struct yaml_value without(const struct yaml_value *map, struct yaml_value **keys,
                                 struct yaml_value **items)
{
    static const char *const mine[] = {"by", "draft"};
    struct yaml_value rest = *map;
    rest.keys = keys;
    rest.items = items;
    rest.count = 0;
    for (size_t i = 0; i < map->count && rest.count < DRAFT_KEYS_MAX; i++) {
        if (!strcmp(map->keys[i]->text, mine[0]) || !strcmp(map->keys[i]->text, mine[1])) continue;
        keys[rest.count] = map->keys[i];
        items[rest.count++] = map->items[i];
    }
    return rest;
}

bool apply_named(struct scene *scene, const struct yaml_value *map, bool *refused,
                 struct wg_error *err)
{
    struct yaml_value *keys[DRAFT_KEYS_MAX], *items[DRAFT_KEYS_MAX];
    char by[WG_NAME_MAX + 1] = AUTHOR;
    struct making making = {.by = by, .fresh = true};
    *refused = false;
    if (map->kind != YAML_MAP) return scene_fail(scene, map, "expected a campaign");
    (void)yaml_read_text(scene->doc, yaml_get(map, "by"), "by", by, sizeof by);
    (void)yaml_read_bool(scene->doc, yaml_get(map, "draft"), "draft", &making.draft);
    const struct yaml_value rest = without(map, keys, items);
    const struct draft *draft = drafts_add(&scene->drafts, scene->doc, &rest);
    if (!draft) return false;
    *refused = !apply_draft(scene, draft, &making, err);
    if (*refused) scene->drafts.count--;
    return rules_check(scene);
}

bool apply_new(struct scene *scene, const struct yaml_value *map)
{
    struct wg_error err = {0};
    bool refused = false;
    return apply_named(scene, map, &refused, &err) &&
           (!refused || scene_fail_error(scene, map, &err));
}

bool apply_revised(struct scene *scene, const char *campaign, const struct yaml_value *changes,
                   const char *by, bool *refused, struct wg_error *err)
{
    struct draft *draft = drafts_find(&scene->drafts, campaign);
    const struct making making = {.by = by[0] ? by : AUTHOR};
    if (!draft) return scene_fail(scene, changes, "there is no file of %s", campaign);
    const struct draft before = *draft;
    draft_change(draft, scene->doc, changes);
    *refused = !apply_draft(scene, draft, &making, err);
    if (*refused) *draft = before;
    return rules_check(scene);
}

static bool follow(struct scene *scene, const char *campaign, const char *by, bool back,
                   struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    struct campaign *model = NULL;
    struct wg_buf text;
    enum campaign_state state, next;
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    bool ok = row && campaign_row_get(scene->db, campaign, row, err) &&
              (model = standing_campaign(scene->db, row->id, err)) &&
              campaign_state_parse(row->state, &state);
    if (ok && back)
        ok = (!row->rollback_made ||
              wg_fail(err, WG_E_CONFLICT, "its devices are sent back already")) &&
             engine_command_allowed(ENGINE_ROLLBACK, state, &next, err) &&
             rollback_text(model, &text, err);
    else if (ok)
        ok = retry_text(model, NULL, 1, &text, err);
    if (ok) {
        const struct making making = {.by = by,
                                      .fresh = true,
                                      .rolls_back = back ? row->id : 0,
                                      .stops = back && !campaign_state_is_final(state) ? row->state
                                                                                       : ""};
        ok = apply(scene, &text, &making, err);
    }
    wg_buf_clear(&text);
    campaign_free(model);
    free(row);
    return ok;
}

bool apply_retry(struct scene *scene, const char *campaign, const char *by, struct wg_error *err)
{
    return follow(scene, campaign, by, false, err);
}

bool apply_rollback(struct scene *scene, const char *campaign, const char *by, struct wg_error *err)
{
    return follow(scene, campaign, by, true, err);
}
