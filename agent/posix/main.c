/* main.c: the wavegate-agent command. */
#include "agent/posix/claim_command.h"
#include "agent/posix/once_command.h"
#include "agent/posix/world.h"
#include "common/args.h"
#include "common/posix/secrets.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#define EXIT_ERASED 9 /* not to be started again: deploy/systemd, RestartPreventExitStatus */
#define UNNAMED "unclaimed"
#define DEFAULT_CONFIG "/etc/wavegate/agent.json"

static const struct flag flags[] = {
    {"config", "FILE", "configuration (default " DEFAULT_CONFIG ")"},
    {"state", "DIR", "overrides the file's state folder"},
    {"log", "LEVEL", "error, warn, info or debug; overrides the file"},
    {"provision", "PAYLOAD", "factory: put this payload into slot a, end; with --version"},
    {"component", "NAME", "with --provision: its component (default: the file's)"},
    {"version", "VERSION", "with --provision: its version; alone: print the agent's, end"},
    {"claim", "TOKEN", "claim the device's certificate with the token in this file, end"},
    {"claim-url", "URL", "with --claim: where, https://HOST:PORT"},
    {"claim-id", "ID", "with --claim: the device's id (default: the file's)"},
    {"timeout", "DURATION", "with --claim: how long it is tried (default 5m)"},
    {"once", NULL, "factory: bring the device to the newest release, check it, print a line, end"},
    {"within", "DURATION", "with --once: how long it may take (default 10m)"},
    {"check", NULL, "say what is wrong with the configuration and what it names, end"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 4096);
    wg_buf_text(&text, "usage: wavegate-agent [flags]\n\n");
    args_usage(flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

/* A device whose keys were erased has no certificate that says who it is. */
static bool load_settings(struct settings *settings, const char *config, struct wg_error *err)
{
    struct wg_error ignored = {0};
    if (settings_load(settings, config, err)) return true;
    if (err->code != WG_E_NOT_FOUND || !settings_load_unclaimed(settings, config, &ignored))
        return false;
    if (!settings->core.device[0])
        (void)wg_copy(settings->core.device, sizeof settings->core.device, UNNAMED);
    if (!world_is_erasing(settings)) return false;
    wg_error_clear(err);
    return true;
}

static bool configure(const struct args *args, struct settings *settings, struct wg_error *err)
{
    const char *config = args_value(args, "config"), *state = args_value(args, "state");
    const char *level = args_value(args, "log");
    bool (*load)(struct settings *, const char *, struct wg_error *) =
        args_has(args, "provision") ? settings_load_unclaimed : load_settings;
    if (!load(settings, config ? config : DEFAULT_CONFIG, err)) return false;
    if (state && !settings_set_state(settings, state, err)) return wg_context(err, "--state");
    settings->log_is_given = level != NULL;
    return !level || wg_log_level_parse(level, &settings->log) ||
           wg_fail(err, WG_E_USAGE,
                   "--log: expected error, warn, info or debug, and json or journal");
}

static bool provision(const struct args *args, const struct settings *settings,
                      struct wg_error *err)
{
    const char *component = args_value(args, "component"), *version = args_value(args, "version");
    if (!version) return wg_fail(err, WG_E_USAGE, "--provision needs --version VERSION");
    return slot_provision(&settings->slots, &settings->places, settings->state,
                          args_value(args, "provision"),
                          component ? component : settings->component, version, err);
}

/* Whoever reads the line reads it whatever is wrong. */
static bool is_once(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--once") == 0) return true;
    return false;
}

static bool read_args(struct args *args, int argc, char **argv, struct wg_error *err)
{
    static const struct flag *const tables[] = {flags, NULL};
    if (!args_read(args, argc - 1, argv + 1, tables, err)) return false;
    if (args->positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegate-agent --help",
                       args->positionals[0]);
    return true;
}

static bool run(struct args *args, char **argv, bool *erased, struct wg_error *err)
{
    static struct settings settings;
    const char *config = args_value(args, "config");
    if (args_has(args, "within")) return wg_fail(err, WG_E_USAGE, "--within goes with --once");
    if (args_has(args, "claim")) return claim_command(args, config ? config : DEFAULT_CONFIG, err);
    if (args_has(args, "check"))
        return settings_check(&settings, config ? config : DEFAULT_CONFIG, err) &&
               printf("%s: the configuration is fine\n", config ? config : DEFAULT_CONFIG) > 0;
    if (!configure(args, &settings, err)) return false;
    wg_log_setup("wavegate-agent", settings.log);
    if (args_has(args, "provision")) return provision(args, &settings, err);
    return world_run(&settings, argv, erased, err);
}

static int run_once(const struct args *args, char **argv)
{
    const char *config = args_value(args, "config");
    const struct once_call call = {.args = args,
                                   .config = config ? config : DEFAULT_CONFIG,
                                   .argv = argv,
                                   .configure = configure};
    return once_command(&call);
}

/* Its few threads need no memory each of their own; what is freed shall be the system's again. */
static void be_small(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_TRIM_THRESHOLD, 65536);
#endif
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    struct args args;
    bool ok, erased = false;
    be_small();
    wg_keep_secrets();
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("wavegate-agent " WG_VERSION) >= 0 ? 0 : 1;
    if (!read_args(&args, argc, argv, &err)) {
        if (is_once(argc, argv)) return once_refuse(&err);
        ok = false;
    } else if (args_has(&args, "help")) {
        ok = usage(&err);
    } else if (args_has(&args, "once")) {
        return run_once(&args, argv);
    } else {
        ok = run(&args, argv, &erased, &err);
    }
    if (ok) return 0;
    /* problems of a file stand by themselves: file:line:col: error: ... */
    (void)fprintf(stderr, strstr(err.text, ": error: ") ? "%s\n" : "wavegate-agent: %s\n",
                  err.text);
    return erased ? EXIT_ERASED : wg_error_exit(err.code);
}
