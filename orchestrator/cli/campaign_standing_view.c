/* campaign_standing_view.c: a campaign for people. What moves without anything happening (ages,
 * counts of the last minute, ends of leases) is not shown: a picture that is watched stays calm. */
#include "orchestrator/cli/campaign_standing.h"

#include "orchestrator/cli/steer.h"

#include <string.h>

#define BAR_MAX 40

static enum screen_colour state_colour(const char *state)
{
    if (!strcmp(state, "finished") || !strcmp(state, "passed")) return SCREEN_GOOD;
    if (!strcmp(state, "aborted") || !strcmp(state, "failed") || !strcmp(state, "stopping"))
        return SCREEN_BAD;
    if (!strcmp(state, "pending") || !strcmp(state, "draft")) return SCREEN_DIM;
    return SCREEN_BUSY;
}

static void show_counts(struct screen *screen, const struct wave_row *wave)
{
    bool first = true;
    for (int state = 0; state < WG_STATES; state++) {
        if (!wave->count[state]) continue;
        screen_text(screen, "%s%lld %s", first ? "" : ", ", (long long)wave->count[state],
                    wg_state_text((enum wg_state)state));
        first = false;
    }
}

static void show_wave(struct screen *screen, const struct campaign_standing *standing, size_t index)
{
    const struct wave_row *wave = &standing->row.waves[index];
    char reason[ENGINE_CAUSE_MAX];
    int64_t busy = 0, done = wave->count[WG_SUCCEEDED] + wave->count[WG_SATISFIED];
    size_t cells = screen->width > 100 ? BAR_MAX : 20;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_in_flight((enum wg_state)state)) busy += wave->count[state];
    screen_text(screen, "  %-12s ", wave->name);
    screen_bar(screen, cells, done, wave->faults, busy, wave->members);
    screen_text(screen, " %3lld/%-3lld ", (long long)done, (long long)wave->members);
    screen_coloured(screen, state_colour(wave->state), "%-8s", wave->state);
    screen_text(screen, "\n               ");
    show_counts(screen, wave);
    engine_wave_reason(&standing->campaign->policy, &standing->view, index, standing->now, reason);
    if (reason[0]) screen_coloured(screen, SCREEN_DIM, " - %s", reason);
    screen_text(screen, "\n");
}

static void show_head(struct screen *screen, const struct campaign_standing *standing)
{
    const struct campaign_row *row = &standing->row;
    char reason[ENGINE_CAUSE_MAX];
    screen_coloured(screen, SCREEN_BOLD, "%s", row->name);
    screen_text(screen, "  %s %s  ", row->component, row->version);
    screen_coloured(screen, state_colour(row->state), "%s", row->state);
    screen_text(screen, "  since ");
    screen_time(screen, row->state_at);
    screen_text(screen, "%s\n", row->emergency ? "  emergency" : "");
    if (row->cause[0] && strcmp(row->cause, "applied") != 0)
        screen_text(screen, "  because: %s\n", row->cause);
    campaign_standing_reason(standing, reason);
    if (reason[0]) screen_text(screen, "  now: %s\n", reason);
    if (row->rolls_back[0])
        screen_text(screen, "  sends devices of campaign %s back\n", row->rolls_back);
    if (standing->rolled_back_by[0])
        screen_text(screen, "  campaign %s sends its devices back\n", standing->rolled_back_by);
}

static void show_pace(struct screen *screen, const struct campaign_standing *standing)
{
    const struct engine_pace *pace = &standing->pace;
    char at[WG_TIME_TEXT];
    if (pace->rate < 0) return;
    screen_text(screen, ", at most %lld a minute", (long long)pace->rate);
    if (pace->next == 0 || standing->view.state != CAMPAIGN_RUNNING) return;
    wg_time_text(pace->next, at);
    screen_text(screen, " (used up until %s)", at);
}

