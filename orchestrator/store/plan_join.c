/* plan_join.c: members that come later. */
#include "orchestrator/store/params.h"
#include "orchestrator/store/plan_query.h"
#include "orchestrator/store/tally.h"

#include <stdlib.h>

static bool insert(struct db *db, const struct plan_query *query, const char *wave,
                   const char *limit, const char *since, const char *devices, int64_t *joined,
                   struct wg_error *err)
{
    struct plan_params params;
    struct wg_buf sql;
    PGresult *result = NULL;
    wg_buf_init(&sql, PLAN_SQL_MAX);
    bool ok = plan_params_init(&params, query, err);
    if (ok) {
        size_t in = plan_params_add(&params, wave), most = plan_params_add(&params, limit);
        size_t from = since ? plan_params_add(&params, since) : 0;
        size_t of = devices ? plan_params_add(&params, devices) : 0;
        plan_query_join(query, &params, in, most, from, of, &sql);
        ok = wg_buf_check(&sql, err, "the query for new members") &&
             (result = db_query_text(db, wg_buf_str(&sql), params.count, params.items, err));
    }
    if (result) *joined = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    wg_buf_clear(&sql);
    plan_params_clear(&params);
    return ok;
}

bool plan_join(struct db *db, const struct plan_query *query, size_t wave, int64_t limit,
               wg_time since, const char *devices, int64_t *joined, struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], most[PARAM_NUMBER], from[PARAM_NUMBER];
    char count[PARAM_NUMBER];
    *joined = 0;
    if (!insert(db, query, param_number(number, (int64_t)wave), param_number(most, limit),
                since ? param_number(from, since) : NULL, devices, joined, err))
        return false;
    if (*joined == 0) return true;
    const char *const params[] = {param_number(id, query->revises), number,
                                  param_number(count, *joined)};
    return db_run(db, SQL_PLAN_JOINED_WAVE, 3, params, NULL, err) &&
           tally_count(db, query->revises, (int64_t)wave, WG_WAITING, WG_CAUSE_NONE, *joined,
                       err) &&
           db_run(db, SQL_PLAN_JOINED_CAMPAIGN, 3, params, NULL, err) &&
           db_run(db, SQL_AUDIT_JOINED, 3, params, NULL, err);
}
