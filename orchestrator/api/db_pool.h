/* db_pool.h: database connections that threads share, one at a time each. */
#ifndef WG_ORCHESTRATOR_API_DB_POOL_H
#define WG_ORCHESTRATOR_API_DB_POOL_H

#include "orchestrator/store/db.h"

struct db_pool;

/* Opens none yet. conninfo is borrowed. NULL: out of memory. */
struct db_pool *db_pool_new(const char *conninfo, size_t count, struct wg_error *err);
void db_pool_free(struct db_pool *pool); /* nobody has one any more */
/* Waits for a free connection, at most so long (WG_E_TIMEOUT); opens it, or again when it was lost.
 * Any thread. */
struct db *db_pool_borrow(struct db_pool *pool, wg_duration patience, struct wg_error *err);
/* What was not committed is undone. NULL is fine. */
void db_pool_return(struct db_pool *pool, struct db *db);
/* How many are in use. */
size_t db_pool_busy(struct db_pool *pool);

#endif
