/* plan_row.c: counts, waves and members of a plan. */
#include "orchestrator/store/plan_row.h"

#include "orchestrator/store/params.h"
#include "orchestrator/store/plan_query.h"

#include <stdlib.h>
#include <string.h>

/* Turns are given out before the sizes of waves are known: plan_device puts the two together. What
 * was named by a wave has it in its code. */
static const char settings[] = "set local work_mem = '96MB';"
                               "set local statement_timeout = '10min'";

static const char tables[] =
    "create temporary table plan_first (cell text collate \"C\" primary key, "
    "firsts bigint[] not null) on commit drop;"
    "create temporary view plan_device as select * from (select p.id, case when p.code >= 2000 "
    "then "
    "p.code - 2000 else width_bucket(p.turn, f.firsts) - 1 end as wave, p.turn, p.region, "
    "p.hardware, p.version, p.online, p.seen_at, p.placed, "
    "array_length(f.firsts, 1) - 1 as waves from plan_candidate p left join plan_first f on "
    "f.cell = p.cell where p.code = -1 or p.code >= 2000) w where wave < waves or waves is null;"
    "create temporary table plan_stay (like plan_candidate, wave int not null) on commit drop;"
    "create temporary view plan_member as select id, wave, turn, region, hardware, version, "
    "online, "
    "seen_at, placed from plan_device union all select id, wave, turn, region, hardware, version, "
    "online, seen_at, placed from plan_stay";

bool plan_begin(struct db *db, struct wg_error *err)
{
    /* all questions see one state of the fleet; hash tables over it are worth the memory, and
     * compiling a query that runs once is not worth the time; places of a million devices take
     * their time on a busy database */
    return db_begin_repeatable(db, err) && db_run_script(db, settings, err);
}

void plan_counts_clear(struct plan_counts *counts)
{
    for (size_t i = 0; i < counts->cell_count; i++) free(counts->cells[i].key);
    free(counts->cells);
    *counts = (struct plan_counts){0};
}

static bool run_text(struct db *db, const struct wg_buf *sql, const struct plan_params *params,
                     PGresult **out, struct wg_error *err)
{
    *out = wg_buf_check(sql, err, "the plan's query")
               ? db_query_text(db, wg_buf_str(sql), params->count, params->items, err)
               : NULL;
    return *out != NULL;
}

static bool add_cell(struct plan_counts *out, const char *key, int64_t devices,
                     struct wg_error *err)
{
    if (out->cell_count == PLAN_CELLS_MAX)
        return wg_fail(err, WG_E_LIMIT,
                       "spread: more than %d combinations of values: spread by fewer attributes",
                       PLAN_CELLS_MAX);
    char *copy = strdup(key);
    if (!copy || !out->cells) {
        free(copy);
        return wg_fail_memory(err, "planning");
    }
    out->cells[out->cell_count++] = (struct plan_cell){copy, devices};
    return true;
}

static void leave_out(struct plan_counts *out, int code, int64_t devices)
{
    if (devices == 0) return;
    for (size_t i = 0; i < out->left_out_count; i++)
        if (out->left_out[i].code == code) {
            out->left_out[i].devices += devices;
            return;
        }
    if (out->left_out_count < PLAN_CODES_MAX)
        out->left_out[out->left_out_count++] = (struct plan_code){code, devices};
}

static bool add_code(struct plan_counts *out, int code, const char *cell, int64_t devices,
                     struct wg_error *err)
{
    if (code == PLAN_MATCHED || code >= PLAN_LISTED) out->matched += devices;
    if (code == PLAN_MATCHED) return add_cell(out, cell, devices, err);
    if (code >= PLAN_LISTED && code < PLAN_LISTED + WAVE_ROWS_MAX)
        out->listed[code - PLAN_LISTED] += devices;
    else
        leave_out(out, code, devices);
    return true;
}

static bool count_one(struct db *db, const struct wg_buf *sql, const struct plan_params *params,
                      int64_t *devices, struct wg_error *err)
{
    PGresult *result = NULL;
    bool ok = run_text(db, sql, params, &result, err);
    if (ok) *devices = db_int(result, 0, 0);
    PQclear(result);
    return ok;
}

typedef void (*clause_sql_fn)(const struct plan_query *query, const struct plan_params *params,
                              size_t clause, struct wg_buf *sql);

static bool count_by(struct db *db, clause_sql_fn write, const struct plan_query *query,
                     const struct plan_params *params, size_t clause, int64_t *devices,
                     struct wg_error *err)
{
    struct wg_buf sql;
    wg_buf_init(&sql, PLAN_SQL_MAX);
    write(query, params, clause, &sql);
    bool ok = count_one(db, &sql, params, devices, err);
    wg_buf_clear(&sql);
    return ok;
}

