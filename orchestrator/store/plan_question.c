/* plan_question.c: what else a person wants to know of a plan's members. */
#include "orchestrator/store/params.h"
#include "orchestrator/store/plan_row.h"

#include <stdlib.h>

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

bool plan_habits(struct db *db, const char *component, wg_time now, struct plan_habits *out,
                 struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {component, param_number(at, now)};
    PGresult *result = db_query(db, SQL_PLAN_HABITS, 2, params, err);
    if (!result) return false;
    *out = (struct plan_habits){.online = db_int(result, 0, 0),
                                .unseen_week = db_int(result, 0, 1),
                                .without_position = db_int(result, 0, 2),
                                .past_updates = db_int(result, 0, 3),
                                .typical_update = db_int(result, 0, 4)};
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
