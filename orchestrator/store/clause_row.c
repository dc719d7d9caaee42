/* clause_row.c: one statement, a column for each condition. */
#include "orchestrator/store/clause_row.h"

#include "common/buf.h"

#include <stdlib.h>

#define CLAUSES_SQL_MAX ((size_t)4 * 1024 * 1024)

static void write_sql(const struct clause_query *query, struct wg_buf *sql)
{
    wg_buf_text(sql, "select ");
    for (size_t i = 0; i < query->count; i++)
        wg_buf_printf(sql, "%s(%s)", i ? ", " : "", query->clauses[i]);
    wg_buf_printf(sql, " from device d where d.id = $%zu::text", query->param_count + 1);
}

static PGresult *ask(struct db *db, const struct clause_query *query, const char *device,
                     struct wg_error *err)
{
    struct wg_buf sql;
    PGresult *result = NULL;
    const char **params = calloc(query->param_count + 1, sizeof *params);
    wg_buf_init(&sql, CLAUSES_SQL_MAX);
    write_sql(query, &sql);
    for (size_t i = 0; params && i < query->param_count; i++) params[i] = query->params[i];
    if (params) params[query->param_count] = device;
    bool ok = params ? wg_buf_check(&sql, err, "the target") : wg_fail_memory(err, "explaining");
    if (ok) result = db_query_text(db, wg_buf_str(&sql), query->param_count + 1, params, err);
    wg_buf_clear(&sql);
    free(params);
    return result;
}

bool clause_row_answers(struct db *db, const struct clause_query *query, const char *device,
                        enum clause_answer *answers, struct wg_error *err)
{
    PGresult *result = ask(db, query, device, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    for (size_t i = 0; found && i < query->count; i++)
        answers[i] = PQgetisnull(result, 0, (int)i) ? CLAUSE_NOT_KNOWN
                     : db_bool(result, 0, (int)i)   ? CLAUSE_HOLDS
                                                    : CLAUSE_HOLDS_NOT;
    PQclear(result);
    return found || wg_fail(err, WG_E_NOT_FOUND, "there is no device %s", device);
}
