/* migrate.c: applies the migrations that the database does not have yet, in order. */
#include "orchestrator/store/migrate.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} migrations[] = {
#include "migrations.inc"
};
#define MIGRATIONS ((int64_t)(sizeof migrations / sizeof migrations[0]))

static const char ledger[] = "create table if not exists schema_migration ("
                             "number bigint primary key, name text not null, "
                             "applied_at timestamptz not null default now())";

/* These run before any named statement could be prepared, and once; so they are not named ones. */
static PGresult *run_text(struct db *db, const char *sql, struct wg_error *err)
{
    return db_query_text(db, sql, 0, NULL, err);
}

static bool run_quiet(struct db *db, const char *sql, struct wg_error *err)
{
    PGresult *result = run_text(db, sql, err);
    PQclear(result);
    return result != NULL;
}

static bool applied_count(struct db *db, int64_t *out, struct wg_error *err)
{
    PGresult *result =
        run_text(db, "select count(*), coalesce(max(number), 0) from schema_migration", err);
    if (!result) return false;
    *out = db_int(result, 0, 1);
    bool whole = db_int(result, 0, 0) == *out;
    PQclear(result);
    if (!whole) return wg_fail(err, WG_E_CONFLICT, "the schema's list of migrations has a gap");
    if (*out > MIGRATIONS)
        return wg_fail(
            err, WG_E_CONFLICT,
            "the database is at schema %lld, this program knows %lld: use a newer program",
            (long long)*out, (long long)MIGRATIONS);
    return true;
}

static bool apply(struct db *db, int64_t index, struct wg_error *err)
{
    char number[24];
    const char *const params[] = {number, migrations[index].name};
    (void)snprintf(number, sizeof number, "%lld", (long long)index + 1);
    if (!db_run_script(db, migrations[index].text, err))
        return wg_context(err, "migration %s", migrations[index].name);
    PGresult *result = db_query_text(
        db, "insert into schema_migration (number, name) values ($1::bigint, $2::text)", 2, params,
        err);
    PQclear(result);
    return result != NULL;
}

/* One migration in one transaction; *more tells whether there was one to apply. The advisory lock
 * is the transaction's, so a second orchestrator that starts now waits for it and then sees the
 * result. */
static bool apply_next(struct db *db, bool *more, struct wg_error *err)
{
    int64_t count = 0;
    *more = false;
    if (!run_quiet(db, "select pg_advisory_xact_lock(7291, 1)", err) ||
        !run_quiet(db, ledger, err) || !applied_count(db, &count, err))
        return false;
    if (count == MIGRATIONS) return true;
    *more = true;
    return apply(db, count, err);
}

/* Of what is there; 0 without a schema. */
static bool schema_count(struct db *db, int64_t *out, struct wg_error *err)
{
    PGresult *result = run_text(db, "select to_regclass('schema_migration') is not null", err);
    *out = 0;
    if (!result) return false;
    bool there = db_bool(result, 0, 0);
    PQclear(result);
    return !there || applied_count(db, out, err);
}

/* A login of every day may not; deploy/postgres/roles.sql. */
static bool may_change(struct db *db, int64_t count, struct wg_error *err)
{
    PGresult *result = run_text(
        db, "select coalesce(has_schema_privilege(current_schema(), 'create'), false)", err);
    if (!result) return false;
    bool may = db_bool(result, 0, 0);
    PQclear(result);
    return may ||
           wg_fail(err, WG_E_CONFLICT,
                   "the database is at schema %lld, this program expects %lld, and this login may "
                   "not change it: run wavegated --migrate --database with the owner's",
                   (long long)count, (long long)MIGRATIONS);
}

bool migrate(struct db *db, int *applied, struct wg_error *err)
{
    int64_t count;
    bool more = true;
    if (applied) *applied = 0;
    if (!schema_count(db, &count, err)) return false;
    if (count == MIGRATIONS) return true;
    if (!may_change(db, count, err)) return false;
    while (more) {
        if (!db_begin(db, err)) return false;
        if (!apply_next(db, &more, err) || !db_commit(db, err)) {
            db_rollback(db);
            return false;
        }
        if (more && applied) ++*applied;
    }
    return true;
}

bool migrate_check(struct db *db, struct wg_error *err)
{
    int64_t count;
    if (!schema_count(db, &count, err)) return false;
    return count == MIGRATIONS ||
           wg_fail(err, WG_E_CONFLICT,
                   "the database is at schema %lld, this program expects %lld: start wavegated, or "
                   "run wavegated --migrate: it brings the schema forward",
                   (long long)count, (long long)MIGRATIONS);
}
