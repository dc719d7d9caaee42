/* no_db.c: a database that begins transactions and answers nothing, in place of store/db.c: what
 * stands before the first answer is what is tried. */
#include "orchestrator/store/db.h"

static bool away(struct wg_error *err)
{
    return wg_fail(err, WG_E_DATABASE, "no database");
}

struct db *db_open(const char *conninfo, const char *application, struct wg_error *err)
{
    (void)conninfo;
    (void)application;
    (void)away(err);
    return NULL;
}
void db_close(struct db *db)
{
    (void)db;
}
bool db_is_up(const struct db *db)
{
    return db != NULL;
}
bool db_lost_race(const struct db *db)
{
    (void)db;
    return false;
}
bool db_reconnect(struct db *db, struct wg_error *err)
{
    (void)db;
    return away(err);
}
int db_fd(const struct db *db)
{
    (void)db;
    return -1;
}
bool db_is_pooled(const struct db *db)
{
    (void)db;
    return false;
}
bool db_set(struct db *db, const char *name, const char *value, struct wg_error *err)
{
    (void)db;
    (void)name;
    (void)value;
    (void)err;
    return true;
}

bool db_set_last(struct db *db, const struct db_last *last, struct wg_error *err)
{
    (void)db;
    (void)last;
    return away(err);
}
void *db_last(const struct db *db)
{
    (void)db;
    return NULL;
}
bool db_listen(struct db *db, struct wg_error *err)
{
    (void)db;
    return away(err);
}
bool db_drain(struct db *db, bool *notified, struct wg_error *err)
{
    (void)db;
    *notified = false;
    return away(err);
}
bool db_begin(struct db *db, struct wg_error *err)
{
    (void)db;
    (void)err;
    return true;
}
bool db_begin_repeatable(struct db *db, struct wg_error *err)
{
    return db_begin(db, err);
}
bool db_begin_snapshot(struct db *db, struct wg_error *err)
{
    return db_begin(db, err);
}
bool db_commit(struct db *db, struct wg_error *err)
{
    (void)db;
    return away(err);
}
void db_rollback(struct db *db)
{
    (void)db;
}
PGresult *db_query(struct db *db, enum sql_name name, size_t count, const char *const *params,
                   struct wg_error *err)
{
    (void)db;
    (void)name;
    (void)count;
    (void)params;
    (void)away(err);
    return NULL;
}
bool db_run(struct db *db, enum sql_name name, size_t count, const char *const *params,
            int64_t *affected, struct wg_error *err)
{
    (void)db;
    (void)name;
    (void)count;
    (void)params;
    (void)affected;
    return away(err);
}
PGresult *db_query_text(struct db *db, const char *sql, size_t count, const char *const *params,
                        struct wg_error *err)
{
    (void)sql;
    return db_query(db, (enum sql_name)0, count, params, err);
}
bool db_copy_begin(struct db *db, enum sql_name name, struct wg_error *err)
{
    (void)db;
    (void)name;
    return away(err);
}
bool db_copy_row(struct db *db, size_t count, const char *const *cells, struct wg_error *err)
{
    (void)db;
    (void)count;
    (void)cells;
    return away(err);
}
bool db_copy_end(struct db *db, int64_t *rows, struct wg_error *err)
{
    (void)db;
    (void)rows;
    return away(err);
}
void db_copy_abandon(struct db *db)
{
    (void)db;
}
bool db_table_text(struct db *db, const char *table, const char *sql, size_t count,
                   const char *const *params, struct wg_error *err)
{
    (void)db;
    (void)table;
    (void)sql;
    (void)count;
    (void)params;
    return away(err);
}
bool db_run_script(struct db *db, const char *sql, struct wg_error *err)
{
    (void)db;
    (void)sql;
    return away(err);
}
void db_set_fault(struct db *db, db_fault_fn fault, void *ctx)
{
    (void)db;
    (void)fault;
    (void)ctx;
}
const char *db_statement_name(enum sql_name name)
{
    (void)name;
    return "none";
}
const char *db_statement_text(enum sql_name name)
{
    (void)name;
    return "";
}
const char *db_text(const PGresult *result, int row, int column)
{
    (void)result;
    (void)row;
    (void)column;
    return "";
}
int64_t db_int(const PGresult *result, int row, int column)
{
    (void)result;
    (void)row;
    (void)column;
    return 0;
}
bool db_bool(const PGresult *result, int row, int column)
{
    (void)result;
    (void)row;
    (void)column;
    return false;
}
void db_copy(const PGresult *result, int row, int column, char *out, size_t size)
{
    (void)result;
    (void)row;
    (void)column;
    if (size > 0) out[0] = '\0';
}
