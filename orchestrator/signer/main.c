/* main.c: the wavegate-signer command. */
#include "common/args.h"
#include "common/posix/secrets.h"
#include "orchestrator/signer/server.h"

#include <stdio.h>

#define DEFAULT_CONFIG "/etc/wavegate/signer.yaml"

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
    wg_buf_text(&text, "usage: wavegate-signer [flags]\n\n");
    args_usage(flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    static struct signer_settings settings;
    static const struct flag *const tables[] = {flags, NULL};
    struct args args;
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "help")) return usage(err);
    if (args_has(&args, "version")) return puts("wavegate-signer " WG_VERSION) >= 0;
    if (args.positional_count > 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is not expected: try wavegate-signer --help",
                       args.positionals[0]);
    const char *config = args_value(&args, "config");
    bool check = args_has(&args, "check");
    if (!config) config = DEFAULT_CONFIG;
    if (!signer_settings_check(&settings, config, !check, err)) return false;
    if (check) return printf("%s: the configuration is fine\n", config) > 0;
    wg_log_setup("wavegate-signer", settings.log);
    return server_run(&settings, config, err);
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
        (void)fprintf(stderr, "wavegate-signer: %s\n", err.text);
    return wg_error_exit(err.code);
}
