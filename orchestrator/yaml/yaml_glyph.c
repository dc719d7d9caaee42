/* yaml_glyph.c: what characters take on a terminal, and which may not reach it. */
#include "orchestrator/yaml/yaml_glyph.h"

#include "common/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct span {
    uint32_t first, last;
};

/* Controls, also the second set; marks and overrides of direction; separators of lines. */
static const struct span unsafe[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
                                     {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                                     {0xfff9, 0xfffb}};

/* Combining marks that people write, variation selectors, the byte order mark. */
static const struct span narrow[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x5bf, 0x5bf},   {0x5c1, 0x5c2},
    {0x5c4, 0x5c5},   {0x5c7, 0x5c7},   {0x610, 0x61a},   {0x64b, 0x65f},   {0x670, 0x670},
    {0x6d6, 0x6dc},   {0x6df, 0x6e4},   {0x6e7, 0x6e8},   {0x6ea, 0x6ed},   {0x93a, 0x93a},
    {0x93c, 0x93c},   {0x941, 0x948},   {0x94d, 0x94d},   {0xe31, 0xe31},   {0xe34, 0xe3a},
    {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0x302a, 0x302d},
    {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};

/* East Asian wide and full-width forms, emoji. */
static const struct span wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26a1, 0x26a1},
    {0x26d4, 0x26d4},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x274c, 0x274c},
    {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},
    {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f004, 0x1f004},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f251}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff},
    {0x20000, 0x2fffd}, {0x30000, 0x3fffd}};

#define IS_IN(code, spans) is_in((code), (spans), sizeof(spans) / sizeof((spans)[0]))

static bool is_in(uint32_t code, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < count && code >= spans[i].first; i++)
        if (code <= spans[i].last) return true;
    return false;
}

size_t yaml_sequence_length(const char *text, size_t left)
{
    for (size_t len = 1; len <= 4 && len <= left; len++)
        if (wg_text_is_utf8(text, len)) return len;
    return 0;
}

/* The number of a character; the sequence is valid. */
static uint32_t code_of(const char *text, size_t len)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)text[0] & first_bits[len];
    for (size_t i = 1; i < len; i++) code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

struct yaml_glyph yaml_glyph_at(const char *text, size_t left)
{
    size_t len = yaml_sequence_length(text, left);
    uint32_t code = len ? code_of(text, len) : 0;
    struct yaml_glyph glyph = {.len = len ? len : 1, .shown = text, .shown_len = len, .cells = 1};
    if (IS_IN(code, unsafe)) {
        glyph.shown = code == '\t' ? " " : "?";
        glyph.shown_len = 1;
    } else if (code >= narrow[0].first) {
        glyph.cells = IS_IN(code, narrow) ? 0 : IS_IN(code, wide) ? 2 : 1;
    }
    return glyph;
}

void yaml_copy_printable(char *to, size_t size, const char *from)
{
    size_t used = 0;
    for (size_t left = strlen(from); left > 0;) {
        struct yaml_glyph glyph = yaml_glyph_at(from, left);
        if (used + glyph.shown_len >= size) break;
        memcpy(to + used, glyph.shown, glyph.shown_len);
        used += glyph.shown_len;
        from += glyph.len;
        left -= glyph.len;
    }
    to[used] = '\0';
}
