/* main.c: the wavegate-api command: flags, configuration, run. */
#include "common/args.h"
#include "common/posix/secrets.h"
#include "orchestrator/api/api.h"
#include "orchestrator/api/routes.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_CONFIG "/etc/wavegate/wavegate.yaml"

static const struct flag flags[] = {
    {"config", "FILE", "configuration (default " DEFAULT_CONFIG ")"},
    {"check", NULL, "say what is wrong with the configuration and what it names, end"},
    {"routes", NULL, "print the table of routes as JSON, end"},
    {"version", NULL, "print the version, end"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 4096);
    wg_buf_text(&text, "usage: wavegate-api [flags]\n\n");
    args_usage(flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool print_routes(struct wg_error *err)
{
    json_t *routes = api_routes_json();
    bool ok = routes && json_dumpf(routes, stdout, JSON_INDENT(1)) == 0 && puts("") >= 0;
    json_decref(routes);
    return ok || wg_fail_memory(err, "printing the routes");
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    static struct settings settings;
    static const struct flag *const tables[] = {flags, NULL};
    struct args args;
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "help")) return usage(err);
    if (args_has(&args, "version")) return puts("wavegate-api " WG_VERSION) >= 0;
    if (args_has(&args, "routes")) return print_routes(err);
    if (args.positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegate-api --help",
                       args.positionals[0]);
    const char *config = args_value(&args, "config");
    bool check = args_has(&args, "check");
    if (!settings_check(&settings, config ? config : DEFAULT_CONFIG, SETTINGS_OF_API, !check,
                        err) ||
        !settings_need(&settings, SETTINGS_DATABASE | SETTINGS_OPERATORS | SETTINGS_API, err))
        return false;
    if (check) return printf("%s: the configuration is fine\n", settings.file) > 0;
    if (!settings_login(&settings, err)) return false;
    wg_log_setup("wavegate-api", settings.log);
    return api_run(&settings, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    if (run(argc, argv, &err)) return 0;
    (void)fprintf(stderr, err.code == WG_E_BAD_FILE ? "%s\n" : "wavegate-api: %s\n", err.text);
    return wg_error_exit(err.code);
}
