/* screen.h: what people see: text, tables, bars and colours on a terminal, plain text elsewhere,
 * JSON, CSV or names alone when asked for. All output of a command goes through here. */
#ifndef WG_ORCHESTRATOR_CLI_SCREEN_H
#define WG_ORCHESTRATOR_CLI_SCREEN_H

#include "common/buf.h"
#include "common/time.h"

#include <jansson.h>
#include <stdint.h>

enum screen_colour { SCREEN_PLAIN, SCREEN_GOOD, SCREEN_BAD, SCREEN_BUSY, SCREEN_DIM, SCREEN_BOLD };

enum screen_form { SCREEN_TEXT, SCREEN_JSON, SCREEN_CSV, SCREEN_QUIET };

struct screen {
    bool json;            /* --json */
    bool csv;             /* --csv */
    bool quiet;           /* --quiet */
    bool terminal;        /* standard output is one */
    bool live;            /* and can be drawn over: TERM is set, and not dumb */
    bool colour;          /* a terminal that can, or CLICOLOR_FORCE; never with NO_COLOR */
    bool pages;           /* what is longer than the terminal goes through a pager */
    size_t width, height; /* columns and lines */
    struct wg_buf text;
    size_t lines_shown; /* of the last live frame */
};

/* For what is written to that descriptor: a terminal that can, or CLICOLOR_FORCE; not NO_COLOR. */
bool screen_wants_colour(int fd);

/* pages: on a terminal, and in text alone. */
void screen_init(struct screen *screen, enum screen_form form, bool pages);
void screen_clear(struct screen *screen);

/* Appends to the text that screen_flush writes; with --csv and --quiet nothing, as in all that
 * follows but screen_line. */
void screen_text(struct screen *screen, const char *format, ...) WG_PRINTF(2, 3);
void screen_coloured(struct screen *screen, enum screen_colour colour, const char *format, ...)
    WG_PRINTF(3, 4);
/* A bar of so many cells: done, failed and busy of total. */
void screen_bar(struct screen *screen, size_t cells, int64_t done, int64_t failed, int64_t busy,
                int64_t total);
/* Local time with its zone, "2026-12-01 10:00:00 CET"; "never" for 0. */
#define SCREEN_TIME 64
void screen_time_text(wg_time time, char out[SCREEN_TIME]);
void screen_time(struct screen *screen, wg_time time);
/* "2026-12-01", "2026-12-01 10:00", "2026-12-01 10:00:00 CET": local time, of this zone or UTC. */
WG_MUST_CHECK bool screen_time_read(const char *text, wg_time *out);
/* Every time of RFC 3339 in UTC that the text names, as local time; what does not fit is cut. Done
 * to all text for people, but screen_line and screen_foreign. */
void screen_time_local(const char *text, char *out, size_t size);
/* Text of others, like a device's log: made harmless, its times are left as they are. */
void screen_foreign(struct screen *screen, const char *text, size_t len);
/* A line whatever is asked for: what --quiet leaves of a result. */
void screen_line(struct screen *screen, const char *format, ...) WG_PRINTF(2, 3);

/* Writes the text to standard output, or through the pager. WG_E_IO when nobody takes it. */
WG_MUST_CHECK bool screen_flush(struct screen *screen, struct wg_error *err);
/* The terminal may have been made wider or longer. */
void screen_measure(struct screen *screen);
/* The same over the frame before it; of what is longer than the terminal, the beginning. */
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
