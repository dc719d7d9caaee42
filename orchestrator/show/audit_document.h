/* audit_document.h: the audit log as JSON for whoever shows it. */
#ifndef WG_ORCHESTRATOR_SHOW_AUDIT_DOCUMENT_H
#define WG_ORCHESTRATOR_SHOW_AUDIT_DOCUMENT_H

#include "orchestrator/store/audit_find.h"

/* {"items": [ROW...], "next": "NUMBER" or null}: rows newest first, each with all that its hash is
 * made of (common/audit_chain.h). next, as query.before, gives the page behind it; a
 * page with few rows, or none, may have one. New reference; NULL on failure. */
json_t *audit_document(struct db *db, const struct audit_query *query, struct wg_error *err);

/* A cursor of that kind; WG_E_USAGE. NULL is the newest, 0. */
WG_MUST_CHECK bool audit_cursor(const char *text, int64_t *out, struct wg_error *err);

/* {"rows": COUNT, "head": "NUMBER:HASH", "protected": BOOL, "login": NAME}: how far the log goes,
 * and whether this login could change it. */
json_t *audit_head_document(struct db *db, struct wg_error *err);

#endif
