/* db.h: one connection to PostgreSQL: named statements prepared once, parameters always bound,
 * transactions, notifications. Behind a pooler, which is found out, nothing is prepared, settings
 * go with each transaction, and no notification comes. Not shared between threads. A lost
 * connection is an error of code WG_E_DATABASE and db_is_up() is then false; db_reconnect() opens
 * it again, and statements prepare themselves anew. */
#ifndef WG_ORCHESTRATOR_STORE_DB_H
#define WG_ORCHESTRATOR_STORE_DB_H

#include "common/error.h"
#include "common/time.h"
#include "sql_names.h"

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

struct db;

/* Wakes every orchestrator: something changed that the engine should look at. */
#define DB_CHANNEL "wavegate"

/* conninfo: a libpq connection string or URI. application: shown in pg_stat_activity. */
struct db *db_open(const char *conninfo, const char *application, struct wg_error *err);
void db_close(struct db *db);
bool db_is_up(const struct db *db);
/* The last failure was a lost race (dead-lock, serialisation): the same transaction may win next
 * time. */
bool db_lost_race(const struct db *db);
WG_MUST_CHECK bool db_reconnect(struct db *db, struct wg_error *err);
bool db_is_pooled(const struct db *db); /* behind PgBouncer or the like */
/* A setting such as statement_timeout or wavegate.actor, until db_reconnect(). name: a constant. */
WG_MUST_CHECK bool db_set(struct db *db, const char *name, const char *value, struct wg_error *err);
int db_fd(const struct db *db); /* readable when a notification may have come; -1 while down */
WG_MUST_CHECK bool db_listen(struct db *db,
                             struct wg_error *err); /* on DB_CHANNEL; again after reconnect */
/* Reads what waits; *notified tells whether DB_CHANNEL was among it. */
WG_MUST_CHECK bool db_drain(struct db *db, bool *notified, struct wg_error *err);

WG_MUST_CHECK bool db_begin(struct db *db, struct wg_error *err);
WG_MUST_CHECK bool db_commit(struct db *db, struct wg_error *err); /* rolls back when it fails */
void db_rollback(struct db *db); /* harmless outside a transaction */
/* What a transaction has still to write when it commits, last of all. db_commit() writes it; forget
 * is called in any case, when the transaction is over. One a transaction. */
struct db_last {
    bool (*write)(struct db *db, void *ctx, struct wg_error *err);
    void (*forget)(void *ctx);
    void *ctx; /* owned from db_set_last() on, if that succeeds */
};
/* Fails outside a transaction. */
WG_MUST_CHECK bool db_set_last(struct db *db, const struct db_last *last, struct wg_error *err);
void *db_last(const struct db *db); /* its ctx; NULL: the transaction has none */
/* A transaction whose statements all see the same moment. */
WG_MUST_CHECK bool db_begin_repeatable(struct db *db, struct wg_error *err);
/* A transaction that only reads, and whose statements all see the same moment. */
WG_MUST_CHECK bool db_begin_snapshot(struct db *db, struct wg_error *err);

/* Parameters in text form; NULL is SQL null. The result is the caller's to PQclear; NULL on
 * failure. Error codes: unique violation -> WG_E_CONFLICT, foreign key -> WG_E_NOT_FOUND, others
 * WG_E_DATABASE; the text names the statement. */
PGresult *db_query(struct db *db, enum sql_name name, size_t count, const char *const *params,
                   struct wg_error *err);
WG_MUST_CHECK bool db_run(struct db *db, enum sql_name name, size_t count,
                          const char *const *params, int64_t *affected,
                          struct wg_error *err); /* affected may be NULL */
/* For the one kind of statement that cannot be written beforehand: a compiled target. Each $n that
 * it mentions is cast; there may be parameters that it does not mention. */
PGresult *db_query_text(struct db *db, const char *sql, size_t count, const char *const *params,
                        struct wg_error *err);

/* Many rows at once: the named statement is "copy TABLE (COLUMN, ...) from stdin". Between begin
 * and end nothing else can be asked of the connection. Cells in text form, NULL is SQL null. A row
 * that the database refuses is told by a later call. */
WG_MUST_CHECK bool db_copy_begin(struct db *db, enum sql_name name, struct wg_error *err);
WG_MUST_CHECK bool db_copy_row(struct db *db, size_t count, const char *const *cells,
                               struct wg_error *err);
WG_MUST_CHECK bool db_copy_end(struct db *db, int64_t *rows, struct wg_error *err);
/* Gives the copy up: none of its rows is there, and the transaction has failed. */
void db_copy_abandon(struct db *db);

/* "create temporary table NAME on commit drop as" such a statement. Unlike "insert .. select" the
 * database may share the work between processes. */
WG_MUST_CHECK bool db_table_text(struct db *db, const char *table, const char *sql, size_t count,
                                 const char *const *params, struct wg_error *err);

/* Several statements at once, without parameters: a migration. */
WG_MUST_CHECK bool db_run_script(struct db *db, const char *sql, struct wg_error *err);

/* For tests: asked before each statement, begin and commit too. False with *err set: the statement
 * is not run, and the connection is lost as if the process or its server had died. NULL: never. */
typedef bool (*db_fault_fn)(void *ctx, const char *statement, struct wg_error *err);
void db_set_fault(struct db *db, db_fault_fn fault, void *ctx);

const char *db_statement_name(enum sql_name name); /* "device_get" */
const char *db_statement_text(enum sql_name name);

/* Cells. Times travel as integer milliseconds (extract(epoch ...)) in every statement. */
const char *db_text(const PGresult *result, int row, int column); /* "" for null; borrowed */
int64_t db_int(const PGresult *result, int row, int column);      /* 0 for null */
bool db_bool(const PGresult *result, int row, int column);
/* Copies the cell into out, cut to size. */
void db_copy(const PGresult *result, int row, int column, char *out, size_t size);

#endif
