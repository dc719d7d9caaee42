/* base64url.c: six bits a sign. */
#include "common/base64url.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void wg_base64url_write(const void *data, size_t len, char *out)
{
    const uint8_t *bytes = data;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8) | bytes[i];
        for (held += 8; held >= 6; held -= 6) *out++ = alphabet[(bits >> (held - 6)) & 0x3f];
    }
    if (held > 0) *out++ = alphabet[(bits << (6 - held)) & 0x3f];
    *out = '\0';
}

bool wg_base64url_read(const char *text, size_t text_len, uint8_t *out, size_t size, size_t *len)
{
    uint32_t bits = 0;
    unsigned held = 0;
    *len = text_len / 4 * 3 + (text_len % 4 * 6) / 8;
    if (text_len % 4 == 1 || *len > size) return false;
    for (size_t i = 0; i < text_len; i++) {
        const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;
        if (!at) return false;
        bits = (bits << 6) | (uint32_t)(at - alphabet);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        *out++ = (uint8_t)(bits >> held);
    }
    return (bits & ((1U << held) - 1)) == 0;
}
