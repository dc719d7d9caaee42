/* plan_outlook.c: how soon a campaign can be through, and what that supposes. */
#include "common/posix/zone_file.h"
#include "orchestrator/cli/plan_view.h"

#include <string.h>

#define IF_BACK " if who is away comes back within as long as it has been away"

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

static int64_t seen_of(const struct plan_view *view, enum outlook_seen seen)
{
    int64_t sum = 0;
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++)
        sum += view->waves[i].seen[seen];
    return sum;
}

/* Of the wave that needs most rounds for it. */
static int64_t crowd_of(const struct plan_view *view, size_t cap)
{
    int64_t most = 0;
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++)
        if (view->waves[i].crowd[cap] > most) most = view->waves[i].crowd[cap];
    return most;
}

static wg_duration shortest(const struct plan_view *view)
{
    return outlook_shortest(&view->plan->campaign->policy, view->waves,
                            view->habits.typical_update);
}

static wg_duration expected(const struct plan_view *view)
{
    return outlook_expected(&view->plan->campaign->policy, view->waves, view->habits.typical_update,
                            view->start - view->now);
}

/* Loudly: such a campaign is known today not to reach everybody. */
static void show_cut(struct screen *screen, const struct plan_view *view)
{
    wg_time cut = outlook_cut(&view->plan->campaign->policy, view->start);
    char text[WG_TIME_TEXT];
    if (cut == 0) return;
    wg_time_text(cut, text);
    if (view->start + shortest(view) > cut || view->start >= cut)
        screen_coloured(screen, SCREEN_BAD, "It ends by itself at %s, before it can be through.\n",
                        text);
    else if (view->start + expected(view) > cut)
        screen_coloured(screen, SCREEN_BAD,
                        "It ends by itself at %s, before everybody who is away is expected.\n",
                        text);
}

static void show_caps(struct screen *screen, const struct plan_view *view)
{
    const struct policy *policy = &view->plan->campaign->policy;
    for (size_t i = 0; i < policy->per_count; i++) {
        int64_t crowd = crowd_of(view, i), rounds = outlook_rounds(crowd, policy->per[i].most);
        if (rounds > 1)
            screen_text(screen,
                        "Of one %s there are %lld members in a wave, and %lld may update at once: "
                        "%lld updates one after the other.\n",
                        policy->per[i].attribute, (long long)crowd, (long long)policy->per[i].most,
                        (long long)rounds);
    }
}

static void show_presence(struct screen *screen, const struct plan_view *view)
{
    static const char *const spans[OUTLOOK_SEEN] = {
        [OUTLOOK_HOUR] = "1h", [OUTLOOK_DAY] = "1d", [OUTLOOK_WEEK] = "7d"};
    int64_t longer = seen_of(view, OUTLOOK_LONGER);
    bool away = false;
    screen_text(screen, "Of the members %lld are online now",
                (long long)seen_of(view, OUTLOOK_ONLINE));
    for (int i = OUTLOOK_HOUR; i < OUTLOOK_LONGER; i++) {
        int64_t devices = seen_of(view, (enum outlook_seen)i);
        if (devices == 0) continue;
        screen_text(screen, "%s %lld within %s",
                    away ? "," : "; away, last seen:", (long long)devices, spans[i]);
        away = true;
    }
    if (longer)
        screen_text(screen,
                    "; %lld were not seen for 7 days: nobody knows when they come, and the "
                    "end waits for them",
                    (long long)longer);
    screen_text(screen, ".\n");
}

static void show_unknown_end(struct screen *screen, const struct plan_view *view)
{
    char pace[WG_TIME_TEXT], back[WG_TIME_TEXT];
    wg_duration_words(shortest(view), pace);
    wg_duration_words(expected(view), back);
    screen_text(screen, "Earliest end: not before %s of pace and soaking", pace);
    if (expected(view) > shortest(view)) screen_text(screen, ", %s" IF_BACK, back);
    screen_text(screen, "; how long an update of %s takes is not known yet.\n",
                view->plan->campaign->component);
}

static void show_end(struct screen *screen, const struct plan_view *view)
{
    const struct plan_habits *habits = &view->habits;
    char text[WG_TIME_TEXT], typical[WG_TIME_TEXT];
    bool waits = view->start > view->now || view->plan->campaign->policy.window.count > 0;
    if (habits->past_updates == 0) {
        show_unknown_end(screen, view);
        return;
    }
    wg_time_text(view->start + expected(view), text);
    wg_duration_words(habits->typical_update, typical);
    screen_text(screen,
                "Earliest end: %s, by %space, soaks and %s an update (median of the last %lld)",
                text, waits ? "schedule, windows, " : "", typical, (long long)habits->past_updates);
    if (expected(view) > shortest(view)) {
        wg_time_text(view->start + shortest(view), text);
        screen_text(screen, "," IF_BACK "; %s if everybody were online", text);
    }
    screen_text(screen, ".\n");
}

void plan_outlook_text(struct screen *screen, const struct plan_view *view)
{
    int64_t unplaced = 0, members = plan_members(view->plan);
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++)
        unplaced += view->habits.waves[i].without_position;
    show_end(screen, view);
    show_cut(screen, view);
    show_caps(screen, view);
    show_presence(screen, view);
    if (unplaced && unplaced < members)
        screen_text(screen, "%lld members have no position.\n", (long long)unplaced);
}

static json_t *caps_json(const struct plan_view *view)
{
    const struct policy *policy = &view->plan->campaign->policy;
    json_t *out = json_array();
    for (size_t i = 0; i < policy->per_count; i++) {
        int64_t crowd = crowd_of(view, i);
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
    json_t *away =
        json_pack("{s:I,s:I,s:I,s:I}", "within_1_hour", (json_int_t)seen_of(view, OUTLOOK_HOUR),
                  "within_1_day", (json_int_t)seen_of(view, OUTLOOK_DAY), "within_7_days",
                  (json_int_t)seen_of(view, OUTLOOK_WEEK), "longer",
                  (json_int_t)seen_of(view, OUTLOOK_LONGER));
    return json_pack("{s:I,s:I,s:I,s:o,s:I,s:I,s:o,s:o,s:o}", "online",
                     (json_int_t)seen_of(view, OUTLOOK_ONLINE), "unseen_7_days", (json_int_t)unseen,
                     "without_position", (json_int_t)unplaced, "away", away, "past_updates",
                     (json_int_t)habits->past_updates, "typical_update_ms",
                     (json_int_t)habits->typical_update, "shortest_ms",
                     habits->past_updates ? json_integer(shortest(view)) : json_null(),
                     "with_check_ins", habits->past_updates ? expected_json(view) : json_null(),
                     "caps", caps_json(view));
}
