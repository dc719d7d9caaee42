/* buf.h: a byte buffer that grows up to a stated bound. Always NUL-terminated for convenience; the
 * length is what counts. Appending after a failure does nothing; look at failed once, at the end.
 */
#ifndef WG_COMMON_BUF_H
#define WG_COMMON_BUF_H

#include "common/error.h"

#include <stddef.h>

struct wg_buf {
    char *data; /* owned; NULL while empty */
    size_t len;
    size_t cap;
    size_t max;  /* bytes that may be held; appending beyond sets failed */
    bool failed; /* out of memory or over max */
    bool over;   /* it was max */
};

void wg_buf_init(struct wg_buf *buf, size_t max);
void wg_buf_clear(struct wg_buf *buf); /* frees; the buffer may be used again */
void wg_buf_add(struct wg_buf *buf, const void *data, size_t len);
void wg_buf_text(struct wg_buf *buf, const char *text);
void wg_buf_char(struct wg_buf *buf, char c);
void wg_buf_printf(struct wg_buf *buf, const char *format, ...) WG_PRINTF(2, 3);
const char *wg_buf_str(const struct wg_buf *buf); /* never NULL; borrowed */
/* Hands the bytes to the caller, who frees them; NULL if failed or empty. */
char *wg_buf_take(struct wg_buf *buf);
/* False with WG_E_LIMIT or WG_E_MEMORY if an append failed. */
WG_MUST_CHECK bool wg_buf_check(const struct wg_buf *buf, struct wg_error *err, const char *what);

/* Zeros, written only where there are none yet: memory that was never touched costs nothing, and
 * stays so. */
void wg_zero(void *at, size_t len);

#endif
