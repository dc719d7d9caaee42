/* campaign_standing_view.c: a campaign for people. What moves without anything happening (ages,
 * counts of the last minute, ends of leases) is not shown: a picture that is watched stays calm. */
#include "orchestrator/cli/campaign_standing_view.h"

#include "common/state.h"
#include "orchestrator/cli/document.h"

#include <string.h>

#define BAR_MAX 40

static bool is_any(const char *state, const char *const *of)
{
    for (; *of; of++)
        if (strcmp(state, *of) == 0) return true;
    return false;
}

bool campaign_standing_is_final(const json_t *standing)
{
    static const char *const final[] = {"finished", "aborted", "rolled-back", NULL};
    return is_any(document_text(standing, "state"), final);
}

bool campaign_standing_is_bad(const json_t *standing)
{
    static const char *const bad[] = {"aborted", "rolled-back", NULL};
    return is_any(document_text(standing, "state"), bad);
}

bool campaign_standing_waits(const json_t *standing)
{
    const json_t *wave;
    size_t i;
    if (strcmp(document_text(standing, "state"), "awaiting-approval") == 0)
        return document_number(standing, "approvals.given") <
               document_number(standing, "approvals.needed");
    json_array_foreach(document_at(standing, "waves"), i, wave)
    {
        if (strcmp(document_text(wave, "state"), "at-gate") == 0 &&
            document_number(wave, "approvals") < document_number(wave, "approvals_needed"))
            return true;
    }
    return false;
}

static enum screen_colour state_colour(const char *state)
{
    static const char *const good[] = {"finished", "passed", NULL};
    static const char *const bad[] = {"aborted", "failed", "stopping", NULL};
    static const char *const dim[] = {"pending", "draft", NULL};
    return is_any(state, good)  ? SCREEN_GOOD
           : is_any(state, bad) ? SCREEN_BAD
           : is_any(state, dim) ? SCREEN_DIM
                                : SCREEN_BUSY;
}

static long long count_of(const json_t *wave, enum wg_state state)
{
    return document_number(json_object_get(wave, "devices"), wg_state_text(state));
}

long long campaign_standing_done(const json_t *wave)
{
    return count_of(wave, WG_SUCCEEDED) + count_of(wave, WG_SATISFIED);
}

static void show_counts(struct screen *screen, const json_t *wave)
{
    bool first = true;
    for (int state = 0; state < WG_STATES; state++) {
        long long count = count_of(wave, (enum wg_state)state);
        if (!count) continue;
        screen_text(screen, "%s%lld %s", first ? "" : ", ", count,
                    wg_state_text((enum wg_state)state));
        first = false;
    }
}

static void show_wave(struct screen *screen, const json_t *wave)
{
    const char *reason = document_text(wave, "waits_for"), *state = document_text(wave, "state");
    long long busy = 0, done = campaign_standing_done(wave);
    long long members = document_number(wave, "members");
    size_t cells = screen->width > 100 ? BAR_MAX : 20;
    for (int i = 0; i < WG_STATES; i++)
        if (wg_state_is_in_flight((enum wg_state)i)) busy += count_of(wave, (enum wg_state)i);
    screen_text(screen, "  %-12s ", document_text(wave, "name"));
    screen_bar(screen, cells, done, document_number(wave, "faults"), busy, members);
    screen_text(screen, " %3lld/%-3lld ", done, members);
    screen_coloured(screen, state_colour(state), "%-8s", state);
    screen_text(screen, "\n               ");
    show_counts(screen, wave);
    if (reason[0]) screen_coloured(screen, SCREEN_DIM, " - %s", reason);
    screen_text(screen, "\n");
}

