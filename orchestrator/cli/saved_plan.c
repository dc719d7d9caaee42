/* saved_plan.c: writes and compares saved plans. */
#include "orchestrator/cli/saved_plan.h"

#include "common/posix/file.h"
#include "orchestrator/cli/document.h"

#include <string.h>

#define FILE_MAX ((size_t)256 * 1024 * 1024)
#define PPM 1000000

bool saved_plan_write(const json_t *plan, const char *file, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, FILE_MAX);
    json_t *json = json_pack(
        "{s:i,s:O,s:O,s:O}", "wavegate_plan", 1, "campaign", json_object_get(plan, "campaign"),
        "digest", json_object_get(plan, "digest"), "waves", json_object_get(plan, "member_ids"));
    bool ok = json ? wg_json_canonical(json, &text, err) : wg_fail_memory(err, "saving the plan");
    wg_buf_char(&text, '\n');
    ok = ok && wg_buf_check(&text, err, "the saved plan") &&
         wg_file_replace(file, wg_buf_str(&text), text.len, 0644, err);
    json_decref(json);
    wg_buf_clear(&text);
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

static bool check_digest(const json_t *plan, const json_t *saved, const char *file,
                         struct wg_error *err)
{
    return strcmp(document_text(saved, "digest"), document_text(plan, "digest")) == 0 ||
           wg_fail(err, WG_E_CONFLICT,
                   "%s was made of another campaign file: plan again, look, and apply that", file);
}

/* Members with the name of their wave; *count counts them. A new reference. */
static json_t *by_device(const json_t *waves, int64_t *count)
{
    json_t *out = json_object(), *list, *id;
    const char *wave;
    size_t i;
    *count = 0;
    json_object_foreach((json_t *)(uintptr_t)waves, wave, list)
    {
        json_array_foreach(list, i, id)
        {
            if (!json_is_string(id)) continue;
            (void)json_object_set_new(out, json_string_value(id), json_string(wave));
            ++*count;
        }
    }
    return out;
}

/* New, gone or in another wave. */
static int64_t drift_of(const json_t *now, const json_t *saved, int64_t *members)
{
    int64_t then_count = 0, same = 0, moved = 0;
    json_t *then = by_device(saved, &then_count), *present = by_device(now, members), *wave;
    const char *id;
    json_object_foreach(present, id, wave)
    {
        const char *before = json_string_value(json_object_get(then, id));
        if (before && strcmp(before, json_string_value(wave)) == 0)
            same++;
        else if (before)
            moved++;
    }
    json_decref(then);
    json_decref(present);
    return *members - same + then_count - same - moved;
}

static bool check_drift(const json_t *plan, const json_t *saved, const char *file, int64_t most_ppm,
                        struct wg_error *err)
{
    int64_t members = 0;
    int64_t drift =
        drift_of(json_object_get(plan, "member_ids"), json_object_get(saved, "waves"), &members);
    /* against the larger of both, so that a fleet that is gone is a drift too */
    int64_t whole = members > drift ? members : drift;
    if (drift == 0 || drift * PPM <= most_ppm * whole) return true;
    return wg_fail(err, WG_E_CONFLICT,
                   "the fleet has changed since %s: %lld of %lld members are new, gone or in "
                   "another wave; plan again, or allow it with --drift",
                   file, (long long)drift, (long long)whole);
}

bool saved_plan_check(const json_t *plan, const char *file, int64_t most_ppm, struct wg_error *err)
{
    json_t *saved = read_saved(file, err);
    if (!saved) return false;
    bool ok = check_digest(plan, saved, file, err) && check_drift(plan, saved, file, most_ppm, err);
    json_decref(saved);
    return ok;
}
