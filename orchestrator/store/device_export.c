/* device_export.c: pages of devices. */
#include "orchestrator/store/device_export.h"

#include "orchestrator/store/params.h"

#define PAGE 2000

bool device_export_begin(struct device_export *out, struct db *db, struct wg_error *err)
{
    out->db = db;
    return db_begin_snapshot(db, err) && db_run(db, SQL_IMPORT_SETTINGS, 0, NULL, NULL, err);
}

static bool tell_names(struct device_export *from, enum sql_name statement, size_t limit,
                       device_export_name_fn tell, void *ctx, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {from->tag, from->group, from->scopes,
                                  param_number(most, (int64_t)limit)};
    PGresult *result = db_query(from->db, statement, 4, params, err);
    bool ok = result != NULL;
    for (int i = 0; ok && i < PQntuples(result); i++) ok = tell(ctx, db_text(result, i, 0), err);
    PQclear(result);
    return ok;
}

bool device_export_components(struct device_export *from, size_t limit, device_export_name_fn tell,
                              void *ctx, struct wg_error *err)
{
    return tell_names(from, SQL_EXPORT_COMPONENTS, limit, tell, ctx, err);
}

bool device_export_attributes(struct device_export *from, size_t limit, device_export_name_fn tell,
                              void *ctx, struct wg_error *err)
{
    return tell_names(from, SQL_EXPORT_ATTRIBUTES, limit, tell, ctx, err);
}

static bool next_page(struct device_export *from, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {from->after, from->tag, from->group, from->scopes,
                                  param_number(most, PAGE)};
    PQclear(from->page);
    from->page = db_query(from->db, SQL_EXPORT_PAGE, 5, params, err);
    from->row = 0;
    if (!from->page) return false;
    int rows = PQntuples(from->page);
    if (rows > 0) db_copy(from->page, rows - 1, 0, from->after, sizeof from->after);
    from->ended = rows < PAGE;
    return true;
}

bool device_export_next(struct device_export *from, const char **json, struct wg_error *err)
{
    *json = NULL;
    if (!from->page || (from->row == PQntuples(from->page) && !from->ended))
        if (!next_page(from, err)) return false;
    if (from->row < PQntuples(from->page)) *json = db_text(from->page, from->row++, 1);
    return true;
}

void device_export_end(struct device_export *from)
{
    PQclear(from->page);
    from->page = NULL;
    if (from->db) db_rollback(from->db);
}
