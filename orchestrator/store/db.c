/* db.c: the connection, its transactions and its named statements. */
#include "orchestrator/store/db_part.h"

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_S "5"

static const struct {
    const char *name, *text;
} statements[] = {
#include "sql_texts.inc"
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

bool db_fail_connection(const struct db *db, struct wg_error *err)
{
    char line[256];
    first_line(PQerrorMessage(db->conn), line);
    return wg_fail(err, WG_E_DATABASE, "database: %s", line[0] ? line : "no connection");
}

/* A server that ends says so before it hangs up, to some as an error and to some as a warning: by
 * its own will, or because another of its processes crashed. */
static bool is_farewell(const char *severity, const char *state)
{
    return strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0 ||
           strcmp(state, "57P01") == 0 || strcmp(state, "57P02") == 0;
}

/* A commit that did not wait for the other copy of the database is none that may be relied upon; a
 * notice is all that is said of it. */
static void listen_to_notice(void *ctx, const PGresult *result)
{
    struct db *db = ctx;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!severity) return;
    if (strcmp(severity, "WARNING") == 0) db->warned = true;
    if (is_farewell(severity, state ? state : "")) db->lost = true;
}

/* libpq's words about a string that it cannot read hold parts of it, which may be the password. So
 * do those about a host that it took a part of the password for. */
static bool check_conninfo(const char *conninfo, struct wg_error *err)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    bool ok = options != NULL;
    for (const PQconninfoOption *option = options; ok && option->keyword; option++)
        if (option->val && strcmp(option->keyword, "password") != 0)
            ok = !strchr(option->val, '@') || strcmp(option->keyword, "user") == 0;
    PQconninfoFree(options);
    return ok || wg_fail(err, WG_E_DATABASE,
                         "database: the connection string cannot be read: expected KEY=VALUE with "
                         "quotes around values that have spaces, or postgresql://... with "
                         "percent-encoded signs in user and password");
}

/* A server that is gone without a word is given up within half a minute. */
static PGconn *connect(const struct db *db)
{
    static const char *const keys[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "dbname", /* may say other than those above */
        "application_name", "client_encoding",  NULL};
    const char *const values[] = {CONNECT_TIMEOUT_S, "10",   "5", "3", "25000", db->conninfo,
                                  db->application,   "UTF8", NULL};
    return PQconnectdbParams(keys, values, 1);
}

static void forget_last(struct db *db)
{
    if (db->last.forget) db->last.forget(db->last.ctx);
    db->last = (struct db_last){0};
}

static bool open_connection(struct db *db, struct wg_error *err)
{
    PQfinish(db->conn);
    db->conn = NULL;
    if (!check_conninfo(db->conninfo, err)) return false;
    memset(db->prepared, 0, sizeof db->prepared);
    db->copying = NULL;
    forget_last(db);
    db->in_transaction = db->lost = false;
    db->conn = connect(db);
    if (!db->conn) return wg_fail_memory(err, "connecting to the database");
    if (!db_is_up(db)) return db_fail_connection(db, err);
    (void)PQsetNoticeReceiver(db->conn, listen_to_notice, db);
    if (db_session_begin(db, err)) return true;
    PQfinish(db->conn);
    db->conn = NULL;
    return false;
}

struct db *db_open(const char *conninfo, const char *application, struct wg_error *err)
{
    struct db *db = calloc(1, sizeof *db);
    if (db) wg_buf_init(&db->copy, DB_COPY_MAX);
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
    forget_last(db);
    wg_buf_clear(&db->copy);
    db_session_clear(db);
    free(db->conninfo);
    free(db->application);
    free(db);
}

bool db_is_up(const struct db *db)
{
    return PQstatus(db->conn) == CONNECTION_OK && !db->lost;
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

bool db_fail_statement(struct db *db, const PGresult *result, const char *name,
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
    if (!state || !primary || !db_is_up(db)) return db_fail_connection(db, err);
    first_line(primary, line);
    db->lost_race = strcmp(state, "40P01") == 0 || strcmp(state, "40001") == 0;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (strcmp(state, "25006") == 0 || is_farewell(severity ? severity : "", state))
        db->lost = true;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(state, codes[i].sqlstate) == 0)
            return wg_fail(err, codes[i].code, "%s: %s", name, line);
    return wg_fail(err, WG_E_DATABASE, "%s: %s (%s)", name, line, state);
}

