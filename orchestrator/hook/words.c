/* words.c: finds the line while the bytes come, and cleans it. */
#include "orchestrator/hook/words.h"

#include "common/text.h"

#include <string.h>

#define UTF8_MAX 4 /* bytes of one character */

void words_add(struct words *words, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !words->whole; i++) {
        bool blank = (unsigned char)bytes[i] <= ' ';
        if (words->len == 0 && blank) continue;
        if (bytes[i] == '\n')
            words->whole = true;
        else if (words->len < sizeof words->raw)
            words->raw[words->len++] = bytes[i];
    }
}

/* Bytes of the character at text; 0 if there is none. */
static size_t character(const char *text, size_t left)
{
    for (size_t n = 1; n <= UTF8_MAX && n <= left; n++)
        if (wg_text_is_utf8(text, n)) return n;
    return 0;
}

/* C0, DEL, C1; ends of lines and paragraphs, and the marks that let text run the other way. */
static bool is_control(const char *text, size_t len)
{
    const unsigned char *c = (const unsigned char *)text;
    if (len == 1) return c[0] < ' ' || c[0] == 0x7f;
    if (len == 2) return c[0] == 0xc2 && c[1] < 0xa0;
    if (len != 3 || c[0] != 0xe2) return false;
    return (c[1] == 0x80 && ((c[2] >= 0xa8 && c[2] <= 0xae) || c[2] == 0x8e || c[2] == 0x8f)) ||
           (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

void words_text(const struct words *words, char out[WORDS_MAX + 1])
{
    size_t len = 0, n = 0;
    for (size_t at = 0; at < words->len; at += n) {
        const char *from = words->raw + at;
        n = character(from, words->len - at);
        if (*from == '\t') from = " ";
        if (n == 0 && *from) from = "?";
        if (n == 0) n = 1;
        if (*from == '\0' || is_control(from, n)) continue;
        if (len + n > WORDS_MAX) break;
        memcpy(out + len, from, n);
        len += n;
    }
    while (len > 0 && out[len - 1] == ' ') len--;
    out[len] = '\0';
}
