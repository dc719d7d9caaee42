/* log.h: one line an event, logfmt, to standard error: time, level, what, key=value...
 * The only global state. Thread-safe: a line is written by one write(2). Values are quoted where
 * they need it; secrets have no business here. */
#ifndef WG_COMMON_LOG_H
#define WG_COMMON_LOG_H

#include "common/error.h"

#include <stddef.h>

enum wg_log_level { WG_LOG_ERROR, WG_LOG_WARN, WG_LOG_INFO, WG_LOG_DEBUG };

/* Before the first thread. */
void wg_log_setup(const char *program, enum wg_log_level most);
bool wg_log_level_parse(const char *text, enum wg_log_level *out);

/* wg_log(WG_LOG_INFO, "order sent", "device", id, "order", order_id, NULL): pairs of text, NULL
 * ends, also in place of a value. Leaves errno as it was. A value is cut after 1 KiB, a line before
 * 4 KiB. */
void wg_log(enum wg_log_level level, const char *what, ...) __attribute__((sentinel));
/* Who also gets every line, with its '\n', in the thread that logs; NULL: nobody. It must not log.
 * Before the second thread, or when no other thread logs. */
typedef void (*wg_log_tap_fn)(void *ctx, const char *line, size_t len);
void wg_log_tap(wg_log_tap_fn tap, void *ctx);

void wg_log_error(const char *what, const struct wg_error *err);

#endif