static void show_window(struct screen *screen, const struct campaign_standing *standing)
{
    const struct campaign_window *window = &standing->window;
    struct wg_windows windows = standing->campaign->policy.window;
    char words[WG_WINDOWS_WORDS];
    if (windows.count == 0 || campaign_state_is_final(standing->view.state)) return;
    screen_text(screen, "  window: ");
    if (window->zones == 0) {
        screen_text(screen, "no time zone is known that it could be open in\n");
        return;
    }
    if (windows.kind != WG_WINDOW_NAMED)
        screen_text(screen, "open in %zu of %zu time zones%s", window->open, window->zones,
                    window->next ? ", next " : "");
    if (windows.kind == WG_WINDOW_NAMED || window->next) {
        const char *zone = windows.kind == WG_WINDOW_NAMED ? windows.zone : window->zone;
        const struct wg_tz *tz = zone_files_get(standing->zones, zone, NULL);
        (void)wg_copy(windows.zone, sizeof windows.zone, zone);
        wg_windows_words(&windows, tz, standing->now, words);
        screen_text(screen, "%s", words);
    }
    screen_text(screen, "\n");
}

/* A lease's holder is host, process and a random number that tells processes apart. */
static void show_ticker(struct screen *screen, const struct campaign_standing *standing)
{
    enum campaign_state state = standing->view.state;
    const char *holder = standing->lease.holder, *end = strrchr(holder, ':');
    if (campaign_state_is_final(state) || state == CAMPAIGN_DRAFT) return;
    if (campaign_standing_is_ticked(standing))
        screen_text(screen, "  looked after by %.*s\n",
                    end ? (int)(end - holder) : (int)strlen(holder), holder);
    else
        screen_coloured(screen, SCREEN_BAD, "  no orchestrator looks after it\n");
}

static void show_hold(struct screen *screen, const struct campaign_standing *standing)
{
    const struct campaign_row *row = &standing->row;
    struct steer_recall recall;
    char over[STEER_RECALL_TEXT];
    if (row->ready > 0)
        screen_text(screen, "  %lld %s installed and wait%s for the word to switch over\n",
                    (long long)row->ready, row->ready == 1 ? "device has" : "devices have",
                    row->ready == 1 ? "s" : "");
    if (standing->view.state != CAMPAIGN_STOPPING) return;
    steer_recall_of(row, &recall);
    steer_recall_words(&recall, over);
    if (over[0]) screen_text(screen, "  %s\n", over);
}

static void show_unsigned(struct screen *screen, const struct campaign_standing *standing)
{
    int64_t count = standing->unsigned_orders;
    if (count > 0)
        screen_coloured(screen, SCREEN_BAD, "  %lld %s not signed: %s\n", (long long)count,
                        count == 1 ? "order is" : "orders are", standing->unsigned_why);
}

static void show_reasons(struct screen *screen, const struct campaign_standing *standing)
{
    const struct place_reasons *reasons = &standing->reasons;
    if (reasons->put_off[0])
        screen_text(screen, "  put off by the devices themselves, the last one: %s\n",
                    reasons->put_off);
    if (reasons->failed[0])
        screen_text(screen, "  the last that failed: %s: %s\n", reasons->failed, reasons->failure);
}

void campaign_standing_show(struct screen *screen, const struct campaign_standing *standing)
{
    const struct campaign_row *row = &standing->row;
    const struct policy *policy = &standing->campaign->policy;
    show_head(screen, standing);
    screen_text(screen, "  in flight %lld of %lld, failures %lld of %lld tolerated",
                (long long)standing_in_flight(row), (long long)policy->in_flight,
                (long long)standing_faults(row),
                (long long)policy_budget_tolerates(&policy->budget, row->members));
    show_pace(screen, standing);
    screen_text(screen, "\n");
    show_unsigned(screen, standing);
    show_reasons(screen, standing);
    show_hold(screen, standing);
    show_window(screen, standing);
    show_ticker(screen, standing);
    for (size_t i = 0; i < row->wave_count; i++) show_wave(screen, standing, i);
}
