/* plan_words.c: how soon a campaign can be through, in words. */
#include "orchestrator/show/plan_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES ((size_t)4096)

/* One line after the other. */
struct words {
    json_t *lines;      /* owned by the caller */
    struct wg_buf line; /* the present one */
    bool bad;
};

static void end_line(struct words *words)
{
    size_t len = words->line.len;
    if (len > 0 && words->line.data[len - 1] == '\n') words->line.data[--len] = '\0';
    if (len > 0)
        (void)json_array_append_new(
            words->lines,
            json_pack("{s:s,s:b}", "text", wg_buf_str(&words->line), "bad", words->bad));
    wg_buf_clear(&words->line);
    words->bad = false;
}

static void say(struct words *words, const char *format, ...) WG_PRINTF(2, 3);
static void say_badly(struct words *words, const char *format, ...) WG_PRINTF(2, 3);
static void add(struct words *words, const char *format, va_list args) WG_PRINTF(2, 0);

static void add(struct words *words, const char *format, va_list args)
{
    char text[LINE_MAX_BYTES];
    (void)vsnprintf(text, sizeof text, format, args);
    wg_buf_text(&words->line, text);
    if (strchr(text, '\n')) end_line(words);
}

static void say(struct words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(words, format, args);
    va_end(args);
}

static void say_badly(struct words *words, const char *format, ...)
{
    va_list args;
    words->bad = true;
    va_start(args, format);
    add(words, format, args);
    va_end(args);
}

#define IF_BACK " if who is away comes back within as long as it has been away"

/* Loudly: such a campaign is known today not to reach everybody. */
static void show_cut(struct words *words, const struct plan_view *view)
{
    wg_time cut = outlook_cut(&view->plan->campaign->policy, view->start);
    char text[WG_TIME_TEXT];
    if (cut == 0) return;
    wg_time_text(cut, text);
    if (view->start + plan_outlook_shortest(view) > cut || view->start >= cut)
        say_badly(words, "It ends by itself at %s, before it can be through.\n", text);
    else if (view->start + plan_outlook_expected(view) > cut)
        say_badly(words, "It ends by itself at %s, before everybody who is away is expected.\n",
                  text);
}

static void show_caps(struct words *words, const struct plan_view *view)
{
    const struct policy *policy = &view->plan->campaign->policy;
    for (size_t i = 0; i < policy->per_count; i++) {
        int64_t crowd = plan_outlook_crowd(view, i),
                rounds = outlook_rounds(crowd, policy->per[i].most);
        if (rounds > 1)
            say(words,
                "Of one %s there are %lld members in a wave, and %lld may update at once: "
                "%lld updates one after the other.\n",
                policy->per[i].attribute, (long long)crowd, (long long)policy->per[i].most,
                (long long)rounds);
    }
}

static void show_presence(struct words *words, const struct plan_view *view)
{
    static const char *const spans[OUTLOOK_SEEN] = {
        [OUTLOOK_HOUR] = "1h", [OUTLOOK_DAY] = "1d", [OUTLOOK_WEEK] = "7d"};
    int64_t longer = plan_outlook_seen(view, OUTLOOK_LONGER);
    bool away = false;
    say(words, "Of the members %lld are online now",
        (long long)plan_outlook_seen(view, OUTLOOK_ONLINE));
    for (int i = OUTLOOK_HOUR; i < OUTLOOK_LONGER; i++) {
        int64_t devices = plan_outlook_seen(view, (enum outlook_seen)i);
        if (devices == 0) continue;
        say(words, "%s %lld within %s", away ? "," : "; away, last seen:", (long long)devices,
            spans[i]);
        away = true;
    }
    if (longer)
        say(words,
            "; %lld were not seen for 7 days: nobody knows when they come, and the "
            "end waits for them",
            (long long)longer);
    say(words, ".\n");
}

static void show_unknown_end(struct words *words, const struct plan_view *view)
{
    char pace[WG_TIME_TEXT], back[WG_TIME_TEXT];
    wg_duration_words(plan_outlook_shortest(view), pace);
    wg_duration_words(plan_outlook_expected(view), back);
    say(words, "Earliest end: not before %s of pace and soaking", pace);
    if (plan_outlook_expected(view) > plan_outlook_shortest(view)) say(words, ", %s" IF_BACK, back);
    say(words, "; how long an update of %s takes is not known yet.\n",
        view->plan->campaign->component);
}

static void show_end(struct words *words, const struct plan_view *view)
{
    const struct plan_habits *habits = &view->habits;
    char text[WG_TIME_TEXT], typical[WG_TIME_TEXT];
    bool waits = view->start > view->now || view->plan->campaign->policy.window.count > 0;
    if (habits->past_updates == 0) {
        show_unknown_end(words, view);
        return;
    }
    wg_time_text(view->start + plan_outlook_expected(view), text);
    wg_duration_words(habits->typical_update, typical);
    say(words, "Earliest end: %s, by %space, soaks and %s an update (median of the last %lld)",
        text, waits ? "schedule, windows, " : "", typical, (long long)habits->past_updates);
    if (plan_outlook_expected(view) > plan_outlook_shortest(view)) {
        wg_time_text(view->start + plan_outlook_shortest(view), text);
        say(words, "," IF_BACK "; %s if everybody were online", text);
    }
    say(words, ".\n");
}

json_t *plan_outlook_words(const struct plan_view *view)
{
    struct words words = {.lines = json_array()};
    int64_t unplaced = 0, members = plan_members(view->plan);
    if (!words.lines) return NULL;
    wg_buf_init(&words.line, LINE_MAX_BYTES);
    for (size_t i = 0; i < view->plan->campaign->policy.wave_count; i++)
        unplaced += view->habits.waves[i].without_position;
    show_end(&words, view);
    show_cut(&words, view);
    show_caps(&words, view);
    show_presence(&words, view);
    if (unplaced && unplaced < members)
        say(&words, "%lld members have no position.\n", (long long)unplaced);
    wg_buf_clear(&words.line);
    return words.lines;
}
