/* main.c: the wavegate command: finds the row of the table, prepares what it needs, runs it. */
#include "common/posix/secrets.h"
#include "orchestrator/cli/alias.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/completion.h"
#include "orchestrator/cli/context.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/cli/usage.h"

#include "common/text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool print(struct wg_buf *text, struct wg_error *err)
{
    struct screen screen;
    screen_init(&screen, SCREEN_TEXT, true);
    wg_buf_text(&screen.text, wg_buf_str(text));
    bool ok = wg_buf_check(text, err, "usage") && screen_flush(&screen, err);
    screen_clear(&screen);
    wg_buf_clear(text);
    return ok;
}

/* NULL: not given. */
static bool help(const char *noun, const char *verb, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 65536);
    const struct command *command = noun && verb ? command_find(noun, verb) : NULL;
    if (noun && !command_noun_exists(noun)) return usage_unknown_noun(noun, verb, err);
    if (verb && !command) return usage_unknown_verb(noun, verb, err);
    if (command)
        usage_command(command, &text);
    else if (noun)
        usage_noun(noun, &text);
    else
        usage_all(&text);
    return print(&text, err);
}

static bool prepare(struct cli *cli, const struct command *command, struct wg_error *err)
{
    /* a repository is a folder of its own, and so is a file that may stand for the database */
    bool has_file = strcmp(command->arguments, "[FILE]") == 0 && cli->args->positional_count > 0;
    if (!command->needs || args_has(cli->args, "repository") || has_file) return true;
    if (!context_settings(cli, command, err) || !operator_choose(cli, err) ||
        !settings_need(cli->settings, command->needs, err))
        return false;
    return !(command->needs & SETTINGS_SERVER) || operator_connect(cli, err);
}

static bool count_arguments(const struct command *command, const struct args *args,
                            struct wg_error *err)
{
    size_t count = args->positional_count;
    if (count >= command->positionals_min && count <= command->positionals_max) return true;
    const char *extra = count > command->positionals_max ? args->positionals[count - 1] : NULL;
    if (extra && extra[0] == '-' && extra[1])
        return wg_fail(err, WG_E_USAGE,
                       "unknown flag \"%.80s\": flags begin with two hyphens, like --json", extra);
    return wg_fail(err, WG_E_USAGE, "%s%.80s%sexpected: wavegate %s %s%s%s", extra ? "\"" : "",
                   extra ? extra : "", extra ? "\" is too much: " : "", command->noun,
                   command->verb, command->arguments[0] ? " " : "", command->arguments);
}

static bool run_command(const struct command *command, int argc, char *const *argv,
                        struct wg_error *err)
{
    static struct settings settings;
    const struct flag *const tables[] = {common_flags, command->flags, NULL};
    struct args args;
    enum screen_form form;
    if (!args_read(&args, argc, argv, tables, err)) return false;
    if (args_has(&args, "help")) return help(command->noun, command->verb, err);
    if (!usage_form(command, &args, &form, err) || !count_arguments(command, &args, err))
        return false;
    struct wg_signing_key *operator_key = NULL;
    struct wg_passphrase passphrase = {.len = 0};
    struct cli cli = {.args = &args,
                      .settings = &settings,
                      .operator_key = &operator_key,
                      .passphrase = &passphrase};
    screen_init(&cli.screen, form, !args_has(&args, "no-pager"));
    bool ok = prepare(&cli, command, err) && command->run(&cli, err);
    screen_clear(&cli.screen);
    remote_free(cli.remote);
    wg_signing_key_free(operator_key);
    wg_passphrase_clear(&passphrase);
    return ok;
}

/* Noun and verb, and what stands before, between and behind them. */
struct line {
    const char *noun, *verb; /* NULL: not there */
    int count;
    char *rest[]; /* without noun and verb */
};

/* Flags of every command may stand before the noun; true when the next word is its value. */
static bool takes_value(const char *word)
{
    if (strchr(word, '=')) return false;
    for (const struct flag *flag = common_flags; flag->name; flag++)
        if (strcmp(word + 2, flag->name) == 0) return flag->value != NULL;
    return false;
}

