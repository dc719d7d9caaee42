/* pages_markdown.c: docs/command.md. */
#include "orchestrator/cli/pages.h"

#include "orchestrator/cli/command_who.h"
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/usage.h"
#include "orchestrator/cli/words.h"

#include <string.h>

#define WIDTH 110

/* A paragraph in lines of at most WIDTH columns, each behind the indent. */
static void paragraph(struct wg_buf *out, const char *indent, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column > 0 && column + len + 1 > WIDTH) {
            wg_buf_printf(out, "\n%s", indent);
            column = strlen(indent);
        } else if (column > 0) {
            wg_buf_char(out, ' ');
        }
        wg_buf_add(out, text, len);
        column += len + 1;
        text += len + (text[len] == ' ');
    }
    wg_buf_char(out, '\n');
}

static void add_item(struct wg_buf *out, const char *name, const char *value, const char *help)
{
    struct wg_buf text;
    wg_buf_init(&text, 4096);
    wg_buf_printf(&text, "- `%s%s%s`: %s", name, value ? " " : "", value ? value : "", help);
    paragraph(out, "  ", wg_buf_str(&text));
    wg_buf_clear(&text);
}

static void add_flags(struct wg_buf *out, const struct flag *flags)
{
    for (; flags && flags->name; flags++) {
        char name[64];
        (void)wg_format(name, sizeof name, "--%s", flags->name);
        add_item(out, name, flags->value, flags->help);
    }
}

static void add_pairs(struct wg_buf *out, const struct words_pair *pairs)
{
    for (; pairs->name; pairs++) add_item(out, pairs->name, NULL, pairs->text);
}

static void add_list(struct wg_buf *out, const struct list *list)
{
    if (!list) return;
    wg_buf_text(out, "\nColumns:");
    for (size_t i = 0; list->columns[i].name; i++)
        wg_buf_printf(out, "%s %s", i ? "," : "", list->columns[i].name);
    wg_buf_text(out, ".\n");
}

static void add_command(struct wg_buf *out, const struct command *command)
{
    char who[ROLES_TEXT];
    const char *more = words_command(command->noun, command->verb);
    wg_buf_printf(out, "\n### wavegate %s %s%s%s\n\n", command->noun, command->verb,
                  command->arguments[0] ? " " : "", command->arguments);
    wg_buf_printf(out, "%s", command->summary);
    command_who(command, who);
    if (who[0]) wg_buf_printf(out, "; for %s", who);
    wg_buf_text(out, ".");
    if (more) {
        wg_buf_text(out, "\n\n");
        paragraph(out, "", more);
    } else {
        wg_buf_char(out, '\n');
    }
    if (command->flags && command->flags->name) wg_buf_char(out, '\n');
    add_flags(out, command->flags);
    add_list(out, list_of(command->noun, command->verb));
}

static void add_noun(struct wg_buf *out, const struct words_noun *noun)
{
    wg_buf_printf(out, "\n## %s: %s\n\n", noun->noun, noun->summary);
    paragraph(out, "", noun->text);
    if (noun->examples[0]) wg_buf_printf(out, "\n```\n%s\n```\n", noun->examples);
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun->noun) == 0) add_command(out, &commands[i]);
}

void pages_markdown(struct wg_buf *out)
{
    wg_buf_text(out, "# The command\n\n");
    paragraph(out, "",
              "Printed by `make docs` from `orchestrator/cli/commands.c`, which runs it, and "
              "`words.c`; do not edit. `make docs` also prints man pages, into `build/dev/man`: "
              "`man -M build/dev/man wavegate-device`.");
    wg_buf_char(out, '\n');
    paragraph(out, "", words_description);
    wg_buf_text(out, "\n## Output\n\n");
    paragraph(out, "", words_lists);
    wg_buf_char(out, '\n');
    paragraph(out, "", words_times);
    wg_buf_text(out, "\n## Flags of every command\n\n");
    add_flags(out, common_flags);
    wg_buf_text(out, "\n## Exit codes\n\n| code | `error.code` | means |\n|---|---|---|\n");
    for (const struct words_exit *exit = words_exits; exit->text; exit++)
        wg_buf_printf(out, "| %d | %s | %s |\n", exit->code, exit->name, exit->text);
    wg_buf_text(out, "\n## Environment and files\n\n");
    add_pairs(out, words_environment);
    add_pairs(out, words_files);
    for (const struct words_noun *noun = words_nouns; noun->noun; noun++) add_noun(out, noun);
}
