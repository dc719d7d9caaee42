/* restored.c: updates in hand, presence, and a row of the audit log. */
#include "orchestrator/store/restored.h"

#include "orchestrator/store/params.h"

static bool ask_again(struct db *db, struct wg_error *err)
{
    return db_run(db, SQL_RESTORED_PLACES, 0, NULL, NULL, err) &&
           db_run(db, SQL_RESTORED_COUNTS, 0, NULL, NULL, err) &&
           db_run(db, SQL_RESTORED_RECOUNTED, 0, NULL, NULL, err);
}

static bool take_presence(struct db *db, int64_t *devices, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_RESTORED_DEVICES, 0, NULL, err);
    if (result) *devices = db_int(result, 0, 0);
    PQclear(result);
    return result != NULL;
}

static bool tell(struct db *db, int64_t devices, struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {param_number(number, devices)};
    return db_run(db, SQL_RESTORED_TOLD, 1, params, NULL, err);
}

bool restored(struct db *db, int64_t *devices, struct wg_error *err)
{
    *devices = 0;
    if (!db_begin(db, err)) return false;
    if (ask_again(db, err) && take_presence(db, devices, err) && tell(db, *devices, err) &&
        db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
