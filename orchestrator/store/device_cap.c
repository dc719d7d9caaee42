/* device_cap.c: what caps and windows ask of a device: who counts against a value of an attribute,
 * and which time zones there are. */
#include "orchestrator/store/device_row.h"

#include "orchestrator/store/params.h"

#include <string.h>

static bool read_holder(const PGresult *result, int row, struct device_cap_row *out)
{
    struct device_cap_holder *holder = &out->holders[out->shown];
    if (out->shown == DEVICE_CAP_SHOWN) return true;
    db_copy(result, row, 1, out->value, sizeof out->value);
    out->devices = db_int(result, row, 2);
    db_copy(result, row, 3, holder->device, sizeof holder->device);
    db_copy(result, row, 4, holder->campaign, sizeof holder->campaign);
    holder->since = db_int(result, row, 6);
    out->shown++;
    return wg_state_parse(db_text(result, row, 5), &holder->state);
}

static bool read_cap(const PGresult *result, int row, const char *const *attributes, size_t count,
                     struct device_cap_row *out)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(db_text(result, row, 0), attributes[i]) == 0)
            return read_holder(result, row, &out[i]);
    return true;
}

bool device_row_caps(struct db *db, const char *id, const char *const *attributes, size_t count,
                     struct device_cap_row *out, struct wg_error *err)
{
    struct param_array names;
    memset(out, 0, count * sizeof *out);
    if (count == 0) return true;
    param_array_init(&names);
    for (size_t i = 0; i < count; i++) param_array_add(&names, attributes[i]);
    const char *const params[] = {id, param_array_text(&names)};
    PGresult *result =
        param_array_check(&names, err) ? db_query(db, SQL_DEVICE_CAPS, 2, params, err) : NULL;
    bool ok = result != NULL;
    for (int row = 0; ok && row < PQntuples(result); row++)
        if (!read_cap(result, row, attributes, count, out))
            ok = wg_fail(err, WG_E_DATABASE, "a device is in no known state");
    PQclear(result);
    param_array_clear(&names);
    return ok;
}

bool device_row_site_zone(struct db *db, const char *id, char out[WG_ZONE_MAX + 1],
                          struct wg_error *err)
{
    const char *const params[] = {id};
    PGresult *result = db_query(db, SQL_DEVICE_SITE_ZONE, 1, params, err);
    if (!result) return false;
    out[0] = '\0';
    if (PQntuples(result) == 1) db_copy(result, 0, 0, out, WG_ZONE_MAX + 1);
    PQclear(result);
    return true;
}

bool device_row_zones(struct db *db, char (*out)[WG_ZONE_MAX + 1], size_t max, size_t *count,
                      struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_DEVICE_ZONES, 0, NULL, err);
    if (!result) return false;
    *count = 0;
    for (int row = 0; row < PQntuples(result) && *count < max; row++)
        db_copy(result, row, 0, out[(*count)++], WG_ZONE_MAX + 1);
    PQclear(result);
    return true;
}
