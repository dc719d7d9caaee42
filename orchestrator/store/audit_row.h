/* audit_row.h: the audit log as it is stored. Most rows are written by triggers
 * (migrations/008_audit.sql) beside what they tell; the others with audit_row_add in the same
 * transaction. They are numbered and chained as it commits; those of a transaction that is not
 * "read committed" behind it. */
#ifndef WG_ORCHESTRATOR_STORE_AUDIT_ROW_H
#define WG_ORCHESTRATOR_STORE_AUDIT_ROW_H

#include "common/json.h"
#include "orchestrator/store/db.h"

/* For whom this connection acts from now on: the actor of all that names none itself. */
WG_MUST_CHECK bool audit_row_actor(struct db *db, const char *actor, struct wg_error *err);
/* now 0: by the database's clock. detail: its reference is taken over, NULL is out of memory; no
 * reals in it. */
WG_MUST_CHECK bool audit_row_add(struct db *db, const char *kind, const char *subject,
                                 json_t *detail, wg_time now, struct wg_error *err);

/* After a transaction that was not "read committed", and before the whole log is read: chains what
 * was told and could not be chained as it was committed. Outside a transaction. */
WG_MUST_CHECK bool audit_row_settle(struct db *db, struct wg_error *err);

struct audit_query {
    wg_time since;                /* 0: from the beginning */
    const char *campaign, *actor; /* NULL: of all */
    size_t limit;                 /* the newest */
};
/* New reference to a list of rows as in audit_chain.h, oldest first; NULL on failure. */
json_t *audit_row_list(struct db *db, const struct audit_query *query, struct wg_error *err);

/* Borrowed row; false ends it. */
typedef bool (*audit_row_fn)(void *ctx, const json_t *row, struct wg_error *err);
/* The whole log by number, as it is at one moment. Opens and ends a transaction. */
WG_MUST_CHECK bool audit_row_each(struct db *db, audit_row_fn take, void *ctx,
                                  struct wg_error *err);

#endif
