/* plan_policy.c: the policy of a campaign for people. */
#include "orchestrator/cli/plan_policy.h"

#include <string.h>

static const char *length_text(wg_duration duration, char out[WG_TIME_TEXT])
{
    wg_duration_text(duration, out);
    return out;
}

/* 12.5 for 125000: as many decimals as it needs. */
static const char *percent_text(int64_t ppm, char out[WG_TIME_TEXT])
{
    (void)wg_format(out, WG_TIME_TEXT, "%lld.%04lld", (long long)(ppm / 10000),
                    (long long)(ppm % 10000));
    size_t end = strlen(out);
    while (out[end - 1] == '0') end--;
    if (out[end - 1] == '.') end--;
    out[end] = '\0';
    return out;
}

static void approvals_text(struct screen *screen, int64_t count, const char *role,
                           wg_duration expires)
{
    char text[WG_TIME_TEXT];
    screen_text(screen, "%lld approval%s of %s", (long long)count, count == 1 ? "" : "s", role);
    if (expires > 0) screen_text(screen, " (each good for %s)", length_text(expires, text));
}

void plan_gate_text(struct screen *screen, const struct policy *policy, size_t wave)
{
    const struct policy_gate *gate = &policy->gates[wave];
    char text[WG_TIME_TEXT];
    screen_text(screen, "%s%% succeed", percent_text(gate->success_ppm, text));
    if (gate->sample.is_share && gate->sample.value < POLICY_PPM)
        screen_text(screen, " of the first %s%%", percent_text(gate->sample.value, text));
    if (!gate->sample.is_share)
        screen_text(screen, " of the first %lld", (long long)gate->sample.value);
    if (gate->soak > 0) screen_text(screen, ", soak %s", length_text(gate->soak, text));
    if (gate->approval_count > 0 && wave + 1 < policy->wave_count) {
        screen_text(screen, ", ");
        approvals_text(screen, gate->approval_count, gate->approval_role, gate->approval_expires);
    }
    if (gate->hook.run[0] || gate->hook.url[0])
        screen_text(screen, ", hook %s%s", gate->hook.run, gate->hook.url);
    if (gate->health.metric[0])
        screen_text(screen, ", %s not %s%% %s than before", gate->health.metric,
                    percent_text(gate->health.margin_ppm, text),
                    gate->health.lower_is_worse ? "lower" : "higher");
    screen_text(screen, "\n");
}

static void pace_text(struct screen *screen, const struct policy *policy)
{
    const struct policy_rate *rate = &policy->rate;
    char text[WG_TIME_TEXT];
    screen_text(screen, "Pace: %lld updates at once", (long long)policy->in_flight);
    for (size_t i = 0; i < policy->per_count; i++)
        screen_text(screen, ", %lld in each %s", (long long)policy->per[i].most,
                    policy->per[i].attribute);
    if (rate->start > 0) {
        bool grows = rate->factor_ppm > POLICY_PPM && rate->max != rate->start;
        screen_text(screen, "; %lld a minute", (long long)rate->start);
        if (grows)
            screen_text(screen, " at first, times %s as they succeed",
                        percent_text(rate->factor_ppm / 100, text));
        if (grows && rate->max > 0)
            screen_text(screen, ", at most %lld a minute", (long long)rate->max);
    }
    screen_text(screen, ".\n");
}

static void days_text(struct screen *screen, unsigned days)
{
    bool first = true;
    if (days == WG_DAYS_ALL) screen_text(screen, " every day");
    for (int day = 0; day < WG_DAYS && days != WG_DAYS_ALL; day++) {
        if (!(days & 1U << day)) continue;
        screen_text(screen, "%s%s", first ? " on " : ", ", wg_day_text(day));
        first = false;
    }
}

static void window_text(struct screen *screen, const struct wg_windows *windows)
{
    static const char *const clocks[] = {[WG_WINDOW_DEVICE] = "by each device's own clock",
                                         [WG_WINDOW_SITE] = "by the clock where a device stands",
                                         [WG_WINDOW_NAMED] = "in"};
    char text[WG_WINDOW_TEXT];
    if (windows->count == 0) return;
    screen_text(screen, "Window: ");
    for (size_t i = 0; i < windows->count; i++) {
        wg_window_text_daily(&windows->items[i], text);
        screen_text(screen, "%s%s", i ? "; " : "", text);
        days_text(screen, windows->items[i].days);
    }
    screen_text(screen, "; %s%s%s.\n", clocks[windows->kind], windows->zone[0] ? " " : "",
                windows->zone);
}

static void schedule_text(struct screen *screen, const struct policy_schedule *schedule)
{
    static const char *const ends[] = {[POLICY_END_PAUSE] = "then it pauses",
                                       [POLICY_END_ABORT] = "then it is aborted",
                                       [POLICY_END_FINISH_STARTED] =
                                           "then what has started is finished"};
    char text[WG_TIME_TEXT];
    if (!schedule->start && !schedule->end) return;
    screen_text(screen, "Schedule:");
    if (schedule->start) {
        wg_time_text(schedule->start, text);
        screen_text(screen, " from %s", text);
    }
    if (schedule->end) {
        wg_time_text(schedule->end, text);
        screen_text(screen, "%s until %s, %s", schedule->start ? "," : "", text,
                    ends[schedule->at_end]);
    }
    screen_text(screen, ".\n");
}

void plan_policy_text(struct screen *screen, const struct campaign *campaign)
{
    const struct policy *policy = &campaign->policy;
    char text[WG_TIME_TEXT];
    if (policy->emergency.length > 0)
        screen_coloured(screen, SCREEN_BAD,
                        "Emergency: for %s from its start, before all other campaigns, whose "
                        "updates of these devices it ends where they have not switched over: %s\n",
                        length_text(policy->emergency.length, text), policy->emergency.reason);
    if (policy->start.count > 0) {
        screen_text(screen, "Starts after ");
        approvals_text(screen, policy->start.count, policy->start.role, policy->start.expires);
        screen_text(screen, ".\n");
    }
    schedule_text(screen, &policy->schedule);
    window_text(screen, &policy->window);
    pace_text(screen, policy);
    for (size_t i = 0; i < campaign->supersedes.count; i++)
        screen_text(screen, "%s%s%s", i ? ", " : "Supersedes: its devices are taken out of ",
                    campaign->supersedes.items[i],
                    i + 1 == campaign->supersedes.count ? ".\n" : "");
}
