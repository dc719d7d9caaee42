/* alarm_row.c: alarms: raised, listed, cleared, and what follows from them. */
#include "orchestrator/store/alarm_row.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds_text[ALARM_KINDS] = {
    [ALARM_CLONED] = "cloned",         [ALARM_CONNECT_STORM] = "connect-storm",
    [ALARM_FLOOD] = "flood",           [ALARM_REVOKED] = "revoked",
    [ALARM_ESCAPE] = "escape",         [ALARM_TAMPERED] = "tampered",
    [ALARM_QUARANTINE] = "quarantine",
};

const char *alarm_kind_text(enum alarm_kind kind)
{
    return (unsigned)kind < ALARM_KINDS ? kinds_text[kind] : "";
}

bool alarm_kind_parse(const char *text, enum alarm_kind *out)
{
    for (unsigned i = 0; i < ALARM_KINDS; i++)
        if (strcmp(text, kinds_text[i]) == 0) {
            *out = (enum alarm_kind)i;
            return true;
        }
    return false;
}

bool alarm_row_raise(struct db *db, const struct alarm *alarms, size_t count, struct wg_error *err)
{
    enum { COLUMNS = 5 };
    struct param_array columns[COLUMNS];
    const char *params[COLUMNS];
    if (count == 0) return true;
    for (size_t c = 0; c < COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        param_array_add(&columns[0], alarms[i].device);
        param_array_add(&columns[1], alarm_kind_text(alarms[i].kind));
        param_array_number(&columns[2], alarms[i].count);
        param_array_number(&columns[3], alarms[i].at);
        param_array_add(&columns[4], alarms[i].why);
    }
    bool ok = true;
    for (size_t c = 0; c < COLUMNS; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    ok = ok && db_run(db, SQL_ALARM_RAISE, COLUMNS, params, NULL, err);
    for (size_t c = 0; c < COLUMNS; c++) param_array_clear(&columns[c]);
    return ok;
}

static void read_alarm(const PGresult *result, int row, struct alarm_row *out)
{
    db_copy(result, row, 0, out->device, sizeof out->device);
    db_copy(result, row, 1, out->kind, sizeof out->kind);
    out->count = db_int(result, row, 2);
    out->first_at = db_int(result, row, 3);
    out->last_at = db_int(result, row, 4);
    db_copy(result, row, 5, out->why, sizeof out->why);
    out->cleared_at = db_int(result, row, 6);
    db_copy(result, row, 7, out->cleared_by, sizeof out->cleared_by);
    db_copy(result, row, 8, out->cleared_why, sizeof out->cleared_why);
}

bool alarm_row_list(struct db *db, const char *device, bool cleared, size_t limit,
                    struct alarm_row **out, size_t *count, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {device, cleared ? "true" : "false",
                                  param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_ALARM_LIST, 3, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (size_t i = 0; *out && i < *count; i++) read_alarm(result, (int)i, &(*out)[i]);
    PQclear(result);
    return *out || wg_fail_memory(err, "listing alarms");
}

bool alarm_row_clear(struct db *db, const struct alarm_clearing *clearing, wg_time now,
                     unsigned *kinds, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {clearing->device, clearing->kind, param_number(at, now),
                                  clearing->by, clearing->why};
    *kinds = 0;
    PGresult *result = db_query(db, SQL_ALARM_CLEAR, 5, params, err);
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++) {
        enum alarm_kind kind = ALARM_KINDS;
        if (alarm_kind_parse(db_text(result, row, 0), &kind)) *kinds |= 1U << (unsigned)kind;
    }
    PQclear(result);
    return db_run(db, SQL_ALARM_FORGET, 1, params, NULL, err);
}

bool alarm_row_quarantine(struct db *db, const struct alarm_quarantine *policy, wg_time now,
                          bool *any, struct wg_error *err)
{
    static const char *const sets[2][2] = {{"{quarantine}", "{tampered,quarantine}"},
                                           {"{cloned,quarantine}", "{cloned,tampered,quarantine}"}};
    char at[PARAM_NUMBER];
    const char *kinds = sets[policy->cloned][policy->tampered];
    const char *const params[] = {param_number(at, now), kinds};
    *any = false;
    if (!db_run(db, SQL_DEVICE_FREE, 1, &kinds, NULL, err)) return false;
    PGresult *result = db_query(db, SQL_DEVICE_QUARANTINE, 2, params, err);
    if (!result) return false;
    *any = db_bool(result, 0, 0);
    PQclear(result);
    return true;
}
