/* log.h: one line an event, logfmt, to standard error: time, level, what, key=value...
 * The only global state. Thread-safe: a line is written by one write(2). Values are quoted where
 * they need it; secrets have no business here. */
#ifndef WG_COMMON_LOG_H
#define WG_COMMON_LOG_H

#include "common/error.h"

enum wg_log_level { WG_LOG_ERROR, WG_LOG_WARN, WG_LOG_INFO, WG_LOG_DEBUG };

/* Before the first thread. */
void wg_log_setup(const char *program, enum wg_log_level most);
bool wg_log_level_parse(const char *text, enum wg_log_level *out);

/* wg_log(WG_LOG_INFO, "order sent", "device", id, "order", order_id, NULL): pairs of text, NULL
 * ends, also in place of a value. Leaves errno as it was. A value is cut after 1 KiB, a line before
 * 4 KiB. */
void wg_log(enum wg_log_level level, const char *what, ...) __attribute__((sentinel));
void wg_log_error(const char *what, const struct wg_error *err);

#endif