/* before and after: how many come to the clause, and how many it lets pass. */
static bool count_clause(struct db *db, const struct plan_query *query,
                         const struct plan_params *params, size_t clause, int64_t before,
                         int64_t after, struct plan_counts *out, struct wg_error *err)
{
    int64_t there = 0, unplaced = 0;
    if (before > after && query->clause_places[clause] &&
        !count_by(db, plan_query_no_position, query, params, clause, &unplaced, err))
        return false;
    if (before > after && query->clause_release[clause] &&
        !count_by(db, plan_query_on_release, query, params, clause, &there, err))
        return false;
    leave_out(out, (int)clause, before - after - unplaced - there);
    leave_out(out, PLAN_NO_POSITION, unplaced);
    leave_out(out, PLAN_ON_RELEASE, there);
    return true;
}

static bool count_clauses(struct db *db, const struct plan_query *query,
                          const struct plan_params *params, int64_t passing,
                          struct plan_counts *out, struct wg_error *err)
{
    int64_t before = 0;
    if (!count_by(db, plan_query_passing, query, params, 0, &before, err)) return false;
    out->fleet = before;
    for (size_t i = 0; i < WAVE_ROWS_MAX; i++) out->fleet += out->kept[i];
    size_t counted = plan_query_counted(query);
    for (size_t i = 0; i < counted; i++) {
        int64_t after = passing;
        if (i + 1 < counted && !count_by(db, plan_query_passing, query, params, i + 1, &after, err))
            return false;
        if (!count_clause(db, query, params, i, before, after, out, err)) return false;
        before = after;
    }
    return true;
}

static int by_code(const void *left, const void *right)
{
    const struct plan_code *a = left, *b = right;
    return (a->code > b->code) - (a->code < b->code);
}

/* passing: all candidates. */
static bool count_candidates(struct db *db, struct plan_counts *out, int64_t *passing,
                             struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PLAN_CANDIDATES, 0, NULL, err);
    out->cells = calloc(PLAN_CELLS_MAX, sizeof *out->cells);
    bool ok = result && (out->cells || wg_fail_memory(err, "planning"));
    for (int row = 0; ok && row < PQntuples(result); row++) {
        *passing += db_int(result, row, 2);
        ok = add_code(out, (int)db_int(result, row, 0), db_text(result, row, 1),
                      db_int(result, row, 2), err);
    }
    PQclear(result);
    return ok;
}

static bool count_kept(struct db *db, const struct plan_query *query, struct plan_counts *out,
                       struct wg_error *err)
{
    char id[PARAM_NUMBER], kept[PARAM_NUMBER];
    const char *const params[] = {param_number(id, query->revises),
                                  param_number(kept, (int64_t)query->kept_waves), query->component};
    if (!query->kept_waves) return true;
    if (!db_run(db, SQL_PLAN_STAY, 3, params, NULL, err)) return false;
    PGresult *result = db_query(db, SQL_PLAN_KEPT, 2, params, err);
    for (int row = 0; result && row < PQntuples(result); row++)
        if (db_int(result, row, 0) < WAVE_ROWS_MAX)
            out->kept[db_int(result, row, 0)] = db_int(result, row, 1);
    PQclear(result);
    return result != NULL;
}

bool plan_count(struct db *db, const struct plan_query *query, struct plan_counts *out,
                struct wg_error *err)
{
    struct plan_params params;
    struct wg_buf sql;
    int64_t passing = 0;
    memset(out, 0, sizeof *out);
    wg_buf_init(&sql, PLAN_SQL_MAX);
    bool ok = plan_params_init(&params, query, err);
    if (ok) plan_query_candidates(query, &params, &sql);
    ok = ok && wg_buf_check(&sql, err, "the plan's query") &&
         db_table_text(db, "plan_candidate", wg_buf_str(&sql), params.count, params.items, err) &&
         db_run_script(db, tables, err) && count_kept(db, query, out, err) &&
         count_candidates(db, out, &passing, err) &&
         count_clauses(db, query, &params, passing, out, err);
    qsort(out->left_out, out->left_out_count, sizeof *out->left_out, by_code);
    wg_buf_clear(&sql);
    plan_params_clear(&params);
    return ok;
}

/* "{1,11,61}": the turn at which each wave begins, and at the end the first that is in none. */
static bool firsts_text(const struct plan_query *query, const struct plan_counts *counts,
                        const int64_t *share, size_t cell, struct wg_buf *out)
{
    int64_t next = 1;
    wg_buf_text(out, "{1");
    for (size_t wave = 0; wave < query->wave_count; wave++) {
        next += share[wave * counts->cell_count + cell];
        wg_buf_printf(out, ",%lld", (long long)next);
    }
    wg_buf_char(out, '}');
    return wg_buf_check(out, NULL, "waves");
}

bool plan_assign(struct db *db, const struct plan_query *query, const struct plan_counts *counts,
                 const int64_t *share, struct wg_error *err)
{
    struct param_array cells, firsts;
    bool ok = true;
    param_array_init(&cells);
    param_array_init(&firsts);
    for (size_t cell = 0; cell < counts->cell_count && ok; cell++) {
        struct wg_buf text;
        wg_buf_init(&text, 4096);
        ok = firsts_text(query, counts, share, cell, &text) || wg_fail_memory(err, "planning");
        param_array_add(&cells, counts->cells[cell].key);
        param_array_add(&firsts, wg_buf_str(&text));
        wg_buf_clear(&text);
    }
    const char *const params[] = {param_array_text(&cells), param_array_text(&firsts)};
    ok = ok && param_array_check(&cells, err) && param_array_check(&firsts, err) &&
         db_run(db, SQL_PLAN_FIRSTS, 2, params, NULL, err);
    param_array_clear(&cells);
    param_array_clear(&firsts);
    return ok;
}

