/* plan_view.c: what a plan shows, asked of the database. */
#include "orchestrator/show/plan_view.h"

#include "orchestrator/plan/revision.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 1000000
#define CHANGES_MAX ((size_t)1024 * 1024)

static bool list_devices(struct plan_view *view, struct db *db, const char *which,
                         struct wg_error *err)
{
    const struct campaign *campaign = view->plan->campaign;
    int wave = -1;
    view->wave = -1;
    if (!which) return true;
    if (strcmp(which, "left-out") == 0)
        return plan_left_out_list(db, &view->plan->query, DEVICES_MAX, &view->devices,
                                  &view->device_count, err);
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        if (strcmp(campaign->waves[i].name, which) == 0) wave = (int)i;
    if (wave < 0 && strcmp(which, "all") != 0)
        return wg_fail(err, WG_E_USAGE,
                       "--devices: \"%.64s\" is no wave of this campaign: expected a wave, all or "
                       "left-out",
                       which);
    view->wave = wave;
    view->lists_strays = true;
    return plan_members_list(db, wave, DEVICES_MAX, &view->devices, &view->device_count, err);
}

bool plan_view_init(struct plan_view *view, struct db *db, const struct plan *plan,
                    const char *devices, struct wg_error *err)
{
    *view = (struct plan_view){.plan = plan, .now = view->now};
    wg_buf_init(&view->changes, CHANGES_MAX);
    return plan_shares(db, view->now, &view->shares, &view->share_count, &view->habits, err) &&
           plan_overlaps(db, plan->query.revises, &view->overlaps, &view->overlap_count, err) &&
           plan_outlook_init(view, db, err) && plan_strays_init(view, db, err) &&
           list_devices(view, db, devices, err) &&
           (!plan->standing || plan_is_applied(plan) ||
            revision_changes(plan, &view->changes, err));
}

void plan_view_clear(struct plan_view *view)
{
    free(view->shares);
    free(view->overlaps);
    free(view->devices);
    free(view->strays);
    wg_buf_clear(&view->changes);
}
