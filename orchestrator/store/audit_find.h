/* audit_find.h: reading the audit log: searched, a page at a time; by number; its head; and whether
 * this login could change it. Rows are JSON objects as in audit_chain.h. */
#ifndef WG_ORCHESTRATOR_STORE_AUDIT_FIND_H
#define WG_ORCHESTRATOR_STORE_AUDIT_FIND_H

#include "common/audit_chain.h"
#include "common/json.h"
#include "orchestrator/store/db.h"

#define AUDIT_FIND_MAX 1000

/* All that is given must hold. */
struct audit_query {
    wg_time since, until;               /* 0: from the beginning, to the end; until is not in it */
    const char *campaign, *device;      /* what was done to it */
    const char *actor, *kind, *subject; /* NULL: of all; one of campaign, device and subject */
    const char *text;                   /* in any field, whatever the case */
    int64_t before;                     /* rows of lower numbers only; 0: the newest */
    size_t limit;                       /* 1 to AUDIT_FIND_MAX */
};
/* New reference to a list of rows, newest first; NULL on failure. *next: where the page behind it
 * begins, for query.before; 0 when nothing is left. However large the log is, a page looks at no
 * more than so many rows: one with fewer rows than asked for, or none, may have a next. */
json_t *audit_find(struct db *db, const struct audit_query *query, int64_t *next,
                   struct wg_error *err);

/* Borrowed row; false ends it. */
typedef bool (*audit_row_fn)(void *ctx, const json_t *row, struct wg_error *err);
/* The log by number from first to last (INT64_MAX: all), as it is at one moment. Opens and ends a
 * transaction. */
WG_MUST_CHECK bool audit_find_each(struct db *db, int64_t first, int64_t last, audit_row_fn take,
                                   void *ctx, struct wg_error *err);
/* The numbers of the rows of a time, since and until as above; *last < *first: there are none. */
WG_MUST_CHECK bool audit_find_range(struct db *db, wg_time since, wg_time until, int64_t *first,
                                    int64_t *last, struct wg_error *err);
/* How far the log goes up to a row, without reading it: number and hash. number INT64_MAX: its
 * head. WG_E_NOT_FOUND. */
WG_MUST_CHECK bool audit_find_head(struct db *db, int64_t number, struct audit_chain *out,
                                   struct wg_error *err);

#define AUDIT_LOGIN_MAX 64
/* *is: the login of this connection could not change or take away a row. login: its name. */
WG_MUST_CHECK bool audit_find_protected(struct db *db, bool *is, char login[AUDIT_LOGIN_MAX],
                                        struct wg_error *err);

#endif
