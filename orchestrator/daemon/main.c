/* main.c: the wavegated command: flags, configuration, run. */
#include "common/args.h"
#include "common/posix/secrets.h"
#include "common/text.h"
#include "orchestrator/daemon/daemon.h"
#include "orchestrator/daemon/kek.h"
#include "orchestrator/store/migrate.h"
#include "orchestrator/store/restored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_CONFIG "/etc/wavegate/wavegated.yaml"

static const struct flag flags[] = {
    {"config", "FILE", "configuration (default " DEFAULT_CONFIG ")"},
    {"database", "CONNINFO", "overrides the file's database"},
    {"log", "LEVEL", "error, warn, info or debug; overrides the file"},
    {"migrate", NULL, "bring the database's schema forward, end; --database is the owner's login"},
    {"restored", NULL, "the database was restored from a backup: make it fit to go on, end"},
    {"kek-list", NULL, "print which key-encryption keys are in use, and what is under each, end"},
    {"kek-rewrap", NULL, "bring all file keys under the first of kek:, end"},
    {"passphrase-file", "FILE", "PIN of such a key in a token, from a file of mode 600"},
    {"passphrase-fd", "N", "the same from a descriptor; else the terminal asks"},
    {"json", NULL, "print what these say as JSON"},
    {"check", NULL, "say what is wrong with the configuration and what it names, end"},
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

static bool asks_for_keks(const struct args *args)
{
    return args_has(args, "kek-list") || args_has(args, "kek-rewrap");
}

/* What it names is looked at too where wavegated runs, or would. */
static bool load(const struct args *args, struct settings *settings, const char *file,
                 struct wg_error *err)
{
    bool check = args_has(args, "check");
    if (asks_for_keks(args) || args_has(args, "migrate") || args_has(args, "restored"))
        return settings_load(settings, file, err);
    return settings_check(settings, file, SETTINGS_OF_DAEMON, !check, err);
}

/* A database is seen to where nothing else of wavegated need be. */
static bool configure(const struct args *args, struct settings *settings, struct wg_error *err)
{
    const char *config = args_value(args, "config"), *level = args_value(args, "log");
    const char *database = args_value(args, "database");
    bool migrates = args_has(args, "migrate") || args_has(args, "restored");
    if (!(migrates && database && !config) &&
        !load(args, settings, config ? config : DEFAULT_CONFIG, err))
        return false;
    if (database && !wg_copy(settings->database, sizeof settings->database, database))
        return wg_fail(err, WG_E_USAGE, "--database: too long");
    if (level && !wg_log_level_parse(level, &settings->log))
        return wg_fail(
            err, WG_E_USAGE,
            "--log: expected error, warn, info or debug, and json or journal, got \"%.40s\"",
            level);
    if (asks_for_keks(args)) return settings_need(settings, SETTINGS_KEYS, err);
    unsigned runs = SETTINGS_BROKERS | SETTINGS_DIRECTOR | SETTINGS_OPERATORS;
    return settings_need(settings, SETTINGS_DATABASE | (migrates ? 0 : runs), err);
}

static bool bring_forward(const struct settings *settings, struct wg_error *err)
{
    int applied = 0;
    struct db *db = db_open(settings->database, "wavegated --migrate", err);
    bool ok = db && migrate(db, &applied, err) &&
              printf("%d migrations applied: the schema is the one of wavegated " WG_VERSION "\n",
                     applied) > 0;
    db_close(db);
    return ok;
}

static bool make_fit(const struct settings *settings, struct wg_error *err)
{
    int64_t devices = 0;
    struct db *db = db_open(settings->database, "wavegated --restored", err);
    bool ok = db && migrate(db, NULL, err) && restored(db, &devices, err) &&
              printf("%lld devices count as away until they say hello: start wavegated, and the "
                     "brokers anew\n",
                     (long long)devices) > 0;
    db_close(db);
    return ok;
}

static bool look_after_keks(const struct args *args, const struct settings *settings,
                            struct wg_error *err)
{
    const char *fd = args_value(args, "passphrase-fd");
    struct kek_asked asked = {
        .settings = settings,
        .secret = {.file = args_value(args, "passphrase-file"), .fd = -1, .ask = true},
        .json = args_has(args, "json")};
    if (fd && (strspn(fd, "0123456789") != strlen(fd) || !fd[0] || strlen(fd) > 5))
        return wg_fail(err, WG_E_USAGE, "--passphrase-fd: expected the number of a descriptor");
    if (fd) asked.secret.fd = (int)strtol(fd, NULL, 10);
    return args_has(args, "kek-rewrap") ? kek_rewrap(&asked, err) : kek_list(&asked, err);
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
    if (asks_for_keks(&args)) return look_after_keks(&args, &settings, err);
    if (!args_has(&args, "database") && !settings_login(&settings, err)) return false;
    if (args_has(&args, "migrate")) return bring_forward(&settings, err);
    if (args_has(&args, "restored")) return make_fit(&settings, err);
    wg_log_setup("wavegated", settings.log);
    return daemon_run(&settings, args_has(&args, "log"), err);
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
