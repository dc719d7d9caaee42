/* rollback.c: a campaign's file turned into that of the one that follows. */
#include "orchestrator/plan/rollback.h"

#include "orchestrator/plan/applying.h"
#include "orchestrator/status/standing.h"

#include "common/json.h"

#include <stdlib.h>
#include <string.h>

#define CANONICAL_MAX ((size_t)16 * 1024 * 1024)
#define FIRST_PERCENT "10"
#define NUMBERS_MAX 100

/* The source's file without what belongs to it alone. once_more: the same release again, which the
 * same people have to approve: the repository's policy asks for no less. Back goes what they
 * approved with the campaign. */
static json_t *shared_part(const struct campaign *source, bool once_more, struct wg_error *err)
{
    static const char *const own[] = {"campaign", "release",    "rollback_to", "target",
                                      "waves",    "gate",       "schedule",    "after",
                                      "excludes", "supersedes", "emergency"};
    struct wg_buf text;
    json_t *json = NULL;
    wg_buf_init(&text, CANONICAL_MAX);
    if (campaign_canonical(source, &text, err))
        json = wg_json_parse(wg_buf_str(&text), text.len, CANONICAL_MAX, err);
    wg_buf_clear(&text);
    for (size_t i = 0; json && i < sizeof own / sizeof own[0]; i++)
        (void)json_object_del(json, own[i]);
    if (json && !once_more) (void)json_object_del(json, "approvals");
    return json;
}

/* Takes over what it is given. */
static bool finish(json_t *json, const char *name, const char *component, const char *version,
                   json_t *target, json_t *waves, struct wg_buf *out, struct wg_error *err)
{
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    (void)wg_format(release, sizeof release, "%s/%s", component, version);
    int bad = !json || !target || !waves;
    if (json) {
        bad |= json_object_set_new(json, "campaign", json_string(name));
        bad |= json_object_set_new(json, "release", json_string(release));
        bad |= json_object_set(json, "target", target);
        bad |= json_object_set(json, "waves", waves);
    }
    bool ok = !bad && wg_json_canonical(json, out, err);
    json_decref(target);
    json_decref(waves);
    json_decref(json);
    return bad ? wg_fail_memory(err, "writing a campaign") : ok;
}

/* The name and a suffix, cut to what a name may be. */
static void derive_name(const char *name, const char *suffix, char out[WG_NAME_MAX + 1])
{
    size_t room = WG_NAME_MAX - strlen(suffix);
    (void)wg_format(out, WG_NAME_MAX + 1, "%.*s%s", (int)room, name, suffix);
}

static void rollback_name(const char *name, int number, char out[WG_NAME_MAX + 1])
{
    char suffix[24];
    (void)wg_format(suffix, sizeof suffix, number > 1 ? "-rollback-%d" : "-rollback", number);
    derive_name(name, suffix, out);
}

static bool numbered_text(const struct campaign *source, int number, struct wg_buf *out,
                          struct wg_error *err)
{
    char name[WG_NAME_MAX + 1], release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    if (!source->rollback[0])
        return wg_fail(err, WG_E_CONFLICT,
                       "campaign %s names no rollback_to: apply a campaign with an older release "
                       "instead",
                       source->name);
    json_t *json = shared_part(source, false, err);
    if (!json) return false;
    rollback_name(source->name, number, name);
    (void)wg_format(release, sizeof release, "%s/%s", source->component, source->version);
    json_t *budget = json_object_get(json, "budget");
    int bad = json_object_set_new(json, "membership", json_string("continuous"));
    if (budget) bad |= json_object_set_new(budget, "on_exceeded", json_string("pause"));
    /* what failed and runs the release all the same goes back too */
    json_t *target =
        json_pack("{s:[{s:[s]},{s:[{s:[s]},{s:s}]}]}", "any", "succeeded_in", source->name, "all",
                  "failed_in", source->name, "installed", release);
    json_t *waves = json_pack("[{s:s,s:s},{s:s,s:b}]", "name", "first", "percent",
                              FIRST_PERCENT "%", "name", "rest", "remaining", 1);
    bool ok = finish(json, name, source->component, source->rollback, target, waves, out, err);
    return bad ? wg_fail_memory(err, "writing a campaign") : ok;
}

bool rollback_text(const struct campaign *source, struct wg_buf *out, struct wg_error *err)
{
    return numbered_text(source, 1, out, err);
}

