/* usage.h: what `--help` and `wavegate help` print, and what to do about a misspelt word. */
#ifndef WG_ORCHESTRATOR_CLI_USAGE_H
#define WG_ORCHESTRATOR_CLI_USAGE_H

#include "orchestrator/cli/command.h"

/* Flags of every command. */
extern const struct flag common_flags[];

/* Appends: everything, or the commands of a noun, one command. */
void usage_all(struct wg_buf *out);
void usage_noun(const char *noun, struct wg_buf *out);
void usage_command(const struct command *command, struct wg_buf *out);

/* NULL: there is none. */
const struct command *command_find(const char *noun, const char *verb);
bool command_noun_exists(const char *noun);

/* WG_E_USAGE, with the nearest word; always false. verb: what stood behind it; may be NULL. */
bool usage_unknown_noun(const char *noun, const char *verb, struct wg_error *err);
bool usage_unknown_verb(const char *noun, const char *verb, struct wg_error *err);

/* The form that the flags ask for; WG_E_USAGE when they contradict one another, or the command. */
WG_MUST_CHECK bool usage_form(const struct command *command, const struct args *args,
                              enum screen_form *out, struct wg_error *err);

#endif
