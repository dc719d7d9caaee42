/* once_command.c: claim, world, line. A simulated reboot begins the program anew: when it was begun
 * first, and whether it has claimed, go along in its environment. */
#include "agent/posix/once_command.h"

#include "agent/posix/claim_command.h"
#include "agent/posix/once_line.h"
#include "agent/posix/world.h"
#include "common/posix/file.h"
#include "common/posix/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WITHIN (10 * WG_MINUTE)
#define WITHIN_MOST WG_DAY
#define CARRY "WAVEGATE_ONCE" /* "MONOTONIC:CLAIMED" */

struct once {
    struct settings settings;
    struct world_once world;
    wg_time began;
    wg_duration within;
};

static int print_line(const struct once_line *line, const struct wg_error *err)
{
    struct wg_buf text;
    struct wg_error problem = {0};
    if (err && err->text[0]) (void)fprintf(stderr, "wavegate-agent: %s\n", err->text);
    wg_buf_init(&text, 65536);
    bool ok = once_line_write(line, &text, &problem) && fputs(wg_buf_str(&text), stdout) >= 0 &&
              fflush(stdout) == 0;
    wg_buf_clear(&text);
    if (ok) return (int)line->result;
    (void)fprintf(stderr, "wavegate-agent: %s\n", problem.text[0] ? problem.text : "no line");
    return ONCE_ERROR;
}

int once_refuse(const struct wg_error *err)
{
    struct once_line line = {.result = once_result_of(err->code)};
    (void)wg_copy(line.text, sizeof line.text, err->text);
    return print_line(&line, err);
}

/* Since when: of this call of the jig's, over simulated reboots. */
static void read_carried(struct once *once)
{
    const char *carried = getenv(CARRY);
    char *end = NULL;
    once->began = wg_monotonic();
    if (!carried) return;
    long long began = strtoll(carried, &end, 10);
    if (*end != ':') return;
    if (began < once->began - once->within || began > once->began) return;
    once->began = began;
    once->world.line.claimed = strcmp(end, ":1") == 0;
}

static bool carry(const struct once *once, struct wg_error *err)
{
    char text[48];
    (void)wg_format(text, sizeof text, "%lld:%d", (long long)once->began,
                    once->world.line.claimed ? 1 : 0);
    return setenv(CARRY, text, 1) == 0 || wg_fail_errno(err, "beginning anew");
}

static bool read_within(const struct args *args, struct once *once, struct wg_error *err)
{
    const char *within = args_value(args, "within");
    once->within = WITHIN;
    if (within && (!wg_duration_parse(within, &once->within) || once->within < WG_SECOND ||
                   once->within > WITHIN_MOST))
        return wg_fail(err, WG_E_USAGE, "--within: expected a duration like 10m, at most 24h");
    if (args_has(args, "provision"))
        return wg_fail(err, WG_E_USAGE, "--once and --provision do not go together");
    if (args_has(args, "timeout"))
        return wg_fail(err, WG_E_USAGE, "--once takes --within, not --timeout");
    return true;
}

static bool claim(const struct once_call *call, struct once *once, struct wg_error *err)
{
    struct claim_done done;
    wg_duration left = once->began + once->within - wg_monotonic();
    if (!args_has(call->args, "claim")) return true;
    bool ok = claim_credentials(call->args, call->config, left > 0 ? left : 1, &done, err);
    (void)wg_copy(once->world.line.device, sizeof once->world.line.device, done.device);
    wg_signals_default();
    once->world.line.claimed = once->world.line.claimed || (ok && !done.before);
    return ok;
}

static bool is_fresh(const struct once_call *call, struct once *once)
{
    struct wg_error ignored = {0};
    return settings_load_unclaimed(&once->settings, call->config, &ignored) &&
           access(once->settings.certificate, F_OK) != 0;
}

static bool run(const struct once_call *call, struct once *once, struct wg_error *err)
{
    if (!read_within(call->args, once, err)) return false;
    read_carried(once);
    if (access(call->config, R_OK) != 0) {
        (void)wg_fail_errno(err, "configuration file %s", call->config);
        err->code = WG_E_BAD_FILE;
        return false;
    }
    if (!claim(call, once, err)) return false;
    if (!call->configure(call->args, &once->settings, err)) {
        if (is_fresh(call, once) && err->code == WG_E_NOT_FOUND)
            return wg_context(err, "there is no certificate, and no --claim TOKEN");
        if (err->code == WG_E_NOT_FOUND) err->code = WG_E_BAD_FILE;
        return false;
    }
    wg_log_setup("wavegate-agent", once->settings.log);
    (void)wg_copy(once->world.line.device, sizeof once->world.line.device,
                  once->settings.core.device);
    once->settings.core.asks = true;
    once->world.until = once->began + once->within;
    if (!world_run_once(&once->settings, call->argv, &once->world, err)) return false;
    return !once->world.again || (carry(once, err) && world_again(call->argv, err));
}

int once_command(const struct once_call *call)
{
    struct wg_error err = {0};
    struct once *once = calloc(1, sizeof *once);
    if (!once) {
        (void)wg_fail_memory(&err, "starting");
        return once_refuse(&err);
    }
    struct once_line *line = &once->world.line;
    if (!run(call, once, &err)) {
        line->result = once_result_of(err.code);
        (void)wg_copy(line->text, sizeof line->text, err.text);
    }
    line->took = once->began ? wg_monotonic() - once->began : 0;
    int code = print_line(line, &err);
    free(once);
    return code;
}
