/* device_detail.c: one device, read for a person. */
#include "orchestrator/store/device_detail.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>

static void read_detail(const PGresult *result, struct device_detail *out)
{
    db_copy(result, 0, 0, out->groups, sizeof out->groups);
    db_copy(result, 0, 1, out->age_recipient, sizeof out->age_recipient);
    out->enrolled = db_bool(result, 0, 2);
    out->settled_at = db_int(result, 0, 3);
    out->boot_at = db_int(result, 0, 4);
    out->boot_run = db_int(result, 0, 5);
    out->due_at = db_int(result, 0, 6);
    out->absences = db_int(result, 0, 7);
    out->usually_away = db_int(result, 0, 8) * WG_SECOND;
    out->clock_off = db_int(result, 0, 9);
    out->certificate_ends = db_int(result, 0, 10);
    out->updated_at = db_int(result, 0, 11);
    db_copy(result, 0, 12, out->revoked_why, sizeof out->revoked_why);
}

bool device_detail_get(struct db *db, const char *id, struct device_detail *out,
                       struct wg_error *err)
{
    const char *const params[] = {id};
    PGresult *result = db_query(db, SQL_DEVICE_DETAIL, 1, params, err);
    *out = (struct device_detail){.enrolled = false};
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    if (found) read_detail(result, out);
    PQclear(result);
    return found || wg_fail(err, WG_E_NOT_FOUND, "there is no device \"%s\"", id);
}

static void read_head(const PGresult *result, int row, struct device_log_head *out)
{
    out->received = db_int(result, row, 0);
    out->at = db_int(result, row, 1);
    db_copy(result, row, 2, out->campaign, sizeof out->campaign);
    out->attempt = db_int(result, row, 3);
    db_copy(result, row, 4, out->order, sizeof out->order);
    db_copy(result, row, 5, out->source, sizeof out->source);
    out->cut = db_bool(result, row, 6);
    out->bytes = db_int(result, row, 7);
}

bool device_log_heads(struct db *db, const char *device, size_t limit, struct device_log_head **out,
                      size_t *count, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {device, param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_DEVICE_LOG_HEADS, 2, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof **out);
    for (size_t i = 0; *out && i < *count; i++) read_head(result, (int)i, &(*out)[i]);
    PQclear(result);
    return *out || wg_fail_memory(err, "listing logs");
}
