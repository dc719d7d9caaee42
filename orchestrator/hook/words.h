/* words.h: what a hook says for people: the first line of its output that is not blank, made safe
 * for terminals and databases. Pure. */
#ifndef WG_ORCHESTRATOR_HOOK_WORDS_H
#define WG_ORCHESTRATOR_HOOK_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 200 /* bytes */
#define WORDS_RAW_MAX 1024

struct words {
    char raw[WORDS_RAW_MAX]; /* the line as it came, without leading blanks */
    size_t len;
    bool whole; /* its end was seen: nothing more is kept */
};

/* The next bytes of the output, as they come. All zero is a beginning. */
void words_add(struct words *words, const char *bytes, size_t len);

/* At most WORDS_MAX bytes of valid UTF-8, "" for none. Control characters and what turns the
 * direction of text are left out, a tab is a space, a byte that is no UTF-8 is '?'. */
void words_text(const struct words *words, char out[WORDS_MAX + 1]);

#endif
