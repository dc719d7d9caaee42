/* redact.c: cleans the text, lets the rules mark, writes the rest. */
#include "common/redact.h"

#include "common/redact_part.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define CUT_LINES 2    /* a key-like word, and its value on the next line */
#define WRAPPED_MIN 32 /* bytes of a line that goes on in the next */

void redact_hide(struct redact *redact, size_t from, size_t to)
{
    if (to > redact->len) to = redact->len;
    for (size_t i = from; i < to; i++) redact->secret[i] = true;
}

char redact_at(const struct redact *redact, size_t at)
{
    if (at >= redact->len) return '\0';
    return redact->text[at];
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return c;
}

bool redact_is(const struct redact *redact, size_t at, const char *word)
{
    for (; *word; word++, at++)
        if (lower(redact_at(redact, at)) != *word) return false;
    return true;
}

size_t redact_line_end(const struct redact *redact, size_t at)
{
    while (at < redact->len && redact->text[at] != '\n') at++;
    return at;
}

size_t redact_skip_blank(const struct redact *redact, size_t at)
{
    while (redact_at(redact, at) == ' ' || redact_at(redact, at) == '\t') at++;
    return at;
}

bool redact_is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool redact_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool redact_is_code(char c)
{
    return redact_is_letter(c) || redact_is_digit(c) || (c && strchr("+/=_-", c));
}

size_t redact_run_end(const struct redact *redact, size_t at)
{
    while (redact_is_code(redact_at(redact, at))) at++;
    return at;
}

bool redact_is_code_line(const struct redact *redact, size_t from, size_t end)
{
    size_t at = redact_skip_blank(redact, from), begin = at;
    while (at < end && (redact_is_code(redact->text[at]) || strchr(":\\", redact->text[at]))) at++;
    return at > begin && redact_skip_blank(redact, at) == end;
}

size_t redact_hide_wrapped(struct redact *redact, size_t from, size_t end)
{
    redact_hide(redact, from, end);
    bool on = end > from && (end - from >= WRAPPED_MIN || redact->text[end - 1] == '\\');
    while (on && redact_at(redact, end) == '\n') {
        size_t line = end + 1, next = redact_line_end(redact, line);
        if (!redact_is_code_line(redact, line, next)) break;
        redact_hide(redact, end, next);
        on = next - line >= WRAPPED_MIN || redact->text[next - 1] == '\\';
        end = next;
    }
    return end;
}

/* Length of a sequence that only colours or moves: ESC [ numbers letter. 0: none. */
static size_t escape_length(const char *text, size_t left)
{
    size_t at = 2;
    if (left < 3 || text[0] != 0x1b || text[1] != '[') return 0;
    while (at < left && (redact_is_digit(text[at]) || text[at] == ';')) at++;
    return at < left && strchr("mKJHABCD", text[at]) && text[at] ? at + 1 : 0;
}

static size_t character_length(const char *text, size_t left)
{
    for (size_t n = 1; n <= 4 && n <= left; n++)
        if (wg_text_is_utf8(text, n)) return n;
    return 0;
}

/* What a terminal would not show must not part a word from what makes it a secret. */
static size_t clean(const char *text, size_t len, char *out)
{
    size_t used = 0;
    for (size_t at = 0; at < len;) {
        size_t gone = escape_length(text + at, len - at);
        size_t n = gone ? 0 : character_length(text + at, len - at);
        char c = text[at];
        if (gone) {
            at += gone;
        } else if (c == '\r') {
            if (at + 1 == len || text[at + 1] != '\n') out[used++] = '\n';
            at++;
        } else if (n == 0 || (n == 1 && ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f))) {
            out[used++] = '?';
            at++;
        } else {
            memcpy(out + used, text + at, n);
            used += n;
            at += n;
        }
    }
    return used;
}

/* The rest of a secret whose beginning was cut off looks like anything for two lines, and after
 * that like the body of a key, a folded header, an indented block. */
static void hide_beginning(struct redact *redact)
{
    size_t at = 0;
    for (int i = 0; i < CUT_LINES && at < redact->len; i++) at = redact_line_end(redact, at) + 1;
    while (at < redact->len) {
        size_t end = redact_line_end(redact, at);
        bool goes_on = redact->text[at] == ' ' || redact->text[at] == '\t' || end == at;
        if (!goes_on && !redact_is_code_line(redact, at, end)) break;
        at = end + 1;
    }
    redact_hide(redact, 0, at > 0 && at <= redact->len ? at - 1 : at);
}

static void write_rest(const struct redact *redact, struct wg_buf *out)
{
    for (size_t at = 0; at < redact->len;) {
        size_t from = at;
        bool secret = redact->secret[at];
        while (at < redact->len && redact->secret[at] == secret) at++;
        if (secret)
            wg_buf_text(out, WG_REDACTED);
        else
            wg_buf_add(out, redact->text + from, at - from);
    }
}

bool wg_redact(const char *text, size_t len, bool cut, struct wg_buf *out, struct wg_error *err)
{
    char *copy = malloc(len + 1);
    bool *secret = calloc(len + 1, sizeof *secret);
    if (!copy || !secret) {
        free(copy);
        free(secret);
        return wg_fail_memory(err, "looking for secrets");
    }
    struct redact redact = {.text = copy, .secret = secret, .len = clean(text, len, copy)};
    if (cut) hide_beginning(&redact);
    redact_forms(&redact);
    redact_urls(&redact);
    redact_words(&redact);
    write_rest(&redact, out);
    free(copy);
    free(secret);
    return wg_buf_check(out, err, "text without secrets");
}
