/* device_page.c: the fleet by filters. */
#include "orchestrator/store/device_page.h"

#include "orchestrator/store/document.h"
#include "orchestrator/store/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOUBLE_TEXT 40

bool device_page(struct db *db, const struct device_query *query, struct device_row **out,
                 size_t *count, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {query->after ? query->after : "",
                                  query->presence,
                                  query->region,
                                  query->model,
                                  query->component,
                                  query->version,
                                  query->tag,
                                  query->group,
                                  query->alarm,
                                  query->q,
                                  query->scopes,
                                  param_number(most, (int64_t)query->limit)};
    PGresult *result = db_query(db, SQL_DEVICE_PAGE, 12, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (size_t i = 0; *out && i < *count; i++) device_row_read(result, (int)i, &(*out)[i]);
    PQclear(result);
    return *out || wg_fail_memory(err, "listing devices");
}

bool device_in_scopes(struct db *db, const char *id, const char *scopes, bool *inside,
                      struct wg_error *err)
{
    const char *const params[] = {id, scopes};
    PGresult *result = db_query(db, SQL_DEVICE_IN_SCOPES, 2, params, err);
    if (!result) return false;
    bool found = PQntuples(result) > 0;
    *inside = found && db_bool(result, 0, 0);
    PQclear(result);
    return found || wg_fail(err, WG_E_NOT_FOUND, "there is no device \"%s\"", id);
}

json_t *device_fleet(struct db *db, const char *scopes, struct wg_error *err)
{
    const char *const params[] = {scopes};
    return document_get(db, SQL_DEVICE_FLEET, 1, params, err);
}

static const char *degrees(char out[DOUBLE_TEXT], double value)
{
    (void)snprintf(out, DOUBLE_TEXT, "%.9f", value);
    return out;
}

json_t *device_map(struct db *db, const struct device_box *box, const char *scopes,
                   struct wg_error *err)
{
    char west[DOUBLE_TEXT], south[DOUBLE_TEXT], east[DOUBLE_TEXT], north[DOUBLE_TEXT];
    char columns[PARAM_NUMBER];
    const char *const params[] = {
        degrees(west, box->west),   degrees(south, box->south),          degrees(east, box->east),
        degrees(north, box->north), param_number(columns, box->columns), scopes};
    return document_get(db, SQL_DEVICE_MAP, 6, params, err);
}
