/* buf.c: the growing, bounded byte buffer. */
#include "common/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZERO_BLOCK 4096

#define FIRST_CAPACITY 256
#define MOST (SIZE_MAX / 4) /* keeps the doubling from wrapping, whatever max says */

void wg_buf_init(struct wg_buf *buf, size_t max)
{
    *buf = (struct wg_buf){.max = max};
}

void wg_buf_clear(struct wg_buf *buf)
{
    free(buf->data);
    wg_buf_init(buf, buf->max);
}

/* Bytes to hold need of them: doubled, but not far beyond max. */
static size_t capacity_for(const struct wg_buf *buf, size_t need)
{
    size_t cap = buf->cap > 0 ? buf->cap : FIRST_CAPACITY;
    while (cap < need) cap *= 2;
    return cap < buf->max ? cap : buf->max + 1;
}

/* Room for more bytes and the NUL behind them. */
static bool reserve(struct wg_buf *buf, size_t more)
{
    size_t bound = buf->max < MOST ? buf->max : MOST;
    if (buf->failed) return false;
    if (more > bound - buf->len) {
        buf->failed = buf->over = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap) return true;
    size_t cap = capacity_for(buf, need);
    char *data = realloc(buf->data, cap);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void wg_buf_add(struct wg_buf *buf, const void *data, size_t len)
{
    if (len == 0 || !reserve(buf, len)) return;
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void wg_buf_text(struct wg_buf *buf, const char *text)
{
    wg_buf_add(buf, text, strlen(text));
}

void wg_buf_char(struct wg_buf *buf, char c)
{
    wg_buf_add(buf, &c, 1);
}

void wg_buf_printf(struct wg_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
    } else if (len > 0 && reserve(buf, (size_t)len)) {
        (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

const char *wg_buf_str(const struct wg_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *wg_buf_take(struct wg_buf *buf)
{
    char *data = buf->failed ? NULL : buf->data;
    if (!data) {
        wg_buf_clear(buf);
        return NULL;
    }
    wg_buf_init(buf, buf->max);
    return data;
}

bool wg_buf_check(const struct wg_buf *buf, struct wg_error *err, const char *what)
{
    if (!buf->failed) return true;
    if (!buf->over) return wg_fail_memory(err, what);
    return wg_fail(err, WG_E_LIMIT, "%s: more than %zu bytes", what, buf->max);
}

void wg_zero(void *at, size_t len)
{
    char *bytes = at;
    for (size_t done = 0; done < len; done += ZERO_BLOCK) {
        size_t n = len - done < ZERO_BLOCK ? len - done : ZERO_BLOCK;
        const char *from = bytes + done;
        /* all as the first, which is zero */
        if (*from || memcmp(from, from + 1, n - 1) != 0) memset(bytes + done, 0, n);
    }
}
