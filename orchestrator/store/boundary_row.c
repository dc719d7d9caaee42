/* boundary_row.c: boundaries in and out, and the devices that lie in them. */
#include "orchestrator/store/boundary_row.h"

#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define DERIVE_PAGE 10000

const char *boundary_kind_text(enum boundary_kind kind)
{
    return kind == BOUNDARY_REGION ? "region" : "zone";
}

bool boundary_row_begin(struct db *db, struct wg_error *err)
{
    return db_run(db, SQL_IMPORT_SETTINGS, 0, NULL, NULL, err) &&
           db_run(db, SQL_BOUNDARY_TABLE, 0, NULL, NULL, err);
}

bool boundary_row_put(struct db *db, enum boundary_kind kind, const char *name,
                      const char *geometry, struct wg_error *err)
{
    const char *const params[] = {boundary_kind_text(kind), name, geometry};
    PGresult *result = db_query(db, SQL_BOUNDARY_STAGE, 3, params, err);
    if (!result) {
        if (err && db_is_up(db)) err->code = WG_E_BAD_FILE;
        return false;
    }
    bool empty = db_bool(result, 0, 0), outside = db_bool(result, 0, 1);
    PQclear(result);
    if (empty) return wg_fail(err, WG_E_BAD_FILE, "%s: the shape has no area", name);
    return !outside || wg_fail(err, WG_E_BAD_FILE,
                               "%s: the shape lies outside of longitude -180 to 180 and latitude "
                               "-90 to 90",
                               name);
}

static bool count_all(struct db *db, int64_t *out, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_BOUNDARY_COUNT, 0, NULL, err);
    if (!result) return false;
    *out = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

bool boundary_row_store(struct db *db, wg_time now, int64_t *stored, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now)};
    int64_t before, after;
    if (!count_all(db, &before, err) || !db_run(db, SQL_BOUNDARY_REPLACE, 1, params, stored, err) ||
        !db_run(db, SQL_BOUNDARY_CUT_OLD, 0, NULL, NULL, err) ||
        !db_run(db, SQL_BOUNDARY_CUT, 0, NULL, NULL, err) || !count_all(db, &after, err))
        return false;
    const struct audit_change change = {
        .kind = "boundary",
        .subject = "import",
        .at = now,
        .detail = json_pack("{s:I}", "stored", (json_int_t)*stored),
        .before = json_pack("{s:I}", "boundaries", (json_int_t)before),
        .after =
            json_pack("{s:I,s:I}", "boundaries", (json_int_t)after, "stored", (json_int_t)*stored)};
    return audit_row_change(db, &change, err);
}

static bool derive(struct db *db, struct param_array *ids, int64_t *changed, struct wg_error *err)
{
    int64_t count = 0;
    const char *const params[] = {param_array_text(ids)};
    bool ok =
        param_array_check(ids, err) && db_run(db, SQL_BOUNDARY_DERIVE, 1, params, &count, err);
    param_array_clear(ids);
    if (changed) *changed += count;
    return ok;
}

bool boundary_row_derive(struct db *db, const char *const *ids, size_t count, int64_t *changed,
                         struct wg_error *err)
{
    struct param_array array;
    param_array_init(&array);
    for (size_t i = 0; i < count; i++) param_array_add(&array, ids[i]);
    return derive(db, &array, changed, err);
}

static bool derive_cells(struct db *db, const PGresult *ids, int64_t *changed, struct wg_error *err)
{
    struct param_array array;
    param_array_init(&array);
    for (int i = 0; i < PQntuples(ids); i++) param_array_add(&array, db_text(ids, i, 0));
    return derive(db, &array, changed, err);
}

bool boundary_row_derive_cells(struct db *db, const PGresult *ids, struct wg_error *err)
{
    return derive_cells(db, ids, NULL, err);
}

bool boundary_row_derive_all(struct db *db, int64_t *changed, struct wg_error *err)
{
    char after[WG_NAME_MAX + 1] = "", most[PARAM_NUMBER];
    int rows = DERIVE_PAGE;
    *changed = 0;
    /* told beforehand: a page is a transaction of its own */
    if (!audit_row_add(db, "boundary", "derive", json_object(), 0, err)) return false;
    while (rows == DERIVE_PAGE) {
        const char *const params[] = {after, param_number(most, DERIVE_PAGE)};
        PGresult *result = db_query(db, SQL_BOUNDARY_IDS, 2, params, err);
        if (!result) return false;
        rows = PQntuples(result);
        if (rows > 0) db_copy(result, rows - 1, 0, after, sizeof after);
        bool ok = rows == 0 || derive_cells(db, result, changed, err);
        PQclear(result);
        if (!ok) return false;
    }
    const struct audit_change done = {
        .kind = "boundary",
        .subject = "derive",
        .detail = json_object(),
        .after = json_pack("{s:I}", "devices_changed", (json_int_t)*changed)};
    return audit_row_change(db, &done, err);
}

bool boundary_row_list(struct db *db, struct boundary_row **out, size_t *count,
                       struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_BOUNDARY_LIST, 0, NULL, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof **out);
    for (size_t i = 0; *out && i < *count; i++) {
        struct boundary_row *row = &(*out)[i];
        db_copy(result, (int)i, 0, row->kind, sizeof row->kind);
        db_copy(result, (int)i, 1, row->name, sizeof row->name);
        row->area = strtod(db_text(result, (int)i, 2), NULL);
        row->imported_at = db_int(result, (int)i, 3);
        row->devices = db_int(result, (int)i, 4);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "listing boundaries");
}