static void show_head(struct screen *screen, const json_t *standing)
{
    const char *state = document_text(standing, "state"), *cause = document_text(standing, "cause");
    const char *reason = document_text(standing, "waits_for");
    const char *back = document_text(standing, "rolls_back");
    const char *by = document_text(standing, "rolled_back_by");
    screen_coloured(screen, SCREEN_BOLD, "%s", document_text(standing, "campaign"));
    screen_text(screen, "  %s %s  ", document_text(standing, "component"),
                document_text(standing, "version"));
    screen_coloured(screen, state_colour(state), "%s", state);
    screen_text(screen, "  since ");
    screen_time(screen, document_time(standing, "state_at"));
    screen_text(screen, "%s\n", document_is(standing, "emergency") ? "  emergency" : "");
    if (cause[0] && strcmp(cause, "applied") != 0) screen_text(screen, "  because: %s\n", cause);
    /* unless the cause says so already */
    if (reason[0] && !strstr(cause, reason)) screen_text(screen, "  now: %s\n", reason);
    if (back[0]) screen_text(screen, "  sends devices of campaign %s back\n", back);
    if (by[0]) screen_text(screen, "  campaign %s sends its devices back\n", by);
}

static void show_pace(struct screen *screen, const json_t *standing)
{
    const char *next = document_text(standing, "rate.next");
    if (!json_is_object(document_at(standing, "rate"))) return;
    screen_text(screen, ", at most %lld a minute", document_number(standing, "rate.in_a_minute"));
    if (next[0] && strcmp(document_text(standing, "state"), "running") == 0)
        screen_text(screen, " (used up until %s)", next);
}

static void show_window(struct screen *screen, const json_t *standing)
{
    const char *words = document_text(standing, "window.words");
    if (words[0] && !campaign_standing_is_final(standing))
        screen_text(screen, "  window: %s\n", words);
}

/* A lease's holder is host, process and a random number that tells processes apart. */
static void show_ticker(struct screen *screen, const json_t *standing)
{
    const char *holder = document_text(standing, "lease.holder"), *end = strrchr(holder, ':');
    if (campaign_standing_is_final(standing) ||
        strcmp(document_text(standing, "state"), "draft") == 0)
        return;
    if (json_is_object(document_at(standing, "lease")))
        screen_text(screen, "  looked after by %.*s\n",
                    end ? (int)(end - holder) : (int)strlen(holder), holder);
    else
        screen_coloured(screen, SCREEN_BAD, "  no orchestrator looks after it\n");
}

static void show_hold(struct screen *screen, const json_t *standing)
{
    long long ready = document_number(standing, "ready");
    const char *over = document_text(standing, "not_recalled.words");
    if (ready > 0)
        screen_text(screen, "  %lld %s installed and wait%s for the word to switch over\n", ready,
                    ready == 1 ? "device has" : "devices have", ready == 1 ? "s" : "");
    if (over[0] && strcmp(document_text(standing, "state"), "stopping") == 0)
        screen_text(screen, "  %s\n", over);
}

static void show_unsigned(struct screen *screen, const json_t *standing)
{
    long long count = document_number(standing, "unsigned.orders");
    if (count > 0)
        screen_coloured(screen, SCREEN_BAD, "  %lld %s not signed: %s\n", count,
                        count == 1 ? "order is" : "orders are",
                        document_text(standing, "unsigned.why"));
}

static void show_reasons(struct screen *screen, const json_t *standing)
{
    const char *put_off = document_text(standing, "said_last.put_off");
    const char *failed = document_text(standing, "said_last.failed");
    if (put_off[0])
        screen_text(screen, "  put off by the devices themselves, the last one: %s\n", put_off);
    if (failed[0])
        screen_text(screen, "  the last that failed: %s: %s\n", failed,
                    document_text(standing, "said_last.failure"));
}

void campaign_standing_show(struct screen *screen, const json_t *standing)
{
    const json_t *wave;
    size_t i;
    show_head(screen, standing);
    screen_text(screen, "  in flight %lld of %lld, failures %lld of %lld tolerated",
                document_number(standing, "in_flight"), document_number(standing, "in_flight_max"),
                document_number(standing, "faults"), document_number(standing, "faults_tolerated"));
    show_pace(screen, standing);
    screen_text(screen, "\n");
    show_unsigned(screen, standing);
    show_reasons(screen, standing);
    show_hold(screen, standing);
    show_window(screen, standing);
    show_ticker(screen, standing);
    json_array_foreach(document_at(standing, "waves"), i, wave) show_wave(screen, wave);
}
