/* plan_view.h: what a plan shows, for people and for programs. */
#ifndef WG_ORCHESTRATOR_SHOW_PLAN_VIEW_H
#define WG_ORCHESTRATOR_SHOW_PLAN_VIEW_H

#include "common/json.h"
#include "orchestrator/plan/plan.h"

struct plan_view {
    const struct plan *plan;
    struct plan_share *shares; /* owned, as are the other lists */
    size_t share_count;
    struct plan_overlap *overlaps;
    size_t overlap_count;
    struct plan_habits habits;
    struct outlook_wave waves[POLICY_WAVES_MAX];
    struct plan_device *strays; /* ids that a wave lists and does not get, wave by wave */
    size_t stray_count;
    struct plan_device *devices; /* when asked for */
    size_t device_count;
    int wave; /* that devices are of; -1: of all */
    bool lists_strays;
    struct wg_buf changes; /* of a revision, a line each */
    wg_time now;
    wg_time start; /* when the first device can be offered it */
};

/* view->now is set. Asks the database; devices: NULL none, "all", a wave's name, or "left-out".
 * plan_view_clear() afterwards, also when it fails. */
WG_MUST_CHECK bool plan_view_init(struct plan_view *view, struct db *db, const struct plan *plan,
                                  const char *devices, struct wg_error *err);
void plan_view_clear(struct plan_view *view);
/* All but what the repository's policy wants. New reference. */
json_t *plan_view_json(const struct plan_view *view);

/* ---- of the outlook: plan_outlook.c ---- */

/* Behind plan_shares(). Asks the database for past updates, and who shares a capped attribute. */
WG_MUST_CHECK bool plan_outlook_init(struct plan_view *view, struct db *db, struct wg_error *err);
/* Durations, no times: the same file and fleet give the same plan tomorrow. */
json_t *plan_outlook_json(const struct plan_view *view);
/* The same in words, with times: [{"text", "bad": loudly}]. New reference. */
json_t *plan_outlook_words(const struct plan_view *view);
/* How many members were last seen then. */
int64_t plan_outlook_seen(const struct plan_view *view, enum outlook_seen seen);
/* Who share a value of the policy's capped attribute, in the wave that needs most rounds for it. */
int64_t plan_outlook_crowd(const struct plan_view *view, size_t cap);
wg_duration plan_outlook_shortest(const struct plan_view *view);
wg_duration plan_outlook_expected(const struct plan_view *view);

/* ---- of ids that a wave lists and does not get: plan_strays.c ---- */

WG_MUST_CHECK bool plan_strays_init(struct plan_view *view, struct db *db, struct wg_error *err);
/* Why the wave does not get it. */
void plan_stray_words(const struct plan *plan, const struct plan_device *stray,
                      char out[PLAN_REASON_TEXT]);
json_t *plan_strays_json(const struct plan_view *view, size_t wave);

#endif
