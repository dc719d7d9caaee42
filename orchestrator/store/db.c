/* db.c: the connection, its transactions and its named statements. */
#include "orchestrator/store/db.h"

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_OPTIONS "-c statement_timeout=60000 -c TimeZone=UTC -c datestyle=ISO"
#define CONNECT_TIMEOUT_S "5"

static const struct {
    const char *name, *text;
} statements[] = {
#include "sql_texts.inc"
};

struct db {
    PGconn *conn;
    char *conninfo, *application; /* for db_reconnect */
    bool in_transaction, lost_race;
    bool prepared[SQL_COUNT];
};

const char *db_statement_name(enum sql_name name)
{
    return statements[name].name;
}

const char *db_statement_text(enum sql_name name)
{
    return statements[name].text;
}

/* libpq's messages end with a line break and may hold several lines; the first says what happened.
 */
static void first_line(const char *message, char out[256])
{
    size_t len = strcspn(message, "\n");
    (void)wg_copy_n(out, 256, message, len);
}

static bool fail_connection(const struct db *db, struct wg_error *err)
{
    char line[256];
    first_line(PQerrorMessage(db->conn), line);
    return wg_fail(err, WG_E_DATABASE, "database: %s", line[0] ? line : "no connection");
}

static void quiet(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

static bool open_connection(struct db *db, struct wg_error *err)
{
    const char *const keys[] = {"dbname",
                                "application_name",
                                "connect_timeout",
                                "keepalives_idle",
                                "client_encoding",
                                "options",
                                NULL};
    const char *const values[] = {
        db->conninfo, db->application, CONNECT_TIMEOUT_S, "30", "UTF8", SESSION_OPTIONS, NULL};
    PQfinish(db->conn);
    memset(db->prepared, 0, sizeof db->prepared);
    db->in_transaction = false;
    db->conn = PQconnectdbParams(keys, values, 1);
    if (!db->conn) return wg_fail_memory(err, "connecting to the database");
    if (PQstatus(db->conn) != CONNECTION_OK) return fail_connection(db, err);
    (void)PQsetNoticeReceiver(db->conn, quiet, NULL);
    return true;
}

struct db *db_open(const char *conninfo, const char *application, struct wg_error *err)
{
    struct db *db = calloc(1, sizeof *db);
    bool ok = db && (db->conninfo = strdup(conninfo)) && (db->application = strdup(application));
    if (!ok)
        (void)wg_fail_memory(err, "connecting to the database");
    else
        ok = open_connection(db, err);
    if (ok) return db;
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (!db) return;
    PQfinish(db->conn);
    free(db->conninfo);
    free(db->application);
    free(db);
}

bool db_is_up(const struct db *db)
{
    return PQstatus(db->conn) == CONNECTION_OK;
}

bool db_lost_race(const struct db *db)
{
    return db->lost_race;
}

bool db_reconnect(struct db *db, struct wg_error *err)
{
    return open_connection(db, err);
}

int db_fd(const struct db *db)
{
    return db_is_up(db) ? PQsocket(db->conn) : -1;
}

static bool fail_statement(struct db *db, const PGresult *result, const char *name,
                           struct wg_error *err)
{
    static const struct {
        const char *sqlstate;
        enum wg_error_code code;
    } codes[] = {{"23505", WG_E_CONFLICT}, {"23503", WG_E_NOT_FOUND}};
    char line[256];
    db->lost_race = false;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state || !primary || !db_is_up(db)) return fail_connection(db, err);
    first_line(primary, line);
    db->lost_race = strcmp(state, "40P01") == 0 || strcmp(state, "40001") == 0;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(state, codes[i].sqlstate) == 0)
            return wg_fail(err, codes[i].code, "%s: %s", name, line);
    return wg_fail(err, WG_E_DATABASE, "%s: %s (%s)", name, line, state);
}

/* Takes over result; NULL unless it is good. */
static PGresult *checked(struct db *db, PGresult *result, const char *name, struct wg_error *err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    (void)fail_statement(db, result, name, err);
    PQclear(result);
    return NULL;
}

static bool simple(struct db *db, const char *sql, struct wg_error *err)
{
    PGresult *result = checked(db, PQexec(db->conn, sql), sql, err);
    PQclear(result);
    return result != NULL;
}

static bool prepare(struct db *db, enum sql_name name, struct wg_error *err)
{
    if (db->prepared[name]) return true;
    PGresult *result =
        checked(db, PQprepare(db->conn, statements[name].name, statements[name].text, 0, NULL),
                statements[name].name, err);
    PQclear(result);
    db->prepared[name] = result != NULL;
    return result != NULL;
}

PGresult *db_query(struct db *db, enum sql_name name, size_t count, const char *const *params,
                   struct wg_error *err)
{
    if (!prepare(db, name, err)) return NULL;
    return checked(
        db, PQexecPrepared(db->conn, statements[name].name, (int)count, params, NULL, NULL, 0),
        statements[name].name, err);
}

bool db_run(struct db *db, enum sql_name name, size_t count, const char *const *params,
            int64_t *affected, struct wg_error *err)
{
    PGresult *result = db_query(db, name, count, params, err);
    if (!result) return false;
    if (affected) *affected = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return true;
}

PGresult *db_query_text(struct db *db, const char *sql, size_t count, const char *const *params,
                        struct wg_error *err)
{
    return checked(db, PQexecParams(db->conn, sql, (int)count, NULL, params, NULL, NULL, 0),
                   "compiled target", err);
}

bool db_run_script(struct db *db, const char *sql, struct wg_error *err)
{
    PGresult *result = checked(db, PQexec(db->conn, sql), "script", err);
    PQclear(result);
    return result != NULL;
}

bool db_begin(struct db *db, struct wg_error *err)
{
    if (!simple(db, "begin", err)) return false;
    db->in_transaction = true;
    return true;
}

bool db_commit(struct db *db, struct wg_error *err)
{
    db->in_transaction = false;
    PGresult *result = checked(db, PQexec(db->conn, "commit"), "commit", err);
    if (!result) return false;
    /* a failed transaction answers COMMIT with ROLLBACK */
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    return committed || wg_fail(err, WG_E_DATABASE, "commit: the transaction was rolled back");
}

void db_rollback(struct db *db)
{
    if (!db->in_transaction || !db_is_up(db)) return;
    db->in_transaction = false;
    PQclear(PQexec(db->conn, "rollback"));
}

bool db_listen(struct db *db, struct wg_error *err)
{
    return simple(db, "listen " DB_CHANNEL, err);
}

bool db_drain(struct db *db, bool *notified, struct wg_error *err)
{
    PGnotify *notify;
    *notified = false;
    if (!PQconsumeInput(db->conn) || !db_is_up(db)) return fail_connection(db, err);
    while ((notify = PQnotifies(db->conn)) != NULL) {
        *notified = *notified || strcmp(notify->relname, DB_CHANNEL) == 0;
        PQfreemem(notify);
    }
    return true;
}

const char *db_text(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column);
}

int64_t db_int(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

bool db_bool(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

void db_copy(const PGresult *result, int row, int column, char *out, size_t size)
{
    (void)wg_copy(out, size, PQgetvalue(result, row, column));
}