bool retry_text(const struct campaign *source, const char *device, int number, struct wg_buf *out,
                struct wg_error *err)
{
    char name[WG_NAME_MAX + 1], suffix[24], back[WG_NAME_MAX + WG_VERSION_MAX + 2];
    json_t *json = shared_part(source, true, err);
    if (!json) return false;
    (void)wg_format(suffix, sizeof suffix, number > 1 ? "-retry-%d" : "-retry", number);
    derive_name(source->name, suffix, name);
    int bad = json_object_set_new(json, "membership", json_string("snapshot"));
    (void)wg_format(back, sizeof back, "%s/%s", source->component, source->rollback);
    if (source->rollback[0]) bad |= json_object_set_new(json, "rollback_to", json_string(back));
    json_t *target =
        json_pack("{s:[s]}", device ? "device" : "failed_in", device ? device : source->name);
    json_t *waves = json_pack("[{s:s,s:b}]", "name", "failed", "remaining", 1);
    bool ok = finish(json, name, source->component, source->version, target, waves, out, err);
    return bad ? wg_fail_memory(err, "writing a campaign") : ok;
}

static bool read_campaign(struct applying *applying, struct campaign **out, struct wg_error *err)
{
    *out = campaign_parse("rollback", wg_buf_str(&applying->text), applying->text.len, NULL, NULL,
                          err);
    return *out != NULL;
}

static bool is_taken(struct db *db, const char *name, bool *out, struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    struct wg_error problem = {0};
    if (!row) return wg_fail_memory(err, "looking for a name");
    *out = campaign_row_get(db, name, row, &problem);
    free(row);
    if (*out || problem.code == WG_E_NOT_FOUND) return true;
    if (err) *err = problem;
    return false;
}

/* With the first number whose name nobody has: people may have given it to another campaign. */
static bool free_text(const struct campaign *source, struct db *db, struct wg_buf *out,
                      struct wg_error *err)
{
    for (int number = 1; number <= NUMBERS_MAX; number++) {
        char name[WG_NAME_MAX + 1];
        bool taken = false;
        rollback_name(source->name, number, name);
        if (!is_taken(db, name, &taken, err)) return false;
        if (!taken) return numbered_text(source, number, out, err);
    }
    return wg_fail(err, WG_E_LIMIT, "there are %d campaigns with the names that it could have",
                   NUMBERS_MAX);
}

/* Made meanwhile: by another orchestrator, which is as good. */
static bool is_made(const struct plan *plan, const struct campaign_row *source,
                    struct wg_error *err)
{
    return strcmp(plan->standing->rolls_back, source->name) == 0 ||
           wg_fail(err, WG_E_CONFLICT, "there is a campaign %s by now", plan->campaign->name);
}

static bool apply(struct applying *applying, struct db *db, const struct campaign_row *source,
                  wg_time now, struct wg_error *err)
{
    struct campaign *campaign = NULL, *model = standing_campaign(db, source->id, err);
    struct campaign_author *author = calloc(1, sizeof *author);
    bool ok = model && author && free_text(model, db, &applying->text, err) &&
              campaign_row_author(db, source->id, author, err) &&
              read_campaign(applying, &campaign, err) &&
              plan_make(&applying->plan, db, campaign, true, err);
    if (ok) {
        applying->author = author->name;
        applying->statement = author->statement;
        applying->author_chain = author->chain;
        applying->rolls_back = source->id;
        ok = applying->plan.standing
                 ? is_made(&applying->plan, source, err)
                 : applying_check(applying, db, err) && applying_store(applying, db, now, err);
    }
    db_rollback(db);
    campaign_free(model);
    free(author);
    return ok;
}

bool rollback_make(struct db *db, const char *name, wg_time now, struct wg_error *err)
{
    struct campaign_row *source = calloc(1, sizeof *source);
    struct applying *applying = calloc(1, sizeof *applying);
    bool ok = source && applying;
    if (applying) applying_init(applying);
    if (!ok)
        (void)wg_fail_memory(err, "rolling back");
    else
        ok = campaign_row_get(db, name, source, err) &&
             (source->rollback_made || apply(applying, db, source, now, err));
    if (applying) applying_clear(applying);
    free(applying);
    free(source);
    return ok || wg_context(err, "rolling %s back", name);
}
