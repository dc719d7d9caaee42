/* plan_outlook.c: how soon a campaign can be through, and what that supposes. */
#include "orchestrator/show/plan_view.h"

#include "common/posix/zone_file.h"

/* A zone that cannot be read (this machine has no such file) does not keep anybody from planning.
 */
static wg_time start_of(const struct policy *policy, wg_time now)
{
    struct policy without = *policy;
    struct zone_files *files = zone_files_new(NULL);
    const struct wg_tz *tz = files && policy->window.kind == WG_WINDOW_NAMED
                                 ? zone_files_get(files, policy->window.zone, NULL)
                                 : NULL;
    without.window.count = 0;
    wg_time start = outlook_start(tz ? policy : &without, tz, now);
    zone_files_free(files);
    return start;
}

bool plan_outlook_init(struct plan_view *view, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = view->plan->campaign;
    const struct policy *policy = &campaign->policy;
    view->start = start_of(policy, view->now);
    bool ok = plan_habits(db, campaign->component, &view->habits, err);
    for (size_t i = 0; ok && i < policy->per_count; i++)
        ok = plan_crowds(db, policy->per[i].attribute, i, &view->habits, err);
    plan_outlook_waves(view->plan, &view->habits, view->waves);
    return ok;
}

int64_t plan_outlook_seen(const struct plan_view *view, enum outlook_seen seen)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++)
        sum += view->waves[i].seen[seen];
    return sum;
}

/* Of the wave that needs most rounds for it. */
int64_t plan_outlook_crowd(const struct plan_view *view, size_t cap)
{
    int64_t most = 0;
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++)
        if (view->waves[i].crowd[cap] > most) most = view->waves[i].crowd[cap];
    return most;
}

wg_duration plan_outlook_shortest(const struct plan_view *view)
{
    return outlook_shortest(&view->plan->campaign->policy, view->waves,
                            view->habits.typical_update);
}

wg_duration plan_outlook_expected(const struct plan_view *view)
{
    return outlook_expected(&view->plan->campaign->policy, view->waves, view->habits.typical_update,
                            view->start - view->now);
}

static json_t *caps_json(const struct plan_view *view)
{
    const struct policy *policy = &view->plan->campaign->policy;
    json_t *out = json_array();
    for (size_t i = 0; i < policy->per_count; i++) {
        int64_t crowd = plan_outlook_crowd(view, i);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:I,s:I,s:I}", "attribute", policy->per[i].attribute, "most",
                           (json_int_t)policy->per[i].most, "crowd", (json_int_t)crowd, "rounds",
                           (json_int_t)outlook_rounds(crowd, policy->per[i].most)));
    }
    return out;
}

/* The time until it starts is no part of it. */
static json_t *expected_json(const struct plan_view *view)
{
    return json_pack("{s:I,s:s}", "shortest_ms",
                     (json_int_t)outlook_expected(&view->plan->campaign->policy, view->waves,
                                                  view->habits.typical_update, 0),
                     "assumes",
                     "who is away comes back within as long as it has been away: 1 hour, 1 day, 7 "
                     "days; who was away longer, within 7 days");
}

json_t *plan_outlook_json(const struct plan_view *view)
{
    const struct plan_habits *habits = &view->habits;
    int64_t unseen = 0, unplaced = 0;
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++) {
        unseen += habits->waves[i].unseen_week;
        unplaced += habits->waves[i].without_position;
    }
    json_t *away = json_pack("{s:I,s:I,s:I,s:I}", "within_1_hour",
                             (json_int_t)plan_outlook_seen(view, OUTLOOK_HOUR), "within_1_day",
                             (json_int_t)plan_outlook_seen(view, OUTLOOK_DAY), "within_7_days",
                             (json_int_t)plan_outlook_seen(view, OUTLOOK_WEEK), "longer",
                             (json_int_t)plan_outlook_seen(view, OUTLOOK_LONGER));
    return json_pack("{s:I,s:I,s:I,s:o,s:I,s:I,s:o,s:o,s:o}", "online",
                     (json_int_t)plan_outlook_seen(view, OUTLOOK_ONLINE), "unseen_7_days",
                     (json_int_t)unseen, "without_position", (json_int_t)unplaced, "away", away,
                     "past_updates", (json_int_t)habits->past_updates, "typical_update_ms",
                     (json_int_t)habits->typical_update, "shortest_ms",
                     habits->past_updates ? json_integer(plan_outlook_shortest(view)) : json_null(),
                     "with_check_ins", habits->past_updates ? expected_json(view) : json_null(),
                     "caps", caps_json(view));
}
