/* campaign_status.c: `campaign status NAME [--watch]`: waves, bars, gate figures, what holds it. */
#include "orchestrator/cli/command.h"
#include "orchestrator/status/standing.h"

#include "common/posix/file.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FRAME_EVERY 300 /* ms between looks */
#define BAR_MAX 40

struct status {
    struct campaign_row row;
    struct campaign *campaign;
    int64_t revision; /* that campaign is of */
    struct engine_view view;
    wg_time now;
};

static bool load_once(struct cli *cli, struct status *status, struct wg_error *err)
{
    status->now = wg_now();
    if (!campaign_row_get(cli->db, cli->args->positionals[0], &status->row, err)) return false;
    if (status->revision != status->row.revision) {
        campaign_free(status->campaign);
        status->campaign = standing_campaign(cli->db, status->row.id, err);
        status->revision = status->row.revision;
    }
    return status->campaign &&
           standing_view(&status->row, &status->campaign->policy, &status->view, err);
}

/* A revision may come between the two readings of one look: then the next one is whole. */
static bool load(struct cli *cli, struct status *status, struct wg_error *err)
{
    struct wg_error problem = {0};
    if (load_once(cli, status, &problem)) return true;
    status->revision = 0;
    return load_once(cli, status, err);
}

static json_t *counts_json(const struct wave_row *wave)
{
    json_t *out = json_object();
    for (int state = 0; state < WG_STATES; state++)
        if (wave->count[state])
            (void)json_object_set_new(out, wg_state_text((enum wg_state)state),
                                      json_integer(wave->count[state]));
    return out;
}

static json_t *faults_json(const struct campaign_row *row)
{
    json_t *out = json_object();
    for (int cause = 0; cause < WG_CAUSES; cause++) {
        int64_t sum = 0;
        for (size_t i = 0; i < row->wave_count; i++) sum += row->waves[i].fault_class[cause];
        if (sum)
            (void)json_object_set_new(out, wg_cause_text((enum wg_cause)cause), json_integer(sum));
    }
    return out;
}

static json_t *waves_json(const struct status *status)
{
    json_t *out = json_array();
    for (size_t i = 0; i < status->row.wave_count; i++) {
        const struct wave_row *wave = &status->row.waves[i];
        char reason[ENGINE_CAUSE_MAX];
        engine_wave_reason(&status->campaign->policy, &status->view, i, status->now, reason);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:s,s:I,s:o,s:I,s:I,s:s,s:s,s:o}", "name", wave->name, "state",
                           wave->state, "members", (json_int_t)wave->members, "devices",
                           counts_json(wave), "faults", (json_int_t)wave->faults, "approvals",
                           (json_int_t)wave->approvals, "cause", wave->cause, "waits_for", reason,
                           "since", screen_json_time(wave->state_at)));
    }
    return out;
}

static json_t *status_json(const struct status *status)
{
    const struct campaign_row *row = &status->row;
    const struct policy *policy = &status->campaign->policy;
    return json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "campaign", row->name,
        "digest", row->digest, "component", row->component, "version", row->version, "state",
        row->state, "cause", row->cause, "author", row->author, "members", (json_int_t)row->members,
        "in_flight", (json_int_t)standing_in_flight(row), "in_flight_max",
        (json_int_t)policy->in_flight, "faults", (json_int_t)standing_faults(row),
        "faults_tolerated", (json_int_t)policy_budget_tolerates(&policy->budget, row->members),
        "failures_by_class", faults_json(row), "waves", waves_json(status), "created_at",
        screen_json_time(row->created_at));
}

static enum screen_colour state_colour(const char *state)
{
    if (!strcmp(state, "finished") || !strcmp(state, "passed")) return SCREEN_GOOD;
    if (!strcmp(state, "aborted") || !strcmp(state, "failed") || !strcmp(state, "stopping"))
        return SCREEN_BAD;
    if (!strcmp(state, "pending")) return SCREEN_DIM;
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

static void show_wave(struct screen *screen, const struct status *status, size_t index)
{
    const struct wave_row *wave = &status->row.waves[index];
    char reason[ENGINE_CAUSE_MAX];
    int64_t busy = 0;
    size_t cells = screen->width > 100 ? BAR_MAX : 20;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_in_flight((enum wg_state)state)) busy += wave->count[state];
    screen_text(screen, "  %-12s ", wave->name);
    screen_bar(screen, cells, wave->count[WG_SUCCEEDED], wave->faults, busy, wave->members);
    screen_text(screen, " %3lld/%-3lld ", (long long)wave->count[WG_SUCCEEDED],
                (long long)wave->members);
    screen_coloured(screen, state_colour(wave->state), "%-8s", wave->state);
    screen_text(screen, "\n               ");
    show_counts(screen, wave);
    engine_wave_reason(&status->campaign->policy, &status->view, index, status->now, reason);
    if (reason[0] && strcmp(wave->state, "passed") != 0)
        screen_coloured(screen, SCREEN_DIM, " - %s", reason);
    screen_text(screen, "\n");
}

