/* words.h: what help, man pages and docs/command.md say beside the table of commands. */
#ifndef WG_ORCHESTRATOR_CLI_WORDS_H
#define WG_ORCHESTRATOR_CLI_WORDS_H

#define WORDS_DATE "2026-11-22" /* when these words were changed last */

struct words_exit {
    int code;
    const char *name; /* of the errors in --json that end so, with commas; "" none */
    const char *text;
};
/* In order; ended by one without a text. */
extern const struct words_exit words_exits[];

struct words_noun {
    const char *noun;
    const char *summary;  /* half a line */
    const char *text;     /* a paragraph */
    const char *examples; /* lines of commands; "" none */
};
/* Every noun of the table, in its order; ended by one without a noun. */
extern const struct words_noun words_nouns[];
const struct words_noun *words_noun(const char *noun); /* NULL: none */

/* More of a command than its summary; NULL: none. */
const char *words_command(const char *noun, const char *verb);

struct words_pair {
    const char *name, *text;
};
extern const struct words_pair words_environment[], words_files[]; /* ended by one without a name */
extern const char words_description[], words_lists[], words_times[];

#endif
