/* log.h: one line an event, to standard error: time, level, what, key=value... as logfmt or JSON;
 * or one record an event, to systemd's journal, with a field for each key. The only global state.
 * Thread-safe: a line is written by one write(2). Values are quoted where they need it; secrets
 * have no business here. */
#ifndef WG_COMMON_LOG_H
#define WG_COMMON_LOG_H

#include "common/error.h"

#include <stddef.h>

/* A level; in what a log is set up with also one form, or-ed to it: none of them is logfmt. */
enum wg_log_level {
    WG_LOG_ERROR,
    WG_LOG_WARN,
    WG_LOG_INFO,
    WG_LOG_DEBUG,
    WG_LOG_LEVELS = 0x0f,
    WG_LOG_JSON = 0x10,
    WG_LOG_JOURNAL = 0x20
};

/* Before the first thread. */
void wg_log_setup(const char *program, enum wg_log_level most);
/* The level alone: at any time, by any thread. */
void wg_log_set(enum wg_log_level most);
/* "warn", "info json", "info journal", "info logfmt". */
bool wg_log_level_parse(const char *text, enum wg_log_level *out);
/* Where the journal listens; for tests. Before wg_log_setup. */
void wg_log_journal_at(const char *path);

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
