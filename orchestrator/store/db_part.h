/* db_part.h: a connection from within: for the files that it is made of, and nobody else. */
#ifndef WG_ORCHESTRATOR_STORE_DB_PART_H
#define WG_ORCHESTRATOR_STORE_DB_PART_H

#include "common/buf.h"
#include "orchestrator/store/db.h"

#define DB_COPY_MAX ((size_t)16 * 1024 * 1024) /* bytes of a row and the block before it */
#define DB_SETTINGS_MAX 12

struct db_setting {
    const char *name;
    char *value;
};

struct db {
    PGconn *conn;
    char *conninfo, *application; /* for db_reconnect */
    bool in_transaction, lost_race;
    bool pooled; /* the server's side changes from transaction to transaction */
    bool lost;   /* the server takes no more writes, another one does; or it has said good-bye */
    bool warned; /* by the server, since it was last asked */
    struct db_setting settings[DB_SETTINGS_MAX];
    size_t setting_count;
    struct wg_buf copy;  /* rows not sent yet */
    const char *copying; /* the statement; NULL: none */
    bool prepared[SQL_COUNT];
    struct db_last last; /* of this transaction; zeroed: none */
    db_fault_fn fault;
    void *fault_ctx;
};

bool db_fail_connection(const struct db *db, struct wg_error *err); /* false */
bool db_fail_statement(struct db *db, const PGresult *result, const char *name,
                       struct wg_error *err); /* false */
/* Takes over result; NULL unless it is good. */
PGresult *db_checked(struct db *db, PGresult *result, const char *name, struct wg_error *err);

/* ---- db_session.c ---- */

/* On a new connection: finds out what it is, and makes the settings that all have. */
WG_MUST_CHECK bool db_session_begin(struct db *db, struct wg_error *err);
void db_session_clear(struct db *db);
/* Begins a transaction, with the settings where they are not the connection's. */
WG_MUST_CHECK bool db_session_transaction(struct db *db, const char *begin, struct wg_error *err);

#endif
