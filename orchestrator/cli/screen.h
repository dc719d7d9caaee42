/* screen.h: what people see: text, tables, bars and colours on a terminal, plain text elsewhere,
 * JSON when asked for. All output of a command goes through here. */
#ifndef WG_ORCHESTRATOR_CLI_SCREEN_H
#define WG_ORCHESTRATOR_CLI_SCREEN_H

#include "common/buf.h"
#include "common/time.h"

#include <jansson.h>
#include <stdint.h>

enum screen_colour { SCREEN_PLAIN, SCREEN_GOOD, SCREEN_BAD, SCREEN_BUSY, SCREEN_DIM, SCREEN_BOLD };

struct screen {
    bool json;     /* --json */
    bool terminal; /* standard output is one */
    bool colour;   /* a terminal, NO_COLOR not set, TERM not dumb */
    size_t width;  /* columns */
    struct wg_buf text;
    size_t lines_shown; /* of the last live frame */
};

void screen_init(struct screen *screen, bool json);
void screen_clear(struct screen *screen);

/* Appends to the text that screen_flush writes. */
void screen_text(struct screen *screen, const char *format, ...) WG_PRINTF(2, 3);
void screen_coloured(struct screen *screen, enum screen_colour colour, const char *format, ...)
    WG_PRINTF(3, 4);
/* A bar of so many cells: done, failed and busy of total. */
void screen_bar(struct screen *screen, size_t cells, int64_t done, int64_t failed, int64_t busy,
                int64_t total);
/* Local time with its zone, "2026-12-01 10:00:00 CET"; "never" for 0. */
void screen_time(struct screen *screen, wg_time time);

/* Writes the text to standard output. WG_E_IO when nobody takes it. */
WG_MUST_CHECK bool screen_flush(struct screen *screen, struct wg_error *err);
/* The same over the frame before it. */
WG_MUST_CHECK bool screen_frame(struct screen *screen, struct wg_error *err);
/* Writes value (a reference is taken over) as JSON; false when it is NULL. */
WG_MUST_CHECK bool screen_json(json_t *value, struct wg_error *err);

/* A table: every row is written with columns as wide as needed. */
#define SCREEN_COLUMNS_MAX 12
struct screen_table {
    size_t columns, count, cap;
    char **cells; /* owned; count of them, row by row; the first row is the header */
    bool failed;
};
void screen_table_init(struct screen_table *table, size_t columns);
void screen_table_cell(struct screen_table *table, const char *format, ...) WG_PRINTF(2, 3);
void screen_table_write(struct screen *screen, struct screen_table *table); /* and clears it */

/* JSON of a time: RFC 3339, null for 0. New reference. */
json_t *screen_json_time(wg_time time);

#endif
