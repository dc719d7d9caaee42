/* plan_question.c: what else a person wants to know of a plan's members. */
#include "orchestrator/store/params.h"
#include "orchestrator/store/plan_row.h"

#include <stdlib.h>
#include <string.h>

bool plan_overlaps(struct db *db, int64_t revises, struct plan_overlap **out, size_t *count,
                   struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, revises)};
    PGresult *result = db_query(db, SQL_PLAN_OVERLAPS, 1, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (int i = 0; *out && i < (int)*count; i++) {
        struct plan_overlap *overlap = &(*out)[i];
        db_copy(result, i, 0, overlap->campaign, sizeof overlap->campaign);
        db_copy(result, i, 1, overlap->state, sizeof overlap->state);
        overlap->priority = db_int(result, i, 2);
        overlap->id = db_int(result, i, 3);
        overlap->devices = db_int(result, i, 4);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "planning");
}

bool plan_habits(struct db *db, const char *component, struct plan_habits *out,
                 struct wg_error *err)
{
    const char *const params[] = {component};
    PGresult *result = db_query(db, SQL_PLAN_HABITS, 1, params, err);
    if (!result) return false;
    out->past_updates = db_int(result, 0, 0);
    out->typical_update = db_int(result, 0, 1);
    PQclear(result);
    return true;
}

bool plan_crowds(struct db *db, const char *name, size_t attribute, struct plan_habits *out,
                 struct wg_error *err)
{
    const char *const params[] = {name};
    PGresult *result = db_query(db, SQL_PLAN_CROWDS, 1, params, err);
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t wave = db_int(result, row, 0);
        if (wave >= 0 && wave < WAVE_ROWS_MAX && attribute < PLAN_CAPS_MAX)
            out->waves[wave].crowd[attribute] = db_int(result, row, 1);
    }
    PQclear(result);
    return true;
}

bool plan_spots(struct db *db, struct plan_spot **out, size_t *count, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PLAN_SPOTS, 0, NULL, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (int i = 0; *out && i < (int)*count; i++)
        (*out)[i] = (struct plan_spot){.wave = (size_t)db_int(result, i, 0),
                                       .lat = strtod(db_text(result, i, 1), NULL),
                                       .lon = strtod(db_text(result, i, 2), NULL),
                                       .devices = db_int(result, i, 3)};
    PQclear(result);
    return *out || wg_fail_memory(err, "planning");
}

bool plan_drift(struct db *db, const char *ids, const char *waves, int64_t *drift,
                struct wg_error *err)
{
    const char *const params[] = {ids, waves};
    PGresult *result = db_query(db, SQL_PLAN_DRIFT, 2, params, err);
    if (!result) return false;
    *drift = db_int(result, 0, 0);
    PQclear(result);
    return true;
}
