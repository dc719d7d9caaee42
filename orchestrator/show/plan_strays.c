/* plan_strays.c: ids that a wave lists and does not get: not registered, or left out. */
#include "orchestrator/show/plan_view.h"

#include <stdlib.h>

static bool add(struct plan_view *view, int wave, const struct plan_device *found, size_t count,
                struct wg_error *err)
{
    if (count == 0) return true;
    struct plan_device *all =
        realloc(view->strays, (view->stray_count + count) * sizeof *view->strays);
    if (!all) return wg_fail_memory(err, "planning");
    view->strays = all;
    for (size_t i = 0; i < count; i++) {
        all[view->stray_count] = found[i];
        all[view->stray_count++].wave = wave;
    }
    return true;
}

bool plan_strays_init(struct plan_view *view, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = view->plan->campaign;
    for (size_t i = 0; i < campaign->policy.wave_count; i++) {
        struct plan_device *found = NULL;
        size_t count = 0;
        if (campaign->waves[i].kind != WAVE_DEVICES) continue;
        char *ids = target_array(&campaign->waves[i].devices);
        bool ok = ids ? plan_strays(db, &view->plan->query, ids, &found, &count, err)
                      : wg_fail_memory(err, "planning");
        ok = ok && add(view, (int)i, found, count, err);
        free(found);
        free(ids);
        if (!ok) return false;
    }
    return true;
}

void plan_stray_words(const struct plan *plan, const struct plan_device *stray,
                      char out[PLAN_REASON_TEXT])
{
    if (stray->code == PLAN_MATCHED)
        (void)wg_copy(out, PLAN_REASON_TEXT, "the wave has opened without it");
    else
        plan_reason_words(plan, stray->code, out);
}

json_t *plan_strays_json(const struct plan_view *view, size_t wave)
{
    json_t *out = json_array();
    for (size_t i = 0; i < view->stray_count; i++) {
        char words[PLAN_REASON_TEXT];
        if (view->strays[i].wave != (int)wave) continue;
        plan_stray_words(view->plan, &view->strays[i], words);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:s}", "id", view->strays[i].id, "reason", words));
    }
    return out;
}
