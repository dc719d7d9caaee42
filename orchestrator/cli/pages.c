/* pages.c: man pages in man(7). */
#include "orchestrator/cli/pages.h"

#include "common/text.h"
#include "orchestrator/cli/command_who.h"
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/usage.h"
#include "orchestrator/cli/words.h"

#include <string.h>

#define PAGE_MAX ((size_t)1024 * 1024)
#define SOURCE_WIDTH 64 /* hyphens take two bytes */

/* Text as roff takes it for text: no macro at a line's start, hyphens that can be copied. */
static void add(struct wg_buf *out, const char *text)
{
    bool starts = true;
    for (; *text; text++) {
        if (starts && (*text == '.' || *text == '\'')) wg_buf_text(out, "\\&");
        if (*text == '\\')
            wg_buf_text(out, "\\e");
        else if (*text == '-')
            wg_buf_text(out, "\\-");
        else
            wg_buf_char(out, *text);
        starts = *text == '\n';
    }
}

/* As it stands: examples. */
static void line(struct wg_buf *out, const char *text)
{
    add(out, text);
    wg_buf_char(out, '\n');
}

/* In short lines of source, which are filled anyway. */
static void prose(struct wg_buf *out, const char *text)
{
    struct wg_buf lines;
    size_t column = 0;
    wg_buf_init(&lines, PAGE_MAX);
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column > 0) wg_buf_char(&lines, column + len + 1 > SOURCE_WIDTH ? '\n' : ' ');
        column = column + len + 1 > SOURCE_WIDTH ? len : column + len + 1;
        wg_buf_add(&lines, text, len);
        text += len + (text[len] == ' ');
    }
    line(out, wg_buf_str(&lines));
    out->failed = out->failed || lines.failed;
    wg_buf_clear(&lines);
}

static void head(struct wg_buf *out, const char *name, const char *section, const char *summary)
{
    char title[64];
    (void)wg_copy(title, sizeof title, name);
    for (char *c = title; *c; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    wg_buf_text(out, ".\\\" Printed from orchestrator/cli/commands.c and words.c; do not edit.\n");
    wg_buf_text(out, ".TH ");
    add(out, title);
    wg_buf_printf(out,
                  " %s \"" WORDS_DATE "\" \"wavegate " WG_VERSION "\" \"Wavegate\"\n.SH NAME\n",
                  section);
    add(out, name);
    wg_buf_text(out, " \\- ");
    prose(out, summary);
}

static void add_flags(struct wg_buf *out, const struct flag *flags)
{
    for (; flags && flags->name; flags++) {
        wg_buf_text(out, ".TP\n\\fB\\-\\-");
        add(out, flags->name);
        wg_buf_text(out, "\\fR");
        if (flags->value) {
            wg_buf_text(out, " \\fI");
            add(out, flags->value);
            wg_buf_text(out, "\\fR");
        }
        wg_buf_char(out, '\n');
        prose(out, flags->help);
    }
}

static void add_pairs(struct wg_buf *out, const char *title, const struct words_pair *pairs)
{
    wg_buf_printf(out, ".SH %s\n", title);
    for (; pairs->name; pairs++) {
        wg_buf_text(out, ".TP\n\\fB");
        add(out, pairs->name);
        wg_buf_text(out, "\\fR\n");
        prose(out, pairs->text);
    }
}

static void add_exits(struct wg_buf *out, bool with_names)
{
    for (const struct words_exit *exit = words_exits; exit->text; exit++) {
        char text[256];
        bool named = with_names && exit->name[0];
        (void)wg_format(text, sizeof text, "%s%s%s%s", exit->text, named ? " (" : "",
                        named ? exit->name : "", named ? ")" : "");
        wg_buf_printf(out, ".TP\n\\fB%d\\fR\n", exit->code);
        prose(out, text);
    }
}

static void add_examples(struct wg_buf *out, const char *examples)
{
    if (!examples[0]) return;
    wg_buf_text(out, ".SH EXAMPLES\n.nf\n");
    line(out, examples);
    wg_buf_text(out, ".fi\n");
}

static void see_also(struct wg_buf *out, const char *but)
{
    const char *comma = "";
    wg_buf_text(out, ".SH SEE ALSO\n");
    if (but) wg_buf_text(out, ".BR wavegate (1),\n");
    for (const struct words_noun *noun = words_nouns; noun->noun; noun++) {
        if (but && strcmp(noun->noun, but) == 0) continue;
        wg_buf_printf(out, "%s.BR wavegate\\-%s (1)", comma, noun->noun);
        comma = ",\n";
    }
    wg_buf_printf(out, "%s.BR wavegate\\-exit\\-codes (7)\n", comma);
}

static void add_call(struct wg_buf *out, const struct command *command)
{
    wg_buf_text(out, "\\fBwavegate ");
    add(out, command->noun);
    wg_buf_char(out, ' ');
    add(out, command->verb);
    wg_buf_text(out, "\\fR");
    if (command->arguments[0]) {
        wg_buf_text(out, " \\fI");
        add(out, command->arguments);
        wg_buf_text(out, "\\fR");
    }
    wg_buf_char(out, '\n');
}

static void add_roles(struct wg_buf *out, const struct command *command)
{
    char who[ROLES_TEXT];
    command_who(command, who);
    if (!who[0]) return;
    wg_buf_text(out, ".PP\nFor ");
    add(out, who);
    wg_buf_text(out, ".\n");
}

static void add_command(struct wg_buf *out, const struct command *command)
{
    const char *more = words_command(command->noun, command->verb);
    const struct list *list = list_of(command->noun, command->verb);
    wg_buf_text(out, ".SS ");
    add_call(out, command);
    prose(out, command->summary);
    if (more) {
        wg_buf_text(out, ".PP\n");
        prose(out, more);
    }
    add_roles(out, command);
    add_flags(out, command->flags);
    if (!list) return;
    wg_buf_text(out, ".PP\nColumns:");
    for (size_t i = 0; list->columns[i].name; i++) {
        wg_buf_text(out, i ? ", " : " ");
        add(out, list->columns[i].name);
    }
    wg_buf_text(out, ".\n");
}

void pages_man_noun(const char *noun, struct wg_buf *out)
{
    char name[64];
    const struct words_noun *words = words_noun(noun);
    (void)wg_format(name, sizeof name, "wavegate-%s", noun);
    head(out, name, "1", words->summary);
    wg_buf_text(out, ".SH SYNOPSIS\n.nf\n");
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0) add_call(out, &commands[i]);
    wg_buf_text(out, ".fi\n.SH DESCRIPTION\n");
    prose(out, words->text);
    wg_buf_text(out, ".PP\nFlags of all commands, the environment and files are in\n.BR wavegate "
                     "(1).\n.SH COMMANDS\n");
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0) add_command(out, &commands[i]);
    add_examples(out, words->examples);
    see_also(out, noun);
}