/* The word at the place of a noun, or of a verb. */
static void take_word(struct line *line, const char *word)
{
    if (line->noun) {
        line->verb = alias_verb(line->noun, word);
    } else if (!alias_command(word, &line->noun, &line->verb)) {
        const char *noun = alias_noun(word);
        line->noun = noun ? noun : word;
    }
}

static struct line *line_read(int argc, char *const *argv, struct wg_error *err)
{
    struct line *line = calloc(1, sizeof *line + ((size_t)argc + 1) * sizeof *line->rest);
    if (!line) (void)wg_fail_memory(err, "reading the command line");
    for (int i = 1; line && i < argc; i++) {
        bool flag = argv[i][0] == '-';
        if (!flag && (!line->noun || !line->verb))
            take_word(line, argv[i]);
        else
            line->rest[line->count++] = argv[i];
        if (line->verb || strncmp(argv[i], "--", 2) != 0) continue;
        if (takes_value(argv[i]) && i + 1 < argc) line->rest[line->count++] = argv[++i];
    }
    return line;
}

static bool has_word(const struct line *line, const char *word)
{
    for (int i = 0; i < line->count; i++)
        if (strcmp(line->rest[i], word) == 0) return true;
    return false;
}

/* A line without a verb: help, the version, or what is missing. */
static bool run_words(const struct line *line, struct wg_error *err)
{
    bool wants_help = has_word(line, "--help") || has_word(line, "-h");
    if (!line->noun && has_word(line, "--version")) return puts("wavegate " WG_VERSION) >= 0;
    if (!line->noun && line->count > 0 && !wants_help)
        return wg_fail(err, WG_E_USAGE,
                       "\"%.40s\" needs a command: wavegate NOUN VERB %.40s; try "
                       "wavegate help",
                       line->rest[0], line->rest[0]);
    return help(line->noun, line->verb, err);
}

/* help NOUN VERB: its noun stands where others have the verb. */
static bool run_help(const struct line *line, struct wg_error *err)
{
    const char *noun = line->verb, *verb = line->count > 0 ? line->rest[0] : NULL;
    if (!noun || strcmp(noun, "help") == 0) return help(NULL, NULL, err);
    if (alias_command(noun, &noun, &verb)) return help(noun, verb, err);
    if (alias_noun(noun)) noun = alias_noun(noun);
    return help(noun, verb ? alias_verb(noun, verb) : NULL, err);
}

static bool run_line(const struct line *line, struct wg_error *err)
{
    const char *noun = line->noun, *verb = line->verb;
    if (noun && strcmp(noun, "help") == 0) return run_help(line, err);
    if (noun && strcmp(noun, "version") == 0) return puts("wavegate " WG_VERSION) >= 0;
    if (!noun || (!verb && command_noun_exists(noun))) return run_words(line, err);
    if (!command_noun_exists(noun)) return usage_unknown_noun(noun, verb, err);
    if (!verb || strcmp(verb, "help") == 0) return help(noun, NULL, err);
    const struct command *command = command_find(noun, verb);
    if (!command) return usage_unknown_verb(noun, verb, err);
    return run_command(command, line->count, line->rest, err);
}

static bool run(int argc, char *const *argv, bool *json, struct wg_error *err)
{
    if (argc > 1 && strcmp(argv[1], COMPLETION_NOUN) == 0)
        return completion_print(argv + 2, (size_t)argc - 2);
    struct line *line = line_read(argc, argv, err);
    *json = line && has_word(line, "--json"); /* so that whoever reads JSON gets every error so */
    bool ok = line && run_line(line, err);
    free(line);
    return ok;
}

/* For people; what a person wrote is quoted as it was written. */
static void tell_times(struct wg_error *err)
{
    char text[WG_ERROR_TEXT_MAX];
    wg_text_tame(err->text);
    if (err->code == WG_E_BAD_FILE || err->code == WG_E_USAGE) return;
    screen_time_local(err->text, text, sizeof text);
    (void)wg_copy(err->text, sizeof err->text, text);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    (void)signal(SIGPIPE, SIG_DFL); /* head has seen enough: no word about it */
    bool json = false;
    if (run(argc, argv, &json, &err)) return 0;
    int code = wg_error_exit(err.code);
    if (!err.text[0])
        return code; /* the result has said it all: plan's pending changes, a failed gate */
    if (!json) tell_times(&err);
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
