/* yaml_glyph.h: one character of untrusted text as a terminal may be shown it. Pure. */
#ifndef WG_ORCHESTRATOR_YAML_YAML_GLYPH_H
#define WG_ORCHESTRATOR_YAML_YAML_GLYPH_H

#include <stddef.h>

struct yaml_glyph {
    size_t len;        /* bytes that it takes of the text, at least 1 */
    const char *shown; /* what to show; borrowed from the text or a constant; not terminated */
    size_t shown_len;  /* bytes of that */
    size_t cells;      /* columns of a terminal: 0 for what combines, 2 for wide letters */
};

/* The first of left (at least 1) bytes. Bytes that are no UTF-8, and what would steer the terminal
 * or turn the writing round, are shown as '?'; a tab as a space. */
struct yaml_glyph yaml_glyph_at(const char *text, size_t left);

/* Bytes of the UTF-8 sequence at text; 0 when it is none, or a NUL. */
size_t yaml_sequence_length(const char *text, size_t left);

/* The text as it may be shown, as much of it as to holds; never longer than from. */
void yaml_copy_printable(char *to, size_t size, const char *from);

#endif