void pages_man(struct wg_buf *out)
{
    head(out, "wavegate", "1", "roll software out to fleets of devices");
    wg_buf_text(out, ".SH SYNOPSIS\n\\fBwavegate\\fR \\fINOUN VERB\\fR [\\fIarguments\\fR] "
                     "[\\fIflags\\fR]\n.br\n\\fBwavegate help\\fR [\\fINOUN\\fR [\\fIVERB\\fR]]\n"
                     ".SH DESCRIPTION\n");
    prose(out, words_description);
    wg_buf_text(out, ".SH COMMANDS\n");
    for (const struct words_noun *noun = words_nouns; noun->noun; noun++) {
        wg_buf_printf(out, ".TP\n.BR wavegate\\-%s (1)\n", noun->noun);
        prose(out, noun->summary);
    }
    wg_buf_text(out, ".SH OPTIONS\n");
    add_flags(out, common_flags);
    wg_buf_text(out, ".SH OUTPUT\n");
    prose(out, words_lists);
    wg_buf_text(out, ".PP\n");
    prose(out, words_times);
    wg_buf_text(out, ".SH EXIT STATUS\n");
    add_exits(out, false);
    add_pairs(out, "ENVIRONMENT", words_environment);
    add_pairs(out, "FILES", words_files);
    see_also(out, NULL);
}

void pages_man_exits(struct wg_buf *out)
{
    head(out, "wavegate-exit-codes", "7", "how commands of wavegate end");
    wg_buf_text(out, ".SH DESCRIPTION\nThe code that a command ends with, and in parentheses the "
                     "codes of errors in\n.B \\-\\-json\nthat end so.\n");
    add_exits(out, true);
    wg_buf_text(out, ".SH SEE ALSO\n.BR wavegate (1)\n");
}

bool pages_each(bool (*page)(void *ctx, const char *name, const struct wg_buf *text,
                             struct wg_error *err),
                void *ctx, struct wg_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && (i < 2 || words_nouns[i - 2].noun); i++) {
        char name[64];
        struct wg_buf text;
        wg_buf_init(&text, PAGE_MAX);
        if (i == 0) {
            (void)wg_copy(name, sizeof name, "wavegate.1");
            pages_man(&text);
        } else if (i == 1) {
            (void)wg_copy(name, sizeof name, "wavegate-exit-codes.7");
            pages_man_exits(&text);
        } else {
            (void)wg_format(name, sizeof name, "wavegate-%s.1", words_nouns[i - 2].noun);
            pages_man_noun(words_nouns[i - 2].noun, &text);
        }
        ok = wg_buf_check(&text, err, name) && page(ctx, name, &text, err);
        wg_buf_clear(&text);
    }
    return ok;
}
