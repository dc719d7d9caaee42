/* campaign_status.c: `campaign status NAME [--watch]`: waves, bars, gate figures, what holds it. */
#include "orchestrator/cli/campaign_standing.h"
#include "orchestrator/cli/command.h"

#include "common/posix/file.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FRAME_EVERY 300 /* ms between looks */

static bool load(struct cli *cli, struct campaign_standing *status, struct wg_error *err)
{
    return campaign_standing_load(status, cli->db, cli->args->positionals[0], err);
}

static bool verdict(const struct campaign_standing *status, struct wg_error *err)
{
    bool bad = status->view.state == CAMPAIGN_ABORTED || status->view.state == CAMPAIGN_ROLLED_BACK;
    return !bad || wg_fail(err, WG_E_GATE, "%s", "");
}

static bool show_once(struct cli *cli, struct campaign_standing *status, struct wg_error *err)
{
    if (cli->screen.json) return screen_json(campaign_standing_json(status), err);
    campaign_standing_show(&cli->screen, status);
    return screen_flush(&cli->screen, err);
}

/* On a terminal one picture that moves; elsewhere a line block whenever something has changed. */
static bool show_frame(struct cli *cli, const struct campaign_standing *status, struct wg_buf *last,
                       struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    campaign_standing_show(screen, status);
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

static bool watch_it(struct cli *cli, struct campaign_standing *status, struct wg_error *err)
{
    struct watch watch = {.signals = -1};
    struct wg_buf last;
    if (!read_watch(cli, &watch, err)) return false;
    wg_buf_init(&last, 65536);
    bool ok = true, done = false;
    while (ok && !done) {
        ok = load(cli, status, err) && (cli->screen.json || show_frame(cli, status, &last, err));
        done = ok && (campaign_state_is_final(status->view.state) ||
                      (watch.until_gate && campaign_standing_waits(status)));
        if (ok && !done) ok = pause_between(&watch, err);
    }
    wg_buf_clear(&last);
    (void)close(watch.signals);
    return ok && (!cli->screen.json || screen_json(campaign_standing_json(status), err));
}

bool campaign_status_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    struct campaign_standing *status = calloc(1, sizeof *status);
    if (!status) return wg_fail_memory(err, "reading the status");
    bool ok = campaign_standing_init(status, err);
    if (ok)
        ok = args_has(cli->args, "watch") ? watch_it(cli, status, err)
                                          : load(cli, status, err) && show_once(cli, status, err);
    ok = ok && verdict(status, err);
    campaign_standing_clear(status);
    free(status);
    return ok;
}
