/* main.c: the wavegated command: flags, configuration, run. */
#include "common/args.h"
#include "common/posix/secrets.h"
#include "common/text.h"
#include "orchestrator/daemon/daemon.h"

#include <stdio.h>

#define DEFAULT_CONFIG "/etc/wavegate/wavegated.yaml"

static const struct flag flags[] = {
    {"config", "FILE", "configuration (default " DEFAULT_CONFIG ")"},
    {"database", "CONNINFO", "overrides the file's database"},
    {"log", "LEVEL", "error, warn, info or debug; overrides the file"},
    {"check", NULL, "read the configuration, say what is wrong, end"},
    {"version", NULL, "print the version, end"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 4096);
    wg_buf_text(&text, "usage: wavegated [flags]\n\n");
    args_usage(flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool configure(const struct args *args, struct settings *settings, struct wg_error *err)
{
    const char *config = args_value(args, "config"), *level = args_value(args, "log");
    const char *database = args_value(args, "database");
    if (!settings_load(settings, config ? config : DEFAULT_CONFIG, err)) return false;
    if (database && !wg_copy(settings->database, sizeof settings->database, database))
        return wg_fail(err, WG_E_USAGE, "--database: too long");
    if (level && !wg_log_level_parse(level, &settings->log))
        return wg_fail(err, WG_E_USAGE, "--log: expected error, warn, info or debug, got \"%.40s\"",
                       level);
    return settings_need(
        settings, SETTINGS_DATABASE | SETTINGS_BROKERS | SETTINGS_DIRECTOR | SETTINGS_OPERATORS,
        err);
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    static struct settings settings;
    static const struct flag *const tables[] = {flags, NULL};
    struct args args;
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "help")) return usage(err);
    if (args_has(&args, "version")) return puts("wavegated " WG_VERSION) >= 0;
    if (args.positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegated --help",
                       args.positionals[0]);
    if (!configure(&args, &settings, err)) return false;
    if (args_has(&args, "check"))
        return printf("%s: the configuration is fine\n", settings.file) > 0;
    wg_log_setup("wavegated", settings.log);
    return daemon_run(&settings, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    if (run(argc, argv, &err)) return 0;
    /* problems of a file stand by themselves: file:line:col: error: ... */
    if (err.code == WG_E_BAD_FILE)
        (void)fprintf(stderr, "%s\n", err.text);
    else
        (void)fprintf(stderr, "wavegated: %s\n", err.text);
    return wg_error_exit(err.code);
}
