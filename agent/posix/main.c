/* main.c: the wavegate-agent command. */
#include "agent/posix/claim_command.h"
#include "agent/posix/world.h"
#include "common/args.h"
#include "common/posix/secrets.h"

#include <stdio.h>
#include <string.h>

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

static bool configure(const struct args *args, struct settings *settings, struct wg_error *err)
{
    const char *config = args_value(args, "config"), *state = args_value(args, "state");
    const char *level = args_value(args, "log");
    if (!settings_load(settings, config ? config : DEFAULT_CONFIG, err)) return false;
    if (state && !settings_set_state(settings, state, err)) return wg_context(err, "--state");
    return !level || wg_log_level_parse(level, &settings->log) ||
           wg_fail(err, WG_E_USAGE, "--log: expected error, warn, info or debug");
}

static bool provision(const struct args *args, const struct settings *settings,
                      struct wg_error *err)
{
    const char *component = args_value(args, "component"), *version = args_value(args, "version");
    if (!version) return wg_fail(err, WG_E_USAGE, "--provision needs --version VERSION");
    return slot_provision(&settings->slots, settings->state, args_value(args, "provision"),
                          component ? component : settings->component, version, err);
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    static struct settings settings;
    static const struct flag *const tables[] = {flags, NULL};
    struct args args;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("wavegate-agent " WG_VERSION) >= 0;
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "help")) return usage(err);
    if (args.positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegate-agent --help",
                       args.positionals[0]);
    if (args_has(&args, "claim")) {
        const char *config = args_value(&args, "config");
        return claim_command(&args, config ? config : DEFAULT_CONFIG, err);
    }
    if (!configure(&args, &settings, err)) return false;
    wg_log_setup("wavegate-agent", settings.log);
    if (args_has(&args, "provision")) return provision(&args, &settings, err);
    return world_run(&settings, argv, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    if (run(argc, argv, &err)) return 0;
    (void)fprintf(stderr, "wavegate-agent: %s\n", err.text);
    return wg_error_exit(err.code);
}