static void show(struct screen *screen, const struct status *status)
{
    const struct campaign_row *row = &status->row;
    const struct policy *policy = &status->campaign->policy;
    screen_coloured(screen, SCREEN_BOLD, "%s", row->name);
    screen_text(screen, "  %s %s  ", row->component, row->version);
    screen_coloured(screen, state_colour(row->state), "%s", row->state);
    screen_text(screen, "  since ");
    screen_time(screen, row->state_at);
    screen_text(screen, "\n");
    if (row->cause[0] && strcmp(row->cause, "applied") != 0)
        screen_text(screen, "  because: %s\n", row->cause);
    screen_text(screen, "  in flight %lld of %lld, failures %lld of %lld tolerated\n",
                (long long)standing_in_flight(row), (long long)policy->in_flight,
                (long long)standing_faults(row),
                (long long)policy_budget_tolerates(&policy->budget, row->members));
    for (size_t i = 0; i < row->wave_count; i++) show_wave(screen, status, i);
}

static bool is_over(const struct status *status)
{
    return campaign_state_is_final(status->view.state);
}

/* Somebody has to approve something now. */
static bool waits_at_gate(const struct status *status)
{
    for (size_t i = 0; i < status->row.wave_count; i++)
        if (status->view.waves[i].state == WAVE_AT_GATE &&
            status->view.waves[i].approvals < status->campaign->policy.gates[i].approval_count)
            return true;
    return false;
}

static bool verdict(const struct status *status, struct wg_error *err)
{
    bool bad = status->view.state == CAMPAIGN_ABORTED || status->view.state == CAMPAIGN_ROLLED_BACK;
    return !bad || wg_fail(err, WG_E_GATE, "%s", "");
}

static bool show_once(struct cli *cli, struct status *status, struct wg_error *err)
{
    if (cli->screen.json) return screen_json(status_json(status), err);
    show(&cli->screen, status);
    return screen_flush(&cli->screen, err);
}

/* On a terminal one picture that moves; elsewhere a line block whenever something has changed. */
static bool show_frame(struct cli *cli, const struct status *status, struct wg_buf *last,
                       struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    show(screen, status);
    if (screen->terminal) return screen_frame(screen, err);
    bool same = last->len == screen->text.len &&
                memcmp(wg_buf_str(last), wg_buf_str(&screen->text), last->len) == 0;
    if (same) {
        wg_buf_clear(&screen->text);
        return true;
    }
    wg_buf_clear(last);
    wg_buf_add(last, wg_buf_str(&screen->text), screen->text.len);
    screen_text(screen, "\n");
    return screen_flush(screen, err);
}

struct watch {
    bool until_gate;
    wg_time deadline; /* 0: none */
    int signals;
};

static bool read_watch(const struct cli *cli, struct watch *watch, struct wg_error *err)
{
    const char *until = args_value(cli->args, "until"), *timeout = args_value(cli->args, "timeout");
    wg_duration limit = 0;
    if (until && strcmp(until, "gate") != 0 && strcmp(until, "end") != 0)
        return wg_fail(err, WG_E_USAGE, "--until: expected gate or end, got \"%.40s\"", until);
    if (timeout && !wg_duration_parse(timeout, &limit))
        return wg_fail(err, WG_E_USAGE, "--timeout: expected a duration like 90s, got \"%.40s\"",
                       timeout);
    watch->until_gate = until && strcmp(until, "gate") == 0;
    watch->deadline = timeout ? wg_monotonic() + limit : 0;
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    watch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return watch->signals >= 0 || wg_fail_errno(err, "watching");
}

/* True: look again. */
static bool pause_between(const struct watch *watch, struct wg_error *err)
{
    struct pollfd set = {.fd = watch->signals, .events = POLLIN};
    if (poll(&set, 1, FRAME_EVERY) > 0) return wg_fail(err, WG_E_INTERRUPTED, "%s", "");
    if (watch->deadline && wg_monotonic() >= watch->deadline)
        return wg_fail(err, WG_E_TIMEOUT, "the time given by --timeout is over");
    return true;
}

static bool watch_it(struct cli *cli, struct status *status, struct wg_error *err)
{
    struct watch watch = {.signals = -1};
    struct wg_buf last;
    if (!read_watch(cli, &watch, err)) return false;
    wg_buf_init(&last, 65536);
    bool ok = true, done = false;
    while (ok && !done) {
        ok = load(cli, status, err) && (cli->screen.json || show_frame(cli, status, &last, err));
        done = ok && (is_over(status) || (watch.until_gate && waits_at_gate(status)));
        if (ok && !done) ok = pause_between(&watch, err);
    }
    wg_buf_clear(&last);
    (void)close(watch.signals);
    return ok && (!cli->screen.json || screen_json(status_json(status), err));
}

bool campaign_status_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    struct status *status = calloc(1, sizeof *status);
    if (!status) return wg_fail_memory(err, "reading the status");
    bool ok = args_has(cli->args, "watch") ? watch_it(cli, status, err)
                                           : load(cli, status, err) && show_once(cli, status, err);
    ok = ok && verdict(status, err);
    campaign_free(status->campaign);
    free(status);
    return ok;
}
