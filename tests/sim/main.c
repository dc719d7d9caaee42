/* main.c: the wavegate-fleet command: a table of verbs. */
#include "tests/sim/fleet/run.h"
#include "tests/sim/seed.h"

#include <stdio.h>
#include <string.h>

static const struct flag common_flags[] = {{"help", NULL, "print this, end"}, {NULL, NULL, NULL}};

static const struct {
    const char *verb, *summary;
    const struct flag *flags;
    bool (*run)(const struct args *args, struct wg_error *err);
} verbs[] = {
    {"seed", "make a synthetic fleet: in a database, or as CSV", seed_flags, seed_run},
    {"run", "devices that connect and update, by real agent cores", run_flags, run_run},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 16384);
    wg_buf_text(&text, "usage: wavegate-fleet VERB [flags]\n\n");
    for (size_t i = 0; i < VERBS; i++) {
        wg_buf_printf(&text, "%s\n    %s\n", verbs[i].verb, verbs[i].summary);
        args_usage(verbs[i].flags, &text);
    }
    wg_buf_text(&text, "everywhere\n");
    args_usage(common_flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    struct args args;
    const char *verb = argc > 1 ? argv[1] : "--help";
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h") || !strcmp(verb, "help")) return usage(err);
    if (!strcmp(verb, "--version")) return puts("wavegate-fleet " WG_VERSION) >= 0;
    for (size_t i = 0; i < VERBS; i++) {
        const struct flag *const tables[] = {common_flags, verbs[i].flags, NULL};
        if (strcmp(verb, verbs[i].verb) != 0) continue;
        if (!args_read(&args, argc - 2, argv + 2, tables, err)) return false;
        if (args_has(&args, "help")) return usage(err);
        if (args.positional_count > 0)
            return wg_fail(err, WG_E_USAGE,
                           "unexpected \"%.40s\": wavegate-fleet %s takes flags only",
                           args.positionals[0], verb);
        return verbs[i].run(&args, err);
    }
    return wg_fail(err, WG_E_USAGE, "unknown verb \"%.40s\": try wavegate-fleet --help", verb);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    if (run(argc, argv, &err)) return 0;
    (void)fprintf(stderr, "wavegate-fleet: %s\n", err.text);
    return wg_error_exit(err.code);
}
