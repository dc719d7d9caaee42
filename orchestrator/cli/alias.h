/* alias.h: other words for nouns and verbs: some are taken, some are told the right one. */
#ifndef WG_ORCHESTRATOR_CLI_ALIAS_H
#define WG_ORCHESTRATOR_CLI_ALIAS_H

#include <stdbool.h>

/* The noun of the table that the word means: itself, "device" for "devices"; NULL: none. */
const char *alias_noun(const char *word);
/* A command that goes by one word: "failures NAME". False: it is none. */
bool alias_command(const char *word, const char **noun, const char **verb);
/* The verb that the word means to the noun: itself when nothing else is known. Never one that
 * takes more away than the word says. */
const char *alias_verb(const char *noun, const char *word);
/* For "did you mean": the verb of the noun that others call so; NULL: none. */
const char *alias_hint(const char *noun, const char *word);

#endif
