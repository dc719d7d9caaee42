/* target.c: what every fuzz target shares. */
#include "tests/fuzz/target.h"

#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void target_broken(const char *file, int line, const char *what, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "%s:%d: must hold: %s: ", file, line, what);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

/* C0 but the end of a line, DEL, and C1, which terminals act on in UTF-8 too. */
static bool is_control(const char *text)
{
    unsigned char c = (unsigned char)*text;
    return (c < 0x20 && c != '\n') || c == 0x7f || (c == 0xc2 && (unsigned char)text[1] < 0xa0);
}

void target_shown(const char *text, size_t len)
{
    MUST(len > 0, "nothing is said");
    MUST(wg_text_is_utf8(text, len), "no UTF-8: %s", text);
    for (size_t i = 0; i < len; i++)
        MUST(!is_control(text + i), "a control character at %zu: %s", i, text);
}

void target_refused(const struct wg_error *err)
{
    size_t len = strnlen(err->text, sizeof err->text);
    MUST(err->code != WG_OK && len < sizeof err->text, "refused without a word");
    MUST(err->code != WG_E_MEMORY, "%s", err->text);
    target_shown(err->text, len);
}

char *target_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    MUST(text, "out of memory");
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

char *target_line(const uint8_t **data, size_t *size)
{
    if (*size == 0) return NULL;
    const uint8_t *end = memchr(*data, '\n', *size);
    size_t len = end ? (size_t)(end - *data) : *size;
    char *line = target_text(*data, len);
    size_t used = len + (end != NULL);
    *data += used;
    *size -= used;
    return line;
}

void target_same_text(const char *file, int line, const char *what, const char *a, const char *b)
{
    if (strcmp(a, b) != 0) target_broken(file, line, what, "\"%s\", before \"%s\"", b, a);
}

void target_same_number(const char *file, int line, const char *what, int64_t a, int64_t b)
{
    if (a != b) target_broken(file, line, what, "%lld, before %lld", (long long)b, (long long)a);
}

void target_same(const struct wg_buf *got, const struct wg_buf *expected, const char *what)
{
    bool same = got->len == expected->len &&
                (got->len == 0 || memcmp(got->data, expected->data, got->len) == 0);
    MUST(same, "%s: \"%s\", before \"%s\"", what, wg_buf_str(got), wg_buf_str(expected));
}