static void add_presence(const PGresult *result, int row, struct plan_habits *habits)
{
    enum { WEEK_AGO = 4, SILENT = 5, UNPLACED = 10 };
    int64_t wave = db_int(result, row, 0), devices = db_int(result, row, 3);
    int code = (int)db_int(result, row, 2), seen = code % UNPLACED;
    if (wave < 0 || wave >= WAVE_ROWS_MAX || seen > SILENT) return;
    struct plan_presence *presence = &habits->waves[wave];
    presence->seen[seen == SILENT ? 0 : seen] += devices;
    if (seen >= WEEK_AGO) presence->unseen_week += devices;
    if (code >= UNPLACED) presence->without_position += devices;
}

bool plan_shares(struct db *db, wg_time now, struct plan_share **out, size_t *count,
                 struct plan_habits *habits, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now)};
    PGresult *result = db_query(db, SQL_PLAN_SHARES, 1, params, err);
    if (!result) return false;
    *out = calloc((size_t)PQntuples(result) + 1, sizeof(**out));
    for (int i = 0; *out && i < PQntuples(result); i++) {
        if (strcmp(db_text(result, i, 1), "seen") == 0) {
            add_presence(result, i, habits);
            continue;
        }
        struct plan_share *share = &(*out)[(*count)++];
        share->wave = (size_t)db_int(result, i, 0);
        db_copy(result, i, 1, share->what, sizeof share->what);
        db_copy(result, i, 2, share->value, sizeof share->value);
        share->devices = db_int(result, i, 3);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "planning");
}

/* Takes over result; rows of id, code, wave. */
static bool read_devices(PGresult *result, struct plan_device **out, size_t *count,
                         struct wg_error *err)
{
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    bool waves = PQnfields(result) > 2;
    for (int i = 0; *out && i < (int)*count; i++) {
        struct plan_device *device = &(*out)[i];
        db_copy(result, i, 0, device->id, sizeof device->id);
        device->code = (int)db_int(result, i, 1);
        device->wave = waves ? (int)db_int(result, i, 2) : -1;
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "planning");
}

bool plan_members_list(struct db *db, int wave, int64_t limit, struct plan_device **out,
                       size_t *count, struct wg_error *err)
{
    char number[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(number, wave), param_number(most, limit)};
    return read_devices(db_query(db, SQL_PLAN_MEMBERS, 2, params, err), out, count, err);
}

bool plan_left_out_list(struct db *db, const struct plan_query *query, int64_t limit,
                        struct plan_device **out, size_t *count, struct wg_error *err)
{
    struct plan_params params;
    struct wg_buf sql;
    char most[PARAM_NUMBER];
    PGresult *result = NULL;
    wg_buf_init(&sql, PLAN_SQL_MAX);
    bool ok = plan_params_init(&params, query, err);
    if (ok)
        plan_query_left_out(query, &params, plan_params_add(&params, param_number(most, limit)),
                            &sql);
    ok = ok && run_text(db, &sql, &params, &result, err);
    wg_buf_clear(&sql);
    plan_params_clear(&params);
    return ok && read_devices(result, out, count, err);
}

bool plan_strays(struct db *db, const struct plan_query *query, const char *ids,
                 struct plan_device **out, size_t *count, struct wg_error *err)
{
    struct plan_params params;
    struct wg_buf sql;
    PGresult *result = NULL;
    wg_buf_init(&sql, PLAN_SQL_MAX);
    bool ok = plan_params_init(&params, query, err);
    if (ok) plan_query_strays(query, &params, plan_params_add(&params, ids), &sql);
    ok = ok && run_text(db, &sql, &params, &result, err);
    wg_buf_clear(&sql);
    plan_params_clear(&params);
    return ok && read_devices(result, out, count, err);
}

bool plan_code_of(struct db *db, const struct plan_query *query, const char *device, int *code,
                  struct wg_error *err)
{
    struct plan_params params;
    struct wg_buf sql;
    PGresult *result = NULL;
    wg_buf_init(&sql, PLAN_SQL_MAX);
    bool ok = plan_params_init(&params, query, err);
    if (ok) plan_query_one(query, &params, plan_params_add(&params, device), &sql);
    ok = ok && run_text(db, &sql, &params, &result, err) &&
         (PQntuples(result) == 1 || wg_fail(err, WG_E_NOT_FOUND, "there is no device %s", device));
    if (ok) *code = (int)db_int(result, 0, 0);
    PQclear(result);
    wg_buf_clear(&sql);
    plan_params_clear(&params);
    return ok;
}
