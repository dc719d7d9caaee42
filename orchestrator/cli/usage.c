/* usage.c: help from the table of commands. */
#include "orchestrator/cli/usage.h"

#include "orchestrator/cli/alias.h"
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/words.h"

#include <stdio.h>
#include <string.h>

#define NEAR 3 /* letters that a misspelt word may differ in, and the shorter half of it */

const struct flag common_flags[] = {
    {"config", "FILE",
     "configuration; else that of the context, ./wavegate.yaml, /etc/wavegate/wavegate.yaml"},
    {"context", "NAME", "the server of this context; else the one in use: wavegate help context"},
    {"operator", "FILE.crt", "act as this operator; the key is FILE.key beside it"},
    {"operator-key", "WHERE", "else a file, or a pkcs11: URI"},
    {"operator-secret", "FILE", "its passphrase or PIN, mode 600; else the terminal asks"},
    {"json", NULL, "print the result as JSON"},
    {"csv", NULL, "print a list as CSV, with a line of heads"},
    {"quiet", NULL, "print names alone, a line each; of a change nothing"},
    {"no-pager", NULL, "long text goes straight to the terminal"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

static void add_command(const struct command *command, struct wg_buf *out)
{
    char left[64];
    (void)snprintf(left, sizeof left, "%s %s %s", command->noun, command->verb, command->arguments);
    wg_buf_printf(out, "  %-32s %s\n", left, command->summary);
}

static void add_codes(struct wg_buf *out)
{
    for (size_t i = 0; words_exits[i].text; i++)
        wg_buf_printf(out, "  %3d  %s\n", words_exits[i].code, words_exits[i].text);
}

void usage_all(struct wg_buf *out)
{
    wg_buf_text(out, "usage: wavegate NOUN VERB [arguments] [flags]\n\n");
    for (size_t i = 0; i < command_count; i++) add_command(&commands[i], out);
    wg_buf_text(out, "\nflags\n");
    args_usage(common_flags, out);
    wg_buf_text(out, "\nexit codes\n");
    add_codes(out);
    wg_buf_text(out, "\nwavegate help NOUN VERB shows the flags of one command.\n");
}

void usage_noun(const char *noun, struct wg_buf *out)
{
    const struct words_noun *words = words_noun(noun);
    wg_buf_printf(out, "usage: wavegate %s VERB [arguments] [flags]\n%s\n\n", noun,
                  words ? words->summary : "");
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0) add_command(&commands[i], out);
    wg_buf_printf(out,
                  "\nwavegate help %s VERB shows the flags of one command, wavegate help those of "
                  "all.\n",
                  noun);
}

static void add_columns(const struct list *list, struct wg_buf *out)
{
    if (!list) return;
    wg_buf_text(out, "\ncolumns:");
    for (size_t i = 0; list->columns[i].name; i++)
        wg_buf_printf(out, "%s %s", i ? "," : "", list->columns[i].name);
    wg_buf_text(out, "\n");
}

void usage_command(const struct command *command, struct wg_buf *out)
{
    wg_buf_printf(out, "usage: wavegate %s %s%s%s [flags]\n%s\n\n", command->noun, command->verb,
                  command->arguments[0] ? " " : "", command->arguments, command->summary);
    if (command->flags) args_usage(command->flags, out);
    args_usage(common_flags, out);
    const char *more = words_command(command->noun, command->verb);
    if (more) wg_buf_printf(out, "\n%s\n", more);
    add_columns(list_of(command->noun, command->verb), out);
}

const struct command *command_find(const char *noun, const char *verb)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0 && strcmp(commands[i].verb, verb) == 0)
            return &commands[i];
    return NULL;
}

bool command_noun_exists(const char *noun)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0) return true;
    return false;
}

/* The nearest so far of what was meant by text. */
struct nearest {
    const char *text, *word;
    size_t distance;
};

static void look(struct nearest *nearest, const char *word)
{
    size_t len = strlen(nearest->text), limit = len / 2 < NEAR ? len / 2 : NEAR;
    /* as people shorten words: dev, camp */
    bool shortened = len >= 2 && strncmp(word, nearest->text, len) == 0;
    size_t distance = shortened ? 1 : wg_text_distance(nearest->text, word, limit);
    if (!shortened && distance > limit) return;
    if (nearest->word && distance >= nearest->distance) return;
    nearest->word = word;
    nearest->distance = distance;
}

