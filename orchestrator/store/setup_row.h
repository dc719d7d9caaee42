/* setup_row.h: the one-time link by which the first owner comes in. Only its hash is kept. */
#ifndef WG_ORCHESTRATOR_STORE_SETUP_ROW_H
#define WG_ORCHESTRATOR_STORE_SETUP_ROW_H

#include "orchestrator/people/token.h"
#include "orchestrator/store/db.h"

/* At each start. *made: there is no owner who may come in, and out is a new link for SETUP_LIFE; an
 * older one holds no more. Opens and ends a transaction. */
WG_MUST_CHECK bool setup_row_offer(struct db *db, wg_time now, struct token_secret *out, bool *made,
                                   struct wg_error *err);
/* There is no owner yet who may come in. */
WG_MUST_CHECK bool setup_row_needed(struct db *db, bool *out, struct wg_error *err);
/* Makes the person an owner, and the link is used: of many who try, one gets in. In the caller's
 * transaction, in the name of that person. WG_E_DENIED: the link does not hold (any more);
 * WG_E_CONFLICT: the name is taken. */
WG_MUST_CHECK bool setup_row_use(struct db *db, const char *link, const char *name,
                                 const char *hash, wg_time now, struct wg_error *err);

#endif
