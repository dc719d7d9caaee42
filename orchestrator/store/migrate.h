/* migrate.h: brings the schema forward under an advisory lock, one migration a transaction. */
#ifndef WG_ORCHESTRATOR_STORE_MIGRATE_H
#define WG_ORCHESTRATOR_STORE_MIGRATE_H

#include "orchestrator/store/db.h"

/* applied (may be NULL): how many ran. A database that is ahead of this program is an error, and so
 * is one that is behind when this login may not change it. */
WG_MUST_CHECK bool migrate(struct db *db, int *applied, struct wg_error *err);
/* WG_E_CONFLICT when the schema is not the one this program expects ("start wavegated first"). */
WG_MUST_CHECK bool migrate_check(struct db *db, struct wg_error *err);

#endif
