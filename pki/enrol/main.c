/* main.c: the wavegate-enrol command: flags, configuration, run. */
#include "common/args.h"
#include "common/posix/secrets.h"
#include "common/text.h"
#include "pki/enrol/service.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_CONFIG "/etc/wavegate/enrol.json"

static const struct flag flags[] = {
    {"config", "FILE", "configuration (default " DEFAULT_CONFIG ")"},
    {"check", NULL, "say what is wrong with the configuration and what it names, end"},
    {"version", NULL, "print the version, end"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 4096);
    wg_buf_text(&text, "usage: wavegate-enrol [flags]\n\n");
    args_usage(flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    static const struct flag *const tables[] = {flags, NULL};
    struct enrol_settings settings;
    struct args args;
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "help")) return usage(err);
    if (args_has(&args, "version")) return puts("wavegate-enrol " WG_VERSION) >= 0;
    if (args.positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegate-enrol --help",
                       args.positionals[0]);
    const char *config = args_value(&args, "config");
    bool check = args_has(&args, "check");
    if (!config) config = DEFAULT_CONFIG;
    if (!enrol_settings_check(&settings, config, !check, err)) return false;
    if (check) return printf("%s: the configuration is fine\n", config) > 0;
    wg_log_setup("wavegate-enrol", settings.log);
    return service_run(&settings, config, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    if (run(argc, argv, &err)) return 0;
    /* problems of a file stand by themselves: file:line:col: error: ... */
    (void)fprintf(stderr, strstr(err.text, ": error: ") ? "%s\n" : "wavegate-enrol: %s\n",
                  err.text);
    return wg_error_exit(err.code);
}
