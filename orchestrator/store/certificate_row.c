/* certificate_row.c: the rows of certificate_end. */
#include "orchestrator/store/certificate_row.h"

#include "orchestrator/store/params.h"

bool certificate_row_seen(struct db *db, const char *kind, const char *name, wg_time end,
                          wg_time now, struct wg_error *err)
{
    char ends[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {kind, name, param_number(ends, end), param_number(at, now)};
    return db_run(db, SQL_CERTIFICATE_SEEN, 4, params, NULL, err);
}

bool certificate_row_forget(struct db *db, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now - CERTIFICATE_KEPT)};
    return db_run(db, SQL_CERTIFICATE_FORGET, 1, params, NULL, err);
}
