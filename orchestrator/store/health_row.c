/* health_row.c: one statement a kind, all of one form; and what is written once a day. */
#include "orchestrator/store/health_row.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    enum sql_name find;
} kinds[HEALTH_KINDS] = {
    {"crash-looping", SQL_HEALTH_CRASH_LOOPING},
    {"silent", SQL_HEALTH_SILENT},
    {"alarm", SQL_HEALTH_ALARM},
    {"quarantine", SQL_HEALTH_QUARANTINE},
    {"wrong-clock", SQL_HEALTH_WRONG_CLOCK},
    {"certificate-ending", SQL_HEALTH_CERTIFICATE},
    {"never-updated", SQL_HEALTH_NEVER_UPDATED},
    {"behind", SQL_HEALTH_BEHIND},
    {"unused", SQL_HEALTH_UNUSED},
};

const char *health_kind_text(size_t kind)
{
    return kind < HEALTH_KINDS ? kinds[kind].text : "";
}

static void read_row(const PGresult *result, int row, struct health_row *out)
{
    db_copy(result, row, 1, out->device, sizeof out->device);
    db_copy(result, row, 2, out->hardware_model, sizeof out->hardware_model);
    db_copy(result, row, 3, out->hardware_revision, sizeof out->hardware_revision);
    db_copy(result, row, 4, out->region, sizeof out->region);
    out->since = db_int(result, row, 5);
    out->number[0] = db_int(result, row, 6);
    out->number[1] = db_int(result, row, 7);
    db_copy(result, row, 8, out->text, sizeof out->text);
}

bool health_row_find(struct db *db, size_t kind, const char *scopes, wg_time now, int64_t most,
                     size_t limit, struct health_row **out, size_t *count, int64_t *devices,
                     struct wg_error *err)
{
    char at[PARAM_NUMBER], up_to[PARAM_NUMBER], shown[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now), param_number(up_to, most),
                                  param_number(shown, (int64_t)limit), scopes};
    *out = NULL;
    *count = 0;
    *devices = 0;
    PGresult *result = db_query(db, kinds[kind].find, 4, params, err);
    if (!result) return false;
    int rows = PQntuples(result);
    *out = calloc((size_t)rows + 1, sizeof **out);
    for (int i = 0; *out && i < rows; i++) read_row(result, i, &(*out)[(*count)++]);
    if (rows > 0) *devices = db_int(result, 0, 0);
    if (*devices > most) *devices = most;
    PQclear(result);
    return *out || wg_fail_memory(err, "looking for devices that are not well");
}

/* ---- once a day ---- */

static bool write_finding(struct db *db, size_t kind, wg_time now, int64_t most,
                          struct wg_error *err)
{
    struct health_row *rows = NULL;
    size_t count = 0;
    int64_t devices = 0;
    char at[PARAM_NUMBER], number[PARAM_NUMBER];
    if (!health_row_find(db, kind, NULL, now, most, 1, &rows, &count, &devices, err)) return false;
    free(rows);
    const char *const params[] = {param_number(at, now), kinds[kind].text,
                                  param_number(number, devices)};
    return db_run(db, SQL_FLEET_DAY_FINDING, 3, params, NULL, err);
}

static bool write_day(struct db *db, wg_time now, int64_t most, bool *made, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now)};
    PGresult *result = db_query(db, SQL_FLEET_DAY_BEGIN, 1, params, err);
    if (!result) return false;
    *made = PQntuples(result) == 1;
    PQclear(result);
    if (!*made) return true;
    bool ok = db_run(db, SQL_FLEET_DAY_VERSIONS, 1, params, NULL, err) &&
              db_run(db, SQL_FLEET_DAY_FORGET, 1, params, NULL, err);
    for (size_t kind = 0; ok && kind < HEALTH_KINDS; kind++)
        ok = write_finding(db, kind, now, most, err);
    return ok;
}

static bool is_written(struct db *db, wg_time now, bool *out, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now)};
    PGresult *result = db_query(db, SQL_FLEET_DAY_EXISTS, 1, params, err);
    if (!result) return false;
    *out = db_bool(result, 0, 0);
    PQclear(result);
    return true;
}

bool health_row_snapshot(struct db *db, wg_time now, int64_t most, bool *made, struct wg_error *err)
{
    bool there = false;
    *made = false;
    if (!is_written(db, now, &there, err)) return false;
    if (there) return true;
    bool ok = db_begin(db, err) && write_day(db, now, most, made, err) && db_commit(db, err);
    if (!ok) db_rollback(db);
    return ok;
}

/* ---- what was ---- */

static bool read_findings(struct db *db, struct health_past *out, struct wg_error *err)
{
    const char *const params[] = {out->week_ago};
    PGresult *result = db_query(db, SQL_FLEET_DAY_FINDINGS, 1, params, err);
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++)
        for (size_t kind = 0; kind < HEALTH_KINDS; kind++)
            if (strcmp(db_text(result, row, 0), kinds[kind].text) == 0)
                out->then[kind] = db_int(result, row, 1);
    PQclear(result);
    return true;
}

bool health_row_past(struct db *db, wg_time now, struct health_past *out, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now)};
    *out = (struct health_past){.day = ""};
    for (size_t kind = 0; kind < HEALTH_KINDS; kind++) out->then[kind] = -1;
    PGresult *result = db_query(db, SQL_FLEET_DAY_LAST, 1, params, err);
    if (!result) return false;
    if (PQntuples(result) == 1) {
        db_copy(result, 0, 0, out->day, sizeof out->day);
        out->devices = db_int(result, 0, 1);
        out->online = db_int(result, 0, 2);
        db_copy(result, 0, 3, out->week_ago, sizeof out->week_ago);
    }
    PQclear(result);
    return !out->week_ago[0] || read_findings(db, out, err);
}

bool fleet_day_list(struct db *db, const char *component, size_t limit, struct fleet_day_row **out,
                    size_t *count, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {component, param_number(most, (int64_t)limit)};
    bool ok = true;
    *count = 0;
    *out = NULL;
    PGresult *result = db_query(db, SQL_FLEET_DAY_LIST, 2, params, err);
    if (!result) return false;
    int rows = PQntuples(result);
    *out = calloc((size_t)rows + 1, sizeof **out);
    for (int i = 0; *out && i < rows && ok; i++) {
        struct fleet_day_row *row = &(*out)[(*count)++];
        db_copy(result, i, 0, row->day, sizeof row->day);
        row->devices = db_int(result, i, 1);
        row->online = db_int(result, i, 2);
        row->versions = strdup(db_text(result, i, 3));
        ok = row->versions != NULL;
    }
    ok = ok && *out;
    PQclear(result);
    if (ok) return true;
    fleet_day_free(*out, *count);
    *out = NULL;
    return wg_fail_memory(err, "reading the fleet's days");
}

void fleet_day_free(struct fleet_day_row *rows, size_t count)
{
    for (size_t i = 0; rows && i < count; i++) free(rows[i].versions);
    free(rows);
}

bool fleet_day_component(struct db *db, char out[WG_NAME_MAX + 1], struct wg_error *err)
{
    out[0] = '\0';
    PGresult *result = db_query(db, SQL_RELEASE_NEWEST, 0, NULL, err);
    if (!result) return false;
    if (PQntuples(result) == 1) db_copy(result, 0, 0, out, WG_NAME_MAX + 1);
    PQclear(result);
    return true;
}
