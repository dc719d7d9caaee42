/* removal_row.c: the rows of removal. */
#include "orchestrator/store/removal_row.h"

#include "orchestrator/store/params.h"

bool removal_begin(struct db *db, wg_time before, char name[WG_NAME_MAX + 1], struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, before)};
    PGresult *result = db_query(db, SQL_REMOVAL_BEGIN, 1, params, err);
    if (!result) return false;
    name[0] = '\0';
    if (PQntuples(result) > 0) db_copy(result, 0, 0, name, WG_NAME_MAX + 1);
    PQclear(result);
    return true;
}

bool removal_step(struct db *db, int64_t devices, struct removal_lot *out, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {param_number(most, devices)};
    PGresult *result = db_query(db, SQL_REMOVAL_STEP, 1, params, err);
    if (!result) return false;
    out->more = db_int(result, 0, 0) > 0;
    out->places = db_int(result, 0, 1);
    out->orders = db_int(result, 0, 2);
    db_copy(result, 0, 3, out->done, sizeof out->done);
    PQclear(result);
    return true;
}
