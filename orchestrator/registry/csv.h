/* csv.h: rows of RFC 4180 CSV. Lines may end in LF or CRLF; empty lines are skipped; a cell that
 * opens with a quote may hold commas, line breaks and doubled quotes. */
#ifndef WG_ORCHESTRATOR_REGISTRY_CSV_H
#define WG_ORCHESTRATOR_REGISTRY_CSV_H

#include "common/buf.h"
#include "orchestrator/registry/source.h"

#define CSV_CELLS_MAX 512
#define CSV_ROW_MAX 65536 /* bytes of a row's cells */

enum csv_result {
    CSV_ROW,
    CSV_BAD_ROW, /* err says why; the next row can be read */
    CSV_END,
    CSV_FAILED /* nothing more can be read */
};

struct csv {
    struct source *source;
    int64_t line; /* in which the row began */
    size_t count;
    char *cells[CSV_CELLS_MAX]; /* into text; may be changed in place; valid until the next row */
    size_t starts[CSV_CELLS_MAX];
    struct wg_buf text;
};

void csv_init(struct csv *csv, struct source *source);
void csv_clear(struct csv *csv);
enum csv_result csv_read(struct csv *csv, struct wg_error *err);

/* Appends a cell, quoted where it must be; the first of a row has no comma before it. */
void csv_write(struct wg_buf *out, bool first, const char *text);
void csv_write_end(struct wg_buf *out); /* CRLF */

#endif
