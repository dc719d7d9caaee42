/* db.c: the connection, its transactions and its named statements. */
#include "orchestrator/store/db.h"

#include "common/buf.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who stalls within a transaction must not hold its locks for long: others take over. */
static const char session_options[] =
    "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=10000 -c TimeZone=UTC "
    "-c datestyle=ISO";
#define CONNECT_TIMEOUT_S "5"
#define COPY_BLOCK ((size_t)64 * 1024)      /* sent at once */
#define COPY_MAX ((size_t)16 * 1024 * 1024) /* bytes of a row and the block before it */

static const struct {
    const char *name, *text;
} statements[] = {
#include "sql_texts.inc"
};

struct db {
    PGconn *conn;
    char *conninfo, *application; /* for db_reconnect */
    bool in_transaction, lost_race;
    struct wg_buf copy;  /* rows not sent yet */
    const char *copying; /* the statement; NULL: none */
    bool prepared[SQL_COUNT];
    db_fault_fn fault;
    void *fault_ctx;
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
        db->conninfo, db->application, CONNECT_TIMEOUT_S, "30", "UTF8", session_options, NULL};
    PQfinish(db->conn);
    db->conn = NULL;
    if (!check_conninfo(db->conninfo, err)) return false;
    memset(db->prepared, 0, sizeof db->prepared);
    db->copying = NULL;
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
    if (db) wg_buf_init(&db->copy, COPY_MAX);
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
    wg_buf_clear(&db->copy);
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
    if (!go_on(db, statements[name].name, err) || !prepare(db, name, err)) return NULL;
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
    if (!go_on(db, "compiled target", err)) return NULL;
    Oid *types = calloc(count + 1, sizeof *types);
    if (!types) {
        (void)wg_fail_memory(err, "asking the database");
        return NULL;
    }
    type_unused(sql, count, types);
    PGresult *result = PQexecParams(db->conn, sql, (int)count, types, params, NULL, NULL, 0);
    free(types);
    return checked(db, result, "compiled target", err);
}

static bool put_literal(struct db *db, const char *text, struct wg_buf *out, struct wg_error *err)
{
    if (!text) {
        wg_buf_text(out, "null");
        return true;
    }
    char *literal = PQescapeLiteral(db->conn, text, strlen(text));
    if (!literal) return wg_fail(err, WG_E_DATABASE, "a parameter cannot be given to the database");
    wg_buf_text(out, literal);
    PQfreemem(literal);
    return true;
}

/* A table cannot be made of a statement with parameters, but of one that was prepared. */
static bool table_sql(struct db *db, const char *table, const char *sql, size_t count,
                      const char *const *params, const Oid *types, struct wg_buf *out,
                      struct wg_error *err)
{
    bool ok = true;
    wg_buf_text(out, "prepare table_text (");
    for (size_t i = 0; i < count; i++)
        wg_buf_printf(out, "%s%s", i ? ", " : "", types[i] ? "text" : "unknown");
    wg_buf_printf(out, ") as %s; create temporary table %s on commit drop as execute table_text(",
                  sql, table);
    for (size_t i = 0; i < count && ok; i++) {
        if (i) wg_buf_text(out, ", ");
        ok = put_literal(db, params[i], out, err);
    }
    wg_buf_text(out, "); deallocate table_text");
    return ok && wg_buf_check(out, err, "the plan's query");
}

bool db_table_text(struct db *db, const char *table, const char *sql, size_t count,
                   const char *const *params, struct wg_error *err)
{
    struct wg_buf text;
    Oid *types = calloc(count + 1, sizeof *types);
    if (!types) return wg_fail_memory(err, "asking the database");
    type_unused(sql, count, types);
    wg_buf_init(&text, TABLE_SQL_MAX);
    bool ok = table_sql(db, table, sql, count, params, types, &text, err) &&
              db_run_script(db, wg_buf_str(&text), err);
    wg_buf_clear(&text);
    free(types);
    return ok;
}

bool db_run_script(struct db *db, const char *sql, struct wg_error *err)
{
    if (!go_on(db, "script", err)) return false;
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
    if (!go_on(db, "commit", err)) return false;
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

bool db_begin_snapshot(struct db *db, struct wg_error *err)
{
    if (!simple(db, "begin isolation level repeatable read, read only", err)) return false;
    db->in_transaction = true;
    return true;
}

bool db_copy_begin(struct db *db, enum sql_name name, struct wg_error *err)
{
    PGresult *result = PQexec(db->conn, statements[name].text);
    bool ok = PQresultStatus(result) == PGRES_COPY_IN;
    if (!ok) (void)fail_statement(db, result, statements[name].name, err);
    PQclear(result);
    db->copying = ok ? statements[name].name : NULL;
    db->copy.len = 0;
    return ok;
}

/* Text form of COPY: tab, line breaks and backslash are escaped. */
static void copy_cell(struct wg_buf *out, const char *text)
{
    static const char special[] = "\\\t\n\r", escaped[] = "\\tnr";
    for (;;) {
        size_t len = strcspn(text, special);
        wg_buf_add(out, text, len);
        text += len;
        if (!*text) return;
        wg_buf_char(out, '\\');
        wg_buf_char(out, escaped[strchr(special, *text) - special]);
        text++;
    }
}

static bool copy_send(struct db *db, struct wg_error *err)
{
    if (!wg_buf_check(&db->copy, err, db->copying)) return false;
    if (db->copy.len > 0 && PQputCopyData(db->conn, db->copy.data, (int)db->copy.len) != 1)
        return fail_connection(db, err);
    db->copy.len = 0;
    return true;
}

bool db_copy_row(struct db *db, size_t count, const char *const *cells, struct wg_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) wg_buf_char(&db->copy, '\t');
        if (cells[i])
            copy_cell(&db->copy, cells[i]);
        else
            wg_buf_text(&db->copy, "\\N");
    }
    wg_buf_char(&db->copy, '\n');
    return db->copy.len < COPY_BLOCK || copy_send(db, err);
}

/* Takes over what the server still has to say; true when it was all good. */
static bool copy_result(struct db *db, int64_t *rows, struct wg_error *err)
{
    PGresult *result;
    bool ok = true;
    while ((result = PQgetResult(db->conn)) != NULL) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            if (rows) *rows = strtoll(PQcmdTuples(result), NULL, 10);
        } else if (ok) {
            ok = fail_statement(db, result, db->copying, err);
        }
        PQclear(result);
    }
    db->copying = NULL;
    return ok;
}

bool db_copy_end(struct db *db, int64_t *rows, struct wg_error *err)
{
    if (rows) *rows = 0;
    if (!copy_send(db, err)) {
        db_copy_abandon(db);
        return false;
    }
    if (PQputCopyEnd(db->conn, NULL) != 1) return fail_connection(db, err);
    return copy_result(db, rows, err);
}

void db_copy_abandon(struct db *db)
{
    if (!db->copying) return;
    if (PQputCopyEnd(db->conn, "given up") == 1) (void)copy_result(db, NULL, NULL);
    wg_buf_clear(&db->copy);
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
