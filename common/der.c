/* der.c: the few forms of DER that certificates, requests and revocation lists are made of. */
#include "common/der.h"

#include <string.h>

#define LENGTH_MAX 5 /* bytes of a length */

static size_t length_make(size_t len, unsigned char out[LENGTH_MAX])
{
    if (len < 128) {
        out[0] = (unsigned char)len;
        return 1;
    }
    size_t bytes = len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;
    out[0] = (unsigned char)(0x80 + bytes);
    for (size_t i = 0; i < bytes; i++) out[1 + i] = (unsigned char)(len >> (8 * (bytes - 1 - i)));
    return bytes + 1;
}

void wg_der_put(struct wg_buf *out, unsigned tag, const void *value, size_t len)
{
    unsigned char head[LENGTH_MAX];
    wg_buf_char(out, (char)tag);
    wg_buf_add(out, head, length_make(len, head));
    if (len > 0) wg_buf_add(out, value, len);
}

size_t wg_der_open(struct wg_buf *out, unsigned tag)
{
    wg_buf_char(out, (char)tag);
    return out->len;
}

/* The length goes in front of what was written since: it is known only now. */
void wg_der_close(struct wg_buf *out, size_t at)
{
    unsigned char head[LENGTH_MAX];
    if (out->failed) return;
    size_t len = out->len - at, room = length_make(len, head);
    wg_buf_add(out, head, room);
    if (out->failed) return;
    memmove(out->data + at + room, out->data + at, len);
    memcpy(out->data + at, head, room);
}

void wg_der_integer(struct wg_buf *out, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (; len > 1 && at[0] == 0; at++) len--;
    size_t opened = wg_der_open(out, WG_DER_INTEGER);
    if (len == 0 || at[0] >= 0x80) wg_buf_char(out, 0);
    if (len > 0) wg_buf_add(out, at, len);
    wg_der_close(out, opened);
}

void wg_der_number(struct wg_buf *out, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(number >> (56 - 8 * i));
    wg_der_integer(out, bytes, sizeof bytes);
}

void wg_der_text(struct wg_buf *out, const char *text)
{
    wg_der_put(out, WG_DER_UTF8, text, strlen(text));
}

void wg_der_time(struct wg_buf *out, wg_time time)
{
    char text[WG_TIME_TEXT], digits[16];
    size_t used = 0;
    wg_time_text(time, text);
    for (size_t i = 0; text[i] && text[i] != '.'; i++)
        if (text[i] >= '0' && text[i] <= '9' && used < sizeof digits - 1) digits[used++] = text[i];
    digits[used++] = 'Z';
    bool short_form = memcmp(digits, "2050", 4) < 0;
    if (short_form)
        wg_der_put(out, WG_DER_UTC_TIME, digits + 2, used - 2);
    else
        wg_der_put(out, WG_DER_TIME, digits, used);
}

void wg_der_bits(struct wg_buf *out, const void *bytes, size_t len)
{
    size_t at = wg_der_open(out, WG_DER_BITS);
    wg_buf_char(out, 0);
    wg_buf_add(out, bytes, len);
    wg_der_close(out, at);
}
