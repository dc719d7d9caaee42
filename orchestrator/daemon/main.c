/* main.c: the wavegated command: flags, configuration, run. */
#include "orchestrator/daemon/daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_CONFIG "/etc/wavegate/wavegated.yaml"

static const char usage[] =
    "usage: wavegated [options]\n"
    "\n"
    "  --config FILE        configuration (default " DEFAULT_CONFIG ")\n"
    "  --database CONNINFO  overrides the file's database\n"
    "  --log LEVEL          error, warn, info or debug; overrides the file\n"
    "  --check              read the configuration, say what is wrong, end\n"
    "  --version            print the version, end\n"
    "  --help               print this, end\n";

struct flags {
    const char *config, *database, *log;
    bool check, done;
};

static bool read_flags(int argc, char **argv, struct flags *flags, struct wg_error *err)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"database", required_argument, NULL, 'd'},
                                            {"log", required_argument, NULL, 'l'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c') flags->config = optarg;
        if (option == 'd') flags->database = optarg;
        if (option == 'l') flags->log = optarg;
        if (option == 'k') flags->check = true;
        if (option == 'v' || option == 'h') {
            (void)fputs(option == 'v' ? "wavegated " WG_VERSION "\n" : usage, stdout);
            flags->done = true;
            return true;
        }
        if (option == '?') return wg_fail(err, WG_E_USAGE, "try wavegated --help");
    }
    if (optind < argc)
        return wg_fail(err, WG_E_USAGE, "\"%s\" is not expected; try wavegated --help",
                       argv[optind]);
    return true;
}

static bool configure(const struct flags *flags, struct settings *settings, struct wg_error *err)
{
    if (!settings_load(settings, flags->config, err)) return false;
    if (flags->database && !wg_copy(settings->database, sizeof settings->database, flags->database))
        return wg_fail(err, WG_E_USAGE, "--database: too long");
    if (flags->log && !wg_log_level_parse(flags->log, &settings->log))
        return wg_fail(err, WG_E_USAGE, "--log: expected error, warn, info or debug, got \"%s\"",
                       flags->log);
    return settings_need(
        settings, SETTINGS_DATABASE | SETTINGS_BROKERS | SETTINGS_DIRECTOR | SETTINGS_OPERATORS,
        err);
}

int main(int argc, char **argv)
{
    static struct settings settings;
    struct flags flags = {.config = DEFAULT_CONFIG};
    struct wg_error err = {0};
    bool ok = read_flags(argc, argv, &flags, &err);
    if (ok && flags.done) return 0;
    ok = ok && configure(&flags, &settings, &err);
    if (ok && flags.check) {
        (void)printf("%s: the configuration is fine\n", flags.config);
        return 0;
    }
    wg_log_setup("wavegated", settings.log);
    ok = ok && daemon_run(&settings, &err);
    if (ok) return 0;
    (void)fprintf(stderr, "wavegated: %s\n", err.text);
    return wg_error_exit(err.code);
}
