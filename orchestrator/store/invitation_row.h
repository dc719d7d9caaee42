/* invitation_row.h: the one-time link with which somebody whom an owner has added chooses their
 * first password. Only its hash is kept. */
#ifndef WG_ORCHESTRATOR_STORE_INVITATION_ROW_H
#define WG_ORCHESTRATOR_STORE_INVITATION_ROW_H

#include "orchestrator/people/token.h"
#include "orchestrator/people/who.h"
#include "orchestrator/store/db.h"

/* All in the caller's transaction. */

/* A new link until then; an older one of theirs holds no more. by: as in person_row.h: nobody
 * invites somebody who may more than they (WG_E_DENIED). WG_E_CONFLICT: they have a password or a
 * second factor already, or may not come in; WG_E_NOT_FOUND. */
WG_MUST_CHECK bool invitation_row_make(struct db *db, const struct who *by, const char *name,
                                       wg_time ends, wg_time now, struct token_secret *out,
                                       struct wg_error *err);
/* Takes it back; harmless when there is none. WG_E_DENIED, WG_E_NOT_FOUND. */
WG_MUST_CHECK bool invitation_row_drop(struct db *db, const struct who *by, const char *name,
                                       wg_time now, struct wg_error *err);
/* Whose it is, as long as it holds: nothing is used up. WG_E_DENIED. */
WG_MUST_CHECK bool invitation_row_look(struct db *db, const char *link, wg_time now,
                                       char name[WG_NAME_MAX + 1], struct wg_error *err);
/* Sets the password, and the link is used: of many who try, one gets in. In the name of that
 * person. WG_E_DENIED: the link does not hold (any more). */
WG_MUST_CHECK bool invitation_row_use(struct db *db, const char *link, const char *hash,
                                      wg_time now, char name[WG_NAME_MAX + 1],
                                      struct wg_error *err);

#endif
