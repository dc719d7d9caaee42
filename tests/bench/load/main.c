/* main.c: wavegate-load: what devices put on a broker, in bulk, and what the same broker does
 * without an orchestrator. For benches and tests; not installed. */
#include "tests/bench/load/sessions.h"
#include "tests/bench/load/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag common_flags[] = {{"help", NULL, "print this, end"}, {NULL, NULL, NULL}};

static const struct {
    const char *verb, *summary;
    const struct flag *flags;
    bool (*run)(const struct args *args, struct wg_error *err);
} verbs[] = {
    {"report", "devices report what becomes of their orders", report_flags, report_run},
    {"receive", "count what comes", receive_flags, receive_run},
    {"keep", "store what comes as it is, and acknowledge it", keep_flags, keep_run},
    {"send", "one session sends to all devices", send_flags, send_run},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

bool load_number(const struct args *args, const char *name, int64_t otherwise, int64_t least,
                 int64_t *out, struct wg_error *err)
{
    const char *text = args_value(args, name);
    char *end = NULL;
    *out = text ? strtoll(text, &end, 10) : otherwise;
    return !text || (end != text && !*end && *out >= least) ||
           wg_fail(err, WG_E_USAGE, "--%s: expected a number from %lld", name, (long long)least);
}

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 16384);
    wg_buf_text(&text, "usage: wavegate-load VERB [flags]\n\n");
    for (size_t i = 0; i < VERBS; i++) {
        wg_buf_printf(&text, "%s\n    %s\n", verbs[i].verb, verbs[i].summary);
        args_usage(verbs[i].flags, &text);
    }
    wg_buf_text(&text, "everywhere\n");
    args_usage(session_flags, &text);
    args_usage(common_flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    struct args args;
    const char *verb = argc > 1 ? argv[1] : "--help";
    if (strcmp(verb, "--help") == 0) return usage(err);
    for (size_t i = 0; i < VERBS; i++) {
        const struct flag *const tables[] = {common_flags, session_flags, verbs[i].flags, NULL};
        if (strcmp(verb, verbs[i].verb) != 0) continue;
        if (!args_read(&args, argc - 2, argv + 2, tables, err)) return false;
        return args_has(&args, "help") ? usage(err) : verbs[i].run(&args, err);
    }
    return wg_fail(err, WG_E_USAGE, "unknown verb \"%.40s\": try wavegate-load --help", verb);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    if (run(argc, argv, &err)) return 0;
    (void)fprintf(stderr, "wavegate-load: %s\n", err.text);
    return wg_error_exit(err.code);
}
