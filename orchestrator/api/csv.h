/* csv.h: JSON objects as lines of CSV (RFC 4180). Pure. */
#ifndef WG_ORCHESTRATOR_API_CSV_H
#define WG_ORCHESTRATOR_API_CSV_H

#include "common/json.h"

/* The columns' names. */
void csv_head(struct wg_buf *out, const char *const *columns);
/* "a.b" is b of the object a; what is no text, number or truth is written as JSON. A text that a
 * spreadsheet would take for a formula gets a ' before it. */
void csv_line(struct wg_buf *out, const char *const *columns, const json_t *row);

#endif
