/* document.h: statements whose rows are JSON already: what is only shown needs no struct on its
 * way. The first column is the document, the second, in lists, the key that the next page goes on
 * behind. */
#ifndef WG_ORCHESTRATOR_STORE_DOCUMENT_H
#define WG_ORCHESTRATOR_STORE_DOCUMENT_H

#include "common/json.h"
#include "orchestrator/store/db.h"

/* New reference. NULL: WG_E_NOT_FOUND without a row (the text is the caller's to add to), or a
 * failure. */
json_t *document_get(struct db *db, enum sql_name name, size_t count, const char *const *params,
                     struct wg_error *err);
/* Appends a document a row. last: key of the last one, "" without rows. */
WG_MUST_CHECK bool document_rows(struct db *db, enum sql_name name, size_t count,
                                 const char *const *params, json_t *items, char *last,
                                 size_t last_size, struct wg_error *err);

#endif