PGresult *db_checked(struct db *db, PGresult *result, const char *name, struct wg_error *err)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    (void)db_fail_statement(db, result, name, err);
    PQclear(result);
    return NULL;
}

void db_set_fault(struct db *db, db_fault_fn fault, void *ctx)
{
    db->fault = fault;
    db->fault_ctx = ctx;
}

/* False: this statement is where the process dies. */
static bool go_on(struct db *db, const char *statement, struct wg_error *err)
{
    if (!db->fault || db->fault(db->fault_ctx, statement, err)) return true;
    PQfinish(db->conn);
    db->conn = NULL;
    db->in_transaction = db->lost_race = false;
    return false;
}

static bool simple(struct db *db, const char *sql, struct wg_error *err)
{
    if (!go_on(db, sql, err)) return false;
    PGresult *result = db_checked(db, PQexec(db->conn, sql), sql, err);
    PQclear(result);
    return result != NULL;
}

static bool prepare(struct db *db, enum sql_name name, struct wg_error *err)
{
    if (db->prepared[name]) return true;
    PGresult *result =
        db_checked(db, PQprepare(db->conn, statements[name].name, statements[name].text, 0, NULL),
                   statements[name].name, err);
    PQclear(result);
    db->prepared[name] = result != NULL;
    return result != NULL;
}

/* What stands alone, behind a pooler: a transaction takes it and the settings to one server. */
static bool enter(struct db *db, bool *own, struct wg_error *err)
{
    *own = db->pooled && !db->in_transaction && !db->copying;
    return !*own || db_session_transaction(db, "begin", err);
}

static PGresult *leave(struct db *db, bool own, PGresult *result, struct wg_error *err)
{
    if (!own || !db_is_up(db)) return result;
    PGresult *end = PQexec(db->conn, result ? "commit" : "rollback");
    if (result) end = db_checked(db, end, "commit", err);
    bool ok = end != NULL;
    PQclear(end);
    if (ok) return result;
    PQclear(result);
    return NULL;
}

static PGresult *run_named(struct db *db, enum sql_name name, size_t count,
                           const char *const *params)
{
    if (db->pooled)
        return PQexecParams(db->conn, statements[name].text, (int)count, NULL, params, NULL, NULL,
                            0);
    return PQexecPrepared(db->conn, statements[name].name, (int)count, params, NULL, NULL, 0);
}

PGresult *db_query(struct db *db, enum sql_name name, size_t count, const char *const *params,
                   struct wg_error *err)
{
    bool own;
    if (!go_on(db, statements[name].name, err) || !enter(db, &own, err) ||
        (!db->pooled && !prepare(db, name, err)))
        return NULL;
    PGresult *result =
        db_checked(db, run_named(db, name, count, params), statements[name].name, err);
    return leave(db, own, result, err);
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

#define TABLE_SQL_MAX ((size_t)64 * 1024 * 1024)
#define TYPE_TEXT 25 /* pg_type: stable across versions */

/* A parameter that the text does not mention has no type of its own: then it is text. */
static void type_unused(const char *sql, size_t count, Oid *types)
{
    for (size_t i = 0; i < count; i++) types[i] = TYPE_TEXT;
    for (const char *at = strchr(sql, '$'); at; at = strchr(at + 1, '$')) {
        size_t number = strtoul(at + 1, NULL, 10);
        if (at[1] >= '1' && at[1] <= '9' && number <= count) types[number - 1] = 0;
    }
}

PGresult *db_query_text(struct db *db, const char *sql, size_t count, const char *const *params,
                        struct wg_error *err)
{
    bool own;
    if (!go_on(db, "compiled target", err)) return NULL;
    Oid *types = calloc(count + 1, sizeof *types);
    if (!types) {
        (void)wg_fail_memory(err, "asking the database");
        return NULL;
    }
    type_unused(sql, count, types);
    PGresult *result = NULL;
    if (enter(db, &own, err)) {
        result = PQexecParams(db->conn, sql, (int)count, types, params, NULL, NULL, 0);
        result = leave(db, own, db_checked(db, result, "compiled target", err), err);
    }
    free(types);
    return result;
}

bool db_table_text(struct db *db, const char *table, const char *sql, size_t count,
                   const char *const *params, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, TABLE_SQL_MAX);
    wg_buf_printf(&text, "create temporary table %s on commit drop as ", table);
    wg_buf_text(&text, sql);
    PGresult *result = NULL;
    if (wg_buf_check(&text, err, "the plan's query"))
        result = db_query_text(db, wg_buf_str(&text), count, params, err);
    wg_buf_clear(&text);
    PQclear(result);
    return result != NULL;
}

