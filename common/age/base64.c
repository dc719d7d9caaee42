/* base64.c: canonical Base 64 without padding. */
#include "common/age/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void age_base64_write(const uint8_t *data, size_t len, char *out)
{
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8) | data[i];
        for (held += 8; held >= 6; held -= 6) *out++ = ALPHABET[(bits >> (held - 6)) & 0x3f];
    }
    if (held > 0) *out = ALPHABET[(bits << (6 - held)) & 0x3f];
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

bool age_base64_read(const char *text, size_t text_len, uint8_t *out, size_t size, size_t *len)
{
    uint32_t bits = 0;
    unsigned held = 0;
    *len = text_len / 4 * 3 + (text_len % 4 * 6) / 8;
    if (text_len % 4 == 1 || (out && *len > size)) return false;
    for (size_t i = 0; i < text_len; i++) {
        int value = value_of(text[i]);
        if (value < 0) return false;
        bits = (bits << 6) | (uint32_t)value;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        if (out) *out++ = (uint8_t)(bits >> held);
    }
    return (bits & ((1U << held) - 1)) == 0;
}
