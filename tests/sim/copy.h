/* copy.h: rows of one table, in the text form of PostgreSQL's COPY, gathered and sent in batches.
 */
#ifndef WG_TESTS_SIM_COPY_H
#define WG_TESTS_SIM_COPY_H

#include "common/buf.h"
#include "common/time.h"

#include <libpq-fe.h>
#include <stdint.h>

struct copy {
    const char *table, *columns; /* "device_tag", "device_id, tag"; borrowed */
    struct wg_buf rows;
    bool row_open; /* the row has a column already */
    int64_t count; /* rows so far, sent or not */
};

void copy_init(struct copy *copy, const char *table, const char *columns);
void copy_clear(struct copy *copy);

/* The next column of the row. Text is escaped. */
void copy_text(struct copy *copy, const char *text);
void copy_plain(struct copy *copy, const char *text); /* has nothing to escape */
void copy_null(struct copy *copy);
void copy_time(struct copy *copy, wg_time time); /* 0: null */
void copy_point(struct copy *copy, double lat, double lon);
void copy_end_row(struct copy *copy);

/* Sends what was gathered; inside a transaction of the caller. */
WG_MUST_CHECK bool copy_send(struct copy *copy, PGconn *connection, struct wg_error *err);

/* Runs statements without parameters. */
WG_MUST_CHECK bool copy_run(PGconn *connection, const char *sql, struct wg_error *err);

#endif
