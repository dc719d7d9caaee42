/* saved_plan.c: writes and compares saved plans. */
#include "orchestrator/cli/saved_plan.h"

#include "common/json.h"
#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)256 * 1024 * 1024)
#define MEMBERS_MAX 2000000
#define ARRAY_MAX ((size_t)256 * 1024 * 1024)

static json_t *waves_json(const struct plan *plan, const struct plan_device *members, size_t count)
{
    json_t *waves = json_object();
    for (size_t i = 0; i < plan->campaign->policy.wave_count; i++)
        (void)json_object_set_new(waves, plan->campaign->waves[i].name, json_array());
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            json_object_get(waves, plan->campaign->waves[members[i].wave].name),
            json_string(members[i].id));
    return waves;
}

bool saved_plan_write(struct db *db, const struct plan *plan, const char *file,
                      struct wg_error *err)
{
    struct plan_device *members = NULL;
    struct wg_buf text;
    size_t count = 0;
    if (!file) return true;
    if (!plan_members_list(db, -1, MEMBERS_MAX, &members, &count, err)) return false;
    wg_buf_init(&text, FILE_MAX);
    json_t *json =
        json_pack("{s:i,s:s,s:s,s:o}", "wavegate_plan", 1, "campaign", plan->campaign->name,
                  "digest", plan->digest, "waves", waves_json(plan, members, count));
    bool ok = json ? wg_json_canonical(json, &text, err) : wg_fail_memory(err, "saving the plan");
    wg_buf_char(&text, '\n');
    ok = ok && wg_buf_check(&text, err, "the saved plan") &&
         wg_file_replace(file, wg_buf_str(&text), text.len, 0644, err);
    json_decref(json);
    wg_buf_clear(&text);
    free(members);
    return ok;
}

static json_t *read_saved(const char *file, struct wg_error *err)
{
    struct wg_buf text;
    struct wg_error problem = {0};
    wg_buf_init(&text, FILE_MAX);
    json_t *json = NULL;
    if (!wg_file_read(file, &text, err)) {
        wg_buf_clear(&text);
        return NULL;
    }
    json = wg_json_parse(wg_buf_str(&text), text.len, FILE_MAX, &problem);
    wg_buf_clear(&text);
    if (json && json_integer_value(json_object_get(json, "wavegate_plan")) == 1 &&
        json_is_object(json_object_get(json, "waves")))
        return json;
    json_decref(json);
    (void)wg_fail(err, WG_E_BAD_FILE, "%s is no saved plan: expected a file of plan --save%s%s",
                  file, problem.text[0] ? ": " : "", problem.text);
    return NULL;
}

static bool check_digest(const struct plan *plan, const json_t *saved, const char *file,
                         struct wg_error *err)
{
    const char *digest = json_string_value(json_object_get(saved, "digest"));
    return (digest && strcmp(digest, plan->digest) == 0) ||
           wg_fail(err, WG_E_CONFLICT,
                   "%s was made of another campaign file: plan again, look, and apply that", file);
}

/* Ids and waves as two array literals; ids are names and need no escaping. */
static bool members_arrays(const struct plan *plan, const json_t *waves, struct wg_buf *ids,
                           struct wg_buf *numbers)
{
    size_t count = 0;
    for (size_t w = 0; w < plan->campaign->policy.wave_count; w++) {
        const json_t *list = json_object_get(waves, plan->campaign->waves[w].name);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *id = json_string_value(json_array_get(list, i));
            if (!id || !wg_name_is_valid(id)) return false;
            wg_buf_printf(ids, "%c%s", count ? ',' : '{', id);
            wg_buf_printf(numbers, "%c%zu", count ? ',' : '{', w);
            count++;
        }
    }
    wg_buf_text(ids, count ? "}" : "{}");
    wg_buf_text(numbers, count ? "}" : "{}");
    return true;
}

static bool check_drift(struct db *db, const struct plan *plan, const json_t *saved,
                        const char *file, int64_t most_ppm, struct wg_error *err)
{
    struct wg_buf ids, numbers;
    int64_t drift = 0, members = plan_members(plan);
    wg_buf_init(&ids, ARRAY_MAX);
    wg_buf_init(&numbers, ARRAY_MAX);
    bool ok = members_arrays(plan, json_object_get(saved, "waves"), &ids, &numbers) ||
              wg_fail(err, WG_E_BAD_FILE, "%s names a device that can be none", file);
    ok = ok && wg_buf_check(&ids, err, file) && wg_buf_check(&numbers, err, file) &&
         plan_drift(db, wg_buf_str(&ids), wg_buf_str(&numbers), &drift, err);
    wg_buf_clear(&ids);
    wg_buf_clear(&numbers);
    if (!ok) return false;
    /* against the larger of both, so that a fleet that is gone is a drift too */
    int64_t whole = members > drift ? members : drift;
    if (drift == 0 || drift * POLICY_PPM <= most_ppm * whole) return true;
    return wg_fail(err, WG_E_CONFLICT,
                   "the fleet has changed since %s: %lld of %lld members are new, gone or in "
                   "another wave; plan again, or allow it with --drift",
                   file, (long long)drift, (long long)whole);
}

bool saved_plan_check(struct db *db, const struct plan *plan, const char *file, int64_t most_ppm,
                      struct wg_error *err)
{
    if (!file) return true;
    json_t *saved = read_saved(file, err);
    if (!saved) return false;
    bool ok =
        check_digest(plan, saved, file, err) && check_drift(db, plan, saved, file, most_ppm, err);
    json_decref(saved);
    return ok;
}