bool db_run_script(struct db *db, const char *sql, struct wg_error *err)
{
    if (!go_on(db, "script", err)) return false;
    PGresult *result = db_checked(db, PQexec(db->conn, sql), "script", err);
    PQclear(result);
    return result != NULL;
}

static bool begin(struct db *db, const char *text, struct wg_error *err)
{
    forget_last(db);
    db->lost_race = false;
    if (!db->pooled) {
        db->in_transaction = simple(db, text, err);
    } else {
        if (!go_on(db, text, err)) return false;
        db->in_transaction = db_session_transaction(db, text, err);
        if (!db->in_transaction && db_is_up(db)) PQclear(PQexec(db->conn, "rollback"));
    }
    return db->in_transaction;
}

bool db_begin(struct db *db, struct wg_error *err)
{
    return begin(db, "begin", err);
}

bool db_begin_repeatable(struct db *db, struct wg_error *err)
{
    return begin(db, "begin isolation level repeatable read", err);
}

bool db_begin_snapshot(struct db *db, struct wg_error *err)
{
    return begin(db, "begin isolation level repeatable read, read only", err);
}

bool db_set_last(struct db *db, const struct db_last *last, struct wg_error *err)
{
    if (!db->in_transaction || db->last.write)
        return wg_fail(err, WG_E_DATABASE, "what is written last belongs to no transaction");
    db->last = *last;
    return true;
}

void *db_last(const struct db *db)
{
    return db->last.ctx;
}

static bool write_last(struct db *db, struct wg_error *err)
{
    bool ok = !db->last.write || db->last.write(db, db->last.ctx, err);
    forget_last(db);
    if (!ok) db_rollback(db);
    return ok;
}

bool db_commit(struct db *db, struct wg_error *err)
{
    if (!write_last(db, err) || !go_on(db, "commit", err)) return false;
    db->in_transaction = db->warned = false;
    PGresult *result = db_checked(db, PQexec(db->conn, "commit"), "commit", err);
    if (!result) return false;
    /* a failed transaction answers COMMIT with ROLLBACK */
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    if (!committed) return wg_fail(err, WG_E_DATABASE, "commit: the transaction was rolled back");
    return !db->warned || wg_fail(err, WG_E_DATABASE,
                                  "commit: the database may lose it again: the server that should "
                                  "have a copy does not answer");
}

void db_rollback(struct db *db)
{
    forget_last(db);
    if (!db->in_transaction || !db_is_up(db)) return;
    db->in_transaction = false;
    PQclear(PQexec(db->conn, "rollback"));
}

bool db_listen(struct db *db, struct wg_error *err)
{
    return db->pooled || simple(db, "listen " DB_CHANNEL, err);
}

bool db_drain(struct db *db, bool *notified, struct wg_error *err)
{
    PGnotify *notify;
    *notified = false;
    if (!PQconsumeInput(db->conn) || !db_is_up(db)) return db_fail_connection(db, err);
    while ((notify = PQnotifies(db->conn)) != NULL) {
        *notified = *notified || strcmp(notify->relname, DB_CHANNEL) == 0;
        PQfreemem(notify);
    }
    return !db->lost || wg_fail(err, WG_E_DATABASE, "database: the server has ended the session");
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
