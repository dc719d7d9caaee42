/* history.h: what happened, a line an event: virtual time since the start, who, what. The same for
 * the same seed, byte for byte: no clock, no pointer, no random id gets into it. */
#ifndef WG_TESTS_SIM_RUN_HISTORY_H
#define WG_TESTS_SIM_RUN_HISTORY_H

#include "common/buf.h"
#include "common/crypto.h"
#include "common/time.h"

#include <stdio.h>

#define HISTORY_MAX ((size_t)256 * 1024 * 1024)

struct history {
    wg_time start;
    struct wg_buf text;
    int64_t lines;
};

void history_init(struct history *history, wg_time start);
void history_clear(struct history *history);
/* who: one word, "dev-003", "orchestrator-1", "c0"; lines are found by it. */
void history_add(struct history *history, wg_time now, const char *who, const char *format, ...)
    WG_PRINTF(4, 5);
/* The last lines that name one of these words, NULL ended; words NULL: all lines. most 0: all. */
void history_print(const struct history *history, const char *const *words, size_t most, FILE *out);
WG_MUST_CHECK bool history_digest(const struct history *history, char out[WG_SHA256_HEX],
                                  struct wg_error *err);
/* "3d 04:05:06.007" */
#define HISTORY_TIME 32
void history_time(wg_duration since, char out[HISTORY_TIME]);

#endif
