/* completion.h: what a shell may offer for the word at the cursor, from the table of commands. */
#ifndef WG_ORCHESTRATOR_CLI_COMPLETION_H
#define WG_ORCHESTRATOR_CLI_COMPLETION_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define COMPLETION_ASK_MAX 16 /* words of a question */
/* The noun that the scripts of the shells call, with the words behind "wavegate" up to the cursor.
 */
#define COMPLETION_NOUN "__complete"

/* Offers for the last word. */
struct completion {
    struct wg_buf
        offers; /* "WORD\tWHAT IT IS\n" each; the whole word, with "--flag=" if it had it */
    bool files; /* and files */
    const char *ask[COMPLETION_ASK_MAX]; /* wavegate's own words that list more names; NULL: none */
    char after[128];                     /* room for one of them */
};

/* words: borrowed, and so is ask. Pure. */
void completion_find(struct completion *out, char *const *words, size_t count);
void completion_clear(struct completion *completion);

/* Prints the offers, a line each; ":files" for files. Asks wavegate for names, for at most a
 * second, and says nothing when that fails. */
bool completion_print(char *const *words, size_t count);

#endif
