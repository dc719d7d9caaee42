/* redact_part.h: what the rules of redact.h share: text, and which of its bytes are secret. A rule
 * only ever hides, so no rule can undo another. For common/redact*.c only. */
#ifndef WG_COMMON_REDACT_PART_H
#define WG_COMMON_REDACT_PART_H

#include <stdbool.h>
#include <stddef.h>

struct redact {
    const char *text; /* clean UTF-8, lines end with '\n' */
    size_t len;
    bool *secret; /* one a byte */
};

void redact_hide(struct redact *redact, size_t from, size_t to); /* cut to the text */
/* The byte, and NUL behind the end. */
char redact_at(const struct redact *redact, size_t at);
bool redact_is(const struct redact *redact, size_t at, const char *word); /* any case */
size_t redact_line_end(const struct redact *redact, size_t at);           /* of '\n', or len */
size_t redact_skip_blank(const struct redact *redact, size_t at);         /* spaces and tabs */
bool redact_is_code(char c);   /* may stand in hex, base64, base64url */
bool redact_is_letter(char c); /* ASCII */
bool redact_is_digit(char c);
/* Behind the bytes that may stand in hex or base64. */
size_t redact_run_end(const struct redact *redact, size_t at);
/* Hides from from to end, and, where a long piece fills its line to the end, the lines of nothing
 * but hex or base64 behind it. Returns the end. */
size_t redact_hide_wrapped(struct redact *redact, size_t from, size_t end);
/* Is there something in the line, and nothing but hex, base64 and colons? */
bool redact_is_code_line(const struct redact *redact, size_t from, size_t end);

void redact_forms(struct redact *redact); /* what is a secret by its own form */
void redact_urls(struct redact *redact);
void redact_words(struct redact *redact); /* what is one by the word before it */

#endif
