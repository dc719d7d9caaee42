/* text.c: bounded copies, UTF-8, names, hex, globs, edit distance. */
#include "common/text.h"

#include <stdio.h>
#include <string.h>

#define DISTANCE_LEN_MAX 64
#define UTF8_TAIL_MAX 3 /* bytes of a sequence behind its first */

/* The longest part of at most len bytes that does not end inside a UTF-8 sequence. */
static size_t cut_before(const char *text, size_t len)
{
    size_t cut = len;
    while (cut > 0 && len - cut < UTF8_TAIL_MAX && ((unsigned char)text[cut] & 0xc0) == 0x80) cut--;
    return ((unsigned char)text[cut] & 0xc0) == 0x80 ? len : cut;
}

bool wg_copy_n(char *to, size_t size, const char *from, size_t len)
{
    bool whole = len < size;
    size_t n = whole ? len : cut_before(from, size - 1);
    memcpy(to, from, n);
    to[n] = '\0';
    return whole;
}

bool wg_copy(char *to, size_t size, const char *from)
{
    return wg_copy_n(to, size, from, strlen(from));
}

/* Bytes of the UTF-8 sequence at text, 0 if there is none (RFC 3629: no overlong, no surrogates).
 */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    unsigned char c = text[0];
    size_t n = c < 0x80                 ? 1
               : c >= 0xc2 && c <= 0xdf ? 2
               : (c & 0xf0) == 0xe0     ? 3
               : c >= 0xf0 && c <= 0xf4 ? 4
                                        : 0;
    if (n == 0 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    if ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) ||
        (c == 0xf0 && text[1] < 0x90) || (c == 0xf4 && text[1] > 0x8f))
        return 0;
    return n;
}

bool wg_format_args(char *to, size_t size, const char *fmt, va_list args)
{
    int len = vsnprintf(to, size, fmt, args);
    return len >= 0 && (size_t)len < size;
}

bool wg_format(char *to, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool whole = wg_format_args(to, size, fmt, args);
    va_end(args);
    return whole;
}

bool wg_text_is_utf8(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < len) {
        size_t n = bytes[at] ? utf8_length(bytes + at, len - at) : 0;
        if (n == 0) return false;
        at += n;
    }
    return true;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool wg_name_is_valid(const char *name)
{
    size_t len = strnlen(name, WG_NAME_MAX + 1);
    if (len == 0 || len > WG_NAME_MAX || !is_alnum(name[0])) return false;
    for (size_t i = 1; i < len; i++)
        if (!is_alnum(name[i]) && name[i] != '.' && name[i] != '_' && name[i] != '-') return false;
    return true;
}

static const char hex_digits[] = "0123456789abcdef";

void wg_hex(const void *data, size_t len, char *out)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex_digits[bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static unsigned hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

bool wg_unhex(const char *hex, void *out, size_t len)
{
    unsigned char *bytes = out;
    if (strnlen(hex, 2 * len + 1) != 2 * len || strspn(hex, hex_digits) != 2 * len) return false;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    return true;
}

/* On a mismatch only the last '*' has to be tried again: earlier ones can take nothing more. */
bool wg_glob_match(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            from = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return *pattern == '\0';
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

size_t wg_text_distance(const char *a, const char *b, size_t limit)
{
    size_t row[DISTANCE_LEN_MAX + 1];
    size_t a_len = strnlen(a, DISTANCE_LEN_MAX + 1), b_len = strnlen(b, DISTANCE_LEN_MAX + 1);
    if (a_len > DISTANCE_LEN_MAX || b_len > DISTANCE_LEN_MAX) return limit + 1;
    for (size_t j = 0; j <= b_len; j++) row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len] <= limit ? row[b_len] : limit + 1;
}

/* C1 controls (U+0080 to U+009F), and the marks of bidirectional text (U+200E, U+200F, U+202A to
 * U+202E, U+2066 to U+2069). */
static size_t wild_length(const unsigned char *at)
{
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) return 2;
    if (at[0] != 0xe2) return 0;
    if (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xaa && at[2] <= 0xae)))
        return 3;
    return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0;
}

void wg_text_tame(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        size_t wild = wild_length(at);
        if ((*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f) *at = '?';
        for (size_t i = 0; i < wild; i++) at[i] = '?';
    }
}

void wg_text_shown(char out[WG_SHOWN], const char *text)
{
    (void)wg_copy(out, WG_SHOWN, text);
    wg_text_tame(out);
    for (char *at = out; *at; at++)
        if (*at == '\t' || *at == '\n') *at = '?';
}
