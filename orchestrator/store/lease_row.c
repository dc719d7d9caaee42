/* lease_row.c: leases on campaigns and brokers. */
#include "orchestrator/store/lease_row.h"

#include "orchestrator/store/params.h"

#include <string.h>

bool lease_row_take(struct db *db, int64_t campaign, const char *holder, wg_duration length,
                    wg_time now, int64_t *token, struct wg_error *err)
{
    char id[PARAM_NUMBER], at[PARAM_NUMBER], life[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), holder, param_number(at, now),
                                  param_number(life, length)};
    PGresult *result = db_query(db, SQL_LEASE_TAKE, 4, params, err);
    if (!result) return false;
    *token = PQntuples(result) == 1 ? db_int(result, 0, 0) : 0;
    PQclear(result);
    return true;
}

bool lease_row_take_broker(struct db *db, const char *broker, const char *holder,
                           wg_duration length, wg_time now, bool *mine, struct wg_error *err)
{
    char at[PARAM_NUMBER], life[PARAM_NUMBER];
    int64_t taken = 0;
    const char *const params[] = {broker, holder, param_number(at, now),
                                  param_number(life, length)};
    if (!db_run(db, SQL_LEASE_TAKE_BROKER, 4, params, &taken, err)) return false;
    *mine = taken == 1;
    return true;
}

bool lease_row_release(struct db *db, const char *holder, struct wg_error *err)
{
    const char *const params[] = {holder};
    return db_run(db, SQL_LEASE_RELEASE, 1, params, NULL, err) &&
           db_run(db, SQL_LEASE_RELEASE_BROKERS, 1, params, NULL, err);
}

bool lease_row_get(struct db *db, int64_t campaign, struct lease_row *out, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    PGresult *result = db_query(db, SQL_LEASE_GET, 1, params, err);
    if (!result) return false;
    memset(out, 0, sizeof *out);
    if (PQntuples(result) == 1) {
        db_copy(result, 0, 0, out->holder, sizeof out->holder);
        out->token = db_int(result, 0, 1);
        out->until = db_int(result, 0, 2);
    }
    PQclear(result);
    return true;
}
