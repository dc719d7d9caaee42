/* report_keep.c: asks the function that makes and drops months. */
#include "orchestrator/store/report_keep.h"

#include "orchestrator/store/params.h"

bool report_keep(struct db *db, wg_time now, wg_duration kept, char dropped[REPORT_DROPPED_TEXT],
                 struct wg_error *err)
{
    char at[PARAM_NUMBER], days[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now), param_number(days, kept / WG_DAY)};
    dropped[0] = '\0';
    PGresult *result = db_query(db, SQL_REPORT_KEEP, 2, params, err);
    if (!result) return false;
    db_copy(result, 0, 0, dropped, REPORT_DROPPED_TEXT);
    PQclear(result);
    return true;
}
