/* plan_view.h: a plan for people and for programs. */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_VIEW_H
#define WG_ORCHESTRATOR_CLI_PLAN_VIEW_H

#include "orchestrator/cli/screen.h"
#include "orchestrator/plan/plan.h"

struct plan_view {
    const struct plan *plan;
    struct plan_share *shares; /* owned, as are the other lists */
    size_t share_count;
    struct plan_overlap *overlaps;
    size_t overlap_count;
    struct plan_habits habits;
    struct plan_device *devices; /* when asked for */
    size_t device_count;
    struct wg_buf changes; /* of a revision, a line each */
    wg_time now;
    wg_time start; /* when the first device can be offered it */
};

/* view->now is set. Asks the database; devices: NULL none, "all", a wave's name, or "left-out". */
WG_MUST_CHECK bool plan_view_init(struct plan_view *view, struct db *db, const struct plan *plan,
                                  const char *devices, struct wg_error *err);
void plan_view_clear(struct plan_view *view);
void plan_view_text(const struct plan_view *view, struct screen *screen);
json_t *plan_view_json(const struct plan_view *view);

/* Not before this time, by schedule, windows, pace, soaks and past updates; 0: nothing is known. */
wg_time plan_view_earliest_end(const struct plan_view *view);

#endif