static void add_nouns(struct wg_buf *out)
{
    for (size_t i = 0; i < command_count; i++)
        if (i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0)
            wg_buf_printf(out, "%s%s", i ? ", " : "", commands[i].noun);
}

/* "wavegate list devices": the words in the order of English. */
static const struct command *turned_round(const char *verb, const char *noun)
{
    const char *known = alias_noun(noun);
    return known ? command_find(known, alias_verb(known, verb)) : NULL;
}

bool usage_unknown_noun(const char *noun, const char *verb, struct wg_error *err)
{
    struct nearest nearest = {.text = noun};
    const struct command *turned = verb ? turned_round(noun, verb) : NULL;
    struct wg_buf nouns;
    for (size_t i = 0; i < command_count; i++) look(&nearest, commands[i].noun);
    if (turned)
        return wg_fail(err, WG_E_USAGE, "the noun comes first: did you mean \"wavegate %s %s\"?",
                       turned->noun, turned->verb);
    if (nearest.word)
        return wg_fail(err, WG_E_USAGE,
                       "unknown noun \"%.40s\": did you mean \"wavegate %s%s%.40s\"?", noun,
                       nearest.word, verb ? " " : "", verb ? verb : "");
    wg_buf_init(&nouns, 4096);
    add_nouns(&nouns);
    (void)wg_fail(err, WG_E_USAGE, "unknown noun \"%.40s\": expected one of %s; try wavegate help",
                  noun, wg_buf_str(&nouns));
    wg_buf_clear(&nouns);
    return false;
}

bool usage_unknown_verb(const char *noun, const char *verb, struct wg_error *err)
{
    struct nearest nearest = {.text = verb};
    struct wg_buf verbs;
    wg_buf_init(&verbs, 4096);
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].noun, noun) != 0) continue;
        look(&nearest, commands[i].verb);
        wg_buf_printf(&verbs, "%s%s", verbs.len ? ", " : "", commands[i].verb);
    }
    const char *hint = alias_hint(noun, verb);
    if (hint) nearest.word = hint;
    if (nearest.word)
        (void)wg_fail(err, WG_E_USAGE, "%s has no verb \"%.40s\": did you mean \"wavegate %s %s\"?",
                      noun, verb, noun, nearest.word);
    else
        (void)wg_fail(err, WG_E_USAGE,
                      "%s has no verb \"%.40s\": expected one of %s; try wavegate "
                      "help %s",
                      noun, verb, wg_buf_str(&verbs), noun);
    wg_buf_clear(&verbs);
    return false;
}

/* A list of the same noun, for whoever wants CSV. */
static bool no_csv(const struct command *command, struct wg_error *err)
{
    const struct list *list = list_of(command->noun, "list");
    for (const struct flag *flag = command->flags; flag && flag->name; flag++)
        if (strcmp(flag->name, "format") == 0)
            return wg_fail(err, WG_E_USAGE, "--csv is for lists: %s %s takes --format csv",
                           command->noun, command->verb);
    return wg_fail(err, WG_E_USAGE, "--csv is for lists, and %s %s is none: use --json%s%s%s",
                   command->noun, command->verb, list ? ", or wavegate " : "",
                   list ? list->noun : "", list ? " list --csv" : "");
}

bool usage_form(const struct command *command, const struct args *args, enum screen_form *out,
                struct wg_error *err)
{
    static const char *const names[] = {[SCREEN_TEXT] = NULL,
                                        [SCREEN_JSON] = "json",
                                        [SCREEN_CSV] = "csv",
                                        [SCREEN_QUIET] = "quiet"};
    *out = SCREEN_TEXT;
    for (int form = SCREEN_JSON; form <= SCREEN_QUIET; form++) {
        if (!args_has(args, names[form])) continue;
        if (*out != SCREEN_TEXT)
            return wg_fail(err, WG_E_USAGE, "--%s and --%s: expected one of them", names[*out],
                           names[form]);
        *out = (enum screen_form)form;
    }
    return *out != SCREEN_CSV || list_of(command->noun, command->verb) || no_csv(command, err);
}
