/* main.c: the wavegate command: finds the row of the table, prepares what it needs, runs it. */
#include "common/posix/secrets.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/migrate.h"

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_VARIABLE "WAVEGATE_CONFIG"

static const struct flag common_flags[] = {
    {"config", "FILE",
     "configuration; else $" CONFIG_VARIABLE ", ./wavegate.yaml, /etc/wavegate/wavegate.yaml"},
    {"operator", "FILE.crt", "act as this operator; the key is FILE.key beside it"},
    {"operator-key", "WHERE", "else a file, or a pkcs11: URI"},
    {"operator-secret", "FILE", "its passphrase or PIN, mode 600; else the terminal asks"},
    {"json", NULL, "print the result as JSON"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

static bool print(struct wg_buf *text, struct wg_error *err)
{
    bool ok = wg_buf_check(text, err, "usage") && fputs(wg_buf_str(text), stdout) >= 0;
    wg_buf_clear(text);
    return ok;
}

static bool usage(const char *noun, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 32768);
    wg_buf_text(&text, "usage: wavegate NOUN VERB [arguments] [flags]\n\n");
    for (size_t i = 0; i < command_count; i++) {
        char left[64];
        if (noun && strcmp(commands[i].noun, noun) != 0) continue;
        (void)snprintf(left, sizeof left, "%s %s %s", commands[i].noun, commands[i].verb,
                       commands[i].arguments);
        wg_buf_printf(&text, "  %-32s %s\n", left, commands[i].summary);
    }
    wg_buf_text(&text, "\nflags\n");
    args_usage(common_flags, &text);
    wg_buf_text(&text,
                "\nwavegate NOUN VERB --help shows the flags of one command.\n"
                "exit codes: 0 ok, 1 failed, 2 usage or bad file, 3 changes pending (plan), "
                "4 not allowed,\n  5 not found, 6 conflict, 7 gate failed or aborted, 8 time-out, "
                "130 interrupted\n");
    return print(&text, err);
}

static bool command_usage(const struct command *command, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 16384);
    wg_buf_printf(&text, "usage: wavegate %s %s %s [flags]\n%s\n\n", command->noun, command->verb,
                  command->arguments, command->summary);
    if (command->flags) args_usage(command->flags, &text);
    args_usage(common_flags, &text);
    return print(&text, err);
}

static const struct command *find_command(const char *noun, const char *verb)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0 && strcmp(commands[i].verb, verb) == 0)
            return &commands[i];
    return NULL;
}

static bool noun_exists(const char *noun)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0) return true;
    return false;
}

/* Commands of one noun stand together in the table. */
static bool unknown_noun(const char *noun, struct wg_error *err)
{
    char nouns[256] = "";
    for (size_t i = 0, len = 0; i < command_count; i++) {
        if (i > 0 && strcmp(commands[i].noun, commands[i - 1].noun) == 0) continue;
        (void)wg_format(nouns + len, sizeof nouns - len, "%s%s", i ? ", " : "", commands[i].noun);
        len = strlen(nouns);
    }
    return wg_fail(err, WG_E_USAGE,
                   "unknown noun \"%.40s\": expected one of %s; try wavegate --help", noun, nouns);
}

static const char *config_file(const struct args *args)
{
    const char *given = args_value(args, "config"), *variable = getenv(CONFIG_VARIABLE);
    if (given) return given;
    if (variable && *variable) return variable;
    FILE *here = fopen("wavegate.yaml", "re");
    if (!here) return "/etc/wavegate/wavegate.yaml";
    (void)fclose(here);
    return "wavegate.yaml";
}

static bool prepare(struct cli *cli, const struct command *command, struct wg_error *err)
{
    /* a repository is a folder of its own, and so is a file that may stand for the database */
    bool has_file = strcmp(command->arguments, "[FILE]") == 0 && cli->args->positional_count > 0;
    if (!command->needs || args_has(cli->args, "repository") || has_file) return true;
    if (!settings_load(cli->settings, config_file(cli->args), err) || !operator_choose(cli, err) ||
        !settings_need(cli->settings, command->needs, err) || !operator_allowed(cli, command, err))
        return false;
    if (!(command->needs & SETTINGS_DATABASE)) return true;
    cli->db = db_open(cli->settings->database, "wavegate", err);
    return cli->db && migrate_check(cli->db, err) &&
           (!cli->actor[0] || audit_row_actor(cli->db, cli->actor, err));
}

static bool run_command(const struct command *command, int argc, char **argv, bool *json,
                        struct wg_error *err)
{
    static struct settings settings;
    const struct flag *const tables[] = {common_flags, command->flags, NULL};
    struct args args;
    if (!args_read(&args, argc, argv, tables, err)) return false;
    *json = args_has(&args, "json");
    if (args_has(&args, "help")) return command_usage(command, err);
    if (args.positional_count < command->positionals_min ||
        args.positional_count > command->positionals_max)
        return wg_fail(err, WG_E_USAGE, "expected: wavegate %s %s %s", command->noun, command->verb,
                       command->arguments);
    struct wg_signing_key *operator_key = NULL;
    struct cli cli = {.args = &args, .settings = &settings, .operator_key = &operator_key};
    screen_init(&cli.screen, *json);
    bool ok = prepare(&cli, command, err) && command->run(&cli, err);
    screen_clear(&cli.screen);
    db_close(cli.db);
    wg_signing_key_free(operator_key);
    return ok;
}

static bool run(int argc, char **argv, bool *json, struct wg_error *err)
{
    const char *noun = argc > 1 ? argv[1] : "--help", *verb = argc > 2 ? argv[2] : "--help";
    if (!strcmp(noun, "--help") || !strcmp(noun, "-h") || !strcmp(noun, "help"))
        return usage(NULL, err);
    if (!strcmp(noun, "--version")) return puts("wavegate " WG_VERSION) >= 0;
    if (!noun_exists(noun)) return unknown_noun(noun, err);
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h")) return usage(noun, err);
    const struct command *command = find_command(noun, verb);
    if (!command)
        return wg_fail(err, WG_E_USAGE, "unknown verb \"%.40s\": try wavegate %s --help", verb,
                       noun);
    return run_command(command, argc - 3, argv + 3, json, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    bool json = false;
    if (run(argc, argv, &json, &err)) return 0;
    int code = wg_error_exit(err.code);
    if (!err.text[0])
        return code; /* the result has said it all: plan's pending changes, a failed gate */
    if (!json) wg_text_tame(err.text);
    json_t *object = json ? json_pack("{s:{s:s,s:s,s:i}}", "error", "code",
                                      wg_error_code_text(err.code), "text", err.text, "exit", code)
                          : NULL;
    if (object) {
        (void)json_dumpf(object, stderr, JSON_COMPACT);
        (void)fputc('\n', stderr);
    } else if (err.code == WG_E_BAD_FILE) {
        (void)fprintf(stderr, "%s\n", err.text);
    } else {
        (void)fprintf(stderr, "wavegate: %s\n", err.text);
    }
    json_decref(object);
    return code;
}
