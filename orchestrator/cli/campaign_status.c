/* campaign_status.c: `campaign status NAME [--watch]`: waves, bars, gate figures, what holds it. */
#include "orchestrator/cli/campaign_standing_view.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"

#include "common/posix/file.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FRAME_EVERY 300 /* ms between looks */
#define LINE_MAX_BYTES ((size_t)64 * 1024)

static json_t *load(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/campaigns/{}", cli->args->positionals[0]);
    return remote_get(cli->remote, &path, err);
}

static bool verdict(const json_t *status, struct wg_error *err)
{
    return !campaign_standing_is_bad(status) || wg_fail(err, WG_E_GATE, "%s", "");
}

static bool show_once(struct cli *cli, json_t *status, struct wg_error *err)
{
    if (cli->screen.json) return screen_json(json_incref(status), err);
    campaign_standing_show(&cli->screen, status);
    if (cli->screen.quiet) screen_line(&cli->screen, "%s", document_text(status, "state"));
    return screen_flush(&cli->screen, err);
}

/* What a log of a build wants to keep of a look, behind the time. */
static void add_line(struct wg_buf *out, const json_t *status)
{
    const json_t *wave;
    size_t i;
    wg_buf_text(out, document_text(status, "state"));
    json_array_foreach(document_at(status, "waves"), i, wave)
        wg_buf_printf(out, "%s %s %s %lld/%lld", i ? "," : ":", document_text(wave, "name"),
                      document_text(wave, "state"), campaign_standing_done(wave),
                      document_number(wave, "members"));
    wg_buf_printf(out, "; %lld in flight, %lld failed", document_number(status, "in_flight"),
                  document_number(status, "faults"));
}

/* What was told so far, where it cannot be drawn over. */
struct told {
    struct wg_buf line; /* the newest; "" none */
    bool changed;       /* there was another before it */
};

static bool show_change(struct screen *screen, const json_t *status, struct told *told,
                        struct wg_error *err)
{
    struct wg_buf line;
    wg_buf_init(&line, LINE_MAX_BYTES);
    add_line(&line, status);
    if (told->line.len == 0) {
        campaign_standing_show(screen, status);
    } else if (strcmp(wg_buf_str(&told->line), wg_buf_str(&line)) != 0) {
        screen_time(screen, wg_now());
        screen_text(screen, "  %s\n", wg_buf_str(&line));
        told->changed = true;
    }
    wg_buf_clear(&told->line);
    told->line = line;
    return screen_flush(screen, err);
}

/* On a terminal one picture that moves; elsewhere the picture once, then a line a change. */
static bool show_frame(struct cli *cli, const json_t *status, struct told *told,
                       struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    if (screen->json || screen->quiet) return true;
    if (!screen->live) return show_change(screen, status, told, err);
    screen_measure(screen);
    campaign_standing_show(screen, status);
    return screen_frame(screen, err);
}

/* As it ended, unless that was shown. */
static bool show_end(struct cli *cli, json_t *status, const struct told *told, struct wg_error *err)
{
    const struct screen *screen = &cli->screen;
    bool shown = screen->live || !told->changed;
    return (shown && !screen->json && !screen->quiet) || show_once(cli, status, err);
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

/* On standard error, once for each time: what stands on the screen is old until then. */
static void tell_away(struct screen *screen, bool *away, const struct wg_error *why)
{
    if (!*away && !screen->quiet && !screen->json)
        (void)fprintf(stderr, "wavegate: %s; it is asked again\n", why->text);
    if (!*away) screen->lines_shown = 0; /* the next picture stands below */
    *away = true;
}

/* Another look. A server that is away, behind a first look, is waited for. NULL without an error.
 */
static json_t *look(struct cli *cli, bool first, bool *away, struct wg_error *err)
{
    struct wg_error why = {0};
    json_t *status = load(cli, &why);
    bool waits = !first && (why.code == WG_E_NETWORK || why.code == WG_E_TIMEOUT);
    if (status)
        *away = false;
    else if (waits)
        tell_away(&cli->screen, away, &why);
    else if (err)
        *err = why;
    return status;
}

static bool watch_more(struct cli *cli, const struct watch *watch, struct told *told,
                       json_t **status, struct wg_error *err)
{
    bool ok = true, done = false, away = false;
    while (ok && !done) {
        json_t *next = look(cli, !*status, &away, err);
        if (next) {
            json_decref(*status);
            *status = next;
            ok = show_frame(cli, next, told, err);
            done = ok && (campaign_standing_is_final(next) ||
                          (watch->until_gate && campaign_standing_waits(next)));
        }
        ok = ok && (next || away);
        if (ok && !done) ok = pause_between(watch, err);
    }
    return ok;
}

/* *status: the last look, the caller's. */
static bool watch_it(struct cli *cli, json_t **status, struct wg_error *err)
{
    struct watch watch = {.signals = -1};
    struct told told = {.changed = false};
    if (!read_watch(cli, &watch, err)) return false;
    wg_buf_init(&told.line, LINE_MAX_BYTES);
    bool ok = watch_more(cli, &watch, &told, status, err);
    (void)close(watch.signals);
    ok = ok && show_end(cli, *status, &told, err);
    wg_buf_clear(&told.line);
    return ok;
}

static bool check_flags(const struct args *args, struct wg_error *err)
{
    const char *flag = args_has(args, "until")     ? "until"
                       : args_has(args, "timeout") ? "timeout"
                                                   : NULL;
    return !flag || args_has(args, "watch") ||
           wg_fail(err, WG_E_USAGE, "--%s goes with --watch", flag);
}

bool campaign_status_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    if (!check_flags(cli->args, err)) return false;
    if (!command_name_argument(cli, 0, "campaign name", &name, err)) return false;
    json_t *status = NULL;
    bool ok = false;
    if (args_has(cli->args, "watch"))
        ok = watch_it(cli, &status, err);
    else
        ok = (status = load(cli, err)) != NULL && show_once(cli, status, err);
    ok = ok && verdict(status, err);
    json_decref(status);
    return ok;
}
