/* campaign_scope.c: counts over the members of a plan, and the places of a campaign. */
#include "orchestrator/store/campaign_scope.h"

static bool count(struct db *db, enum sql_name name, size_t params_count, const char *const *params,
                  int64_t *devices, struct wg_error *err)
{
    PGresult *result = db_query(db, name, params_count, params, err);
    if (!result) return false;
    *devices = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

bool plan_outside(struct db *db, const char *scopes, int64_t *devices, struct wg_error *err)
{
    return count(db, SQL_PLAN_OUTSIDE, 1, (const char *const[]){scopes}, devices, err);
}

bool campaign_outside(struct db *db, const char *campaign, const char *scopes, int64_t *devices,
                      struct wg_error *err)
{
    return count(db, SQL_CAMPAIGN_OUTSIDE, 2, (const char *const[]){campaign, scopes}, devices,
                 err);
}
