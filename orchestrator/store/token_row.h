/* token_row.h: tokens of scripts: who made them, what they may, until when. */
#ifndef WG_ORCHESTRATOR_STORE_TOKEN_ROW_H
#define WG_ORCHESTRATOR_STORE_TOKEN_ROW_H

#include "orchestrator/people/who.h"
#include "orchestrator/store/db.h"

struct token_row {
    int64_t id;
    char name[WG_NAME_MAX + 1];
    char maker[WG_NAME_MAX + 1];
    permission_set permissions;
    struct scope scope;
    wg_time made_at, ends_at;
    wg_time used_at; /* to the minute; 0: never */
};

/* Borrowed row; false ends it. */
typedef bool (*token_row_fn)(void *ctx, const struct token_row *row, struct wg_error *err);
/* Those of a maker (NULL: all) behind that id (0: from the first), at most limit; ended ones too
 * until they are swept. */
WG_MUST_CHECK bool token_row_each(struct db *db, const char *maker, int64_t after, size_t limit,
                                  token_row_fn take, void *ctx, struct wg_error *err);
WG_MUST_CHECK bool token_row_get(struct db *db, int64_t id, struct token_row *out,
                                 struct wg_error *err); /* WG_E_NOT_FOUND */

/* wish: name, permissions, scope, ends_at; *out gets the rest. WG_E_DENIED: it would be more than
 * its maker may, or its maker is a token or not in the table; WG_E_BAD_INPUT: its name or its end;
 * WG_E_CONFLICT: the maker has one of that name. */
WG_MUST_CHECK bool token_row_make(struct db *db, const struct who *maker,
                                  const struct token_row *wish, wg_time now, struct token_row *out,
                                  struct token_secret *secret, struct wg_error *err);
/* By its maker, or who may people.manage over the maker. WG_E_NOT_FOUND, also for tokens of others.
 */
WG_MUST_CHECK bool token_row_end(struct db *db, const struct who *by, int64_t id, wg_time now,
                                 struct wg_error *err);

#endif
