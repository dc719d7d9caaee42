/* approval_row.c: approvals as operators left them, and the verdict on each. */
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>

bool approval_row_add(struct db *db, const struct approval_row *row, wg_duration expires,
                      wg_time now, struct wg_error *err)
{
    char id[PARAM_NUMBER], wave[PARAM_NUMBER], at[PARAM_NUMBER], life[PARAM_NUMBER];
    const char *const params[] = {param_number(id, row->campaign),
                                  param_number(wave, (int64_t)row->wave),
                                  row->operator_name,
                                  row->role,
                                  row->digest,
                                  row->statement,
                                  row->chain,
                                  param_number(at, now)};
    const char *const stale[] = {id, wave, row->operator_name, at, param_number(life, expires)};
    bool start = row->wave == APPROVAL_START;
    if (!db_run(db, SQL_APPROVAL_FORGET_REFUSED, 5, stale, NULL, err)) return false;
    if (!db_run(db, SQL_APPROVAL_INSERT, 8, params, NULL, err)) {
        if (err && err->code == WG_E_CONFLICT)
            return wg_fail(err, WG_E_CONFLICT, "%s has approved %s%s of %s already",
                           row->operator_name, start ? "the start" : "wave ", row->wave_name,
                           row->campaign_name);
        return false;
    }
    return store_notify(db, err);
}

bool approval_row_unchecked(struct db *db, struct approval_row **out, size_t *count,
                            struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_APPROVAL_UNCHECKED, 0, NULL, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (int i = 0; *out && i < (int)*count; i++) {
        struct approval_row *row = &(*out)[i];
        row->campaign = db_int(result, i, 0);
        row->wave = (size_t)db_int(result, i, 1);
        db_copy(result, i, 2, row->campaign_name, sizeof row->campaign_name);
        db_copy(result, i, 3, row->wave_name, sizeof row->wave_name);
        db_copy(result, i, 4, row->author, sizeof row->author);
        db_copy(result, i, 5, row->digest, sizeof row->digest);
        db_copy(result, i, 6, row->operator_name, sizeof row->operator_name);
        db_copy(result, i, 7, row->role, sizeof row->role);
        db_copy(result, i, 8, row->statement, sizeof row->statement);
        db_copy(result, i, 9, row->chain, sizeof row->chain);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "reading approvals");
}

bool approval_row_judge(struct db *db, const struct approval_row *row, bool valid,
                        const char *refusal, struct wg_error *err)
{
    char id[PARAM_NUMBER], wave[PARAM_NUMBER];
    const char *const params[] = {param_number(id, row->campaign),
                                  param_number(wave, (int64_t)row->wave),
                                  row->operator_name,
                                  valid ? "true" : "false",
                                  refusal,
                                  row->statement};
    return db_run(db, SQL_APPROVAL_JUDGE, 6, params, NULL, err);
}

bool approval_row_verdict(struct db *db, const struct approval_row *row,
                          enum approval_verdict *verdict, char refusal[APPROVAL_REFUSAL_MAX],
                          struct wg_error *err)
{
    char id[PARAM_NUMBER], wave[PARAM_NUMBER];
    const char *const params[] = {param_number(id, row->campaign),
                                  param_number(wave, (int64_t)row->wave), row->operator_name};
    PGresult *result = db_query(db, SQL_APPROVAL_VERDICT, 3, params, err);
    if (!result) return false;
    *verdict = APPROVAL_UNJUDGED;
    refusal[0] = '\0';
    if (PQntuples(result) == 1 && db_text(result, 0, 0)[0])
        *verdict = db_bool(result, 0, 0) ? APPROVAL_VALID : APPROVAL_REFUSED;
    if (PQntuples(result) == 1) db_copy(result, 0, 1, refusal, APPROVAL_REFUSAL_MAX);
    PQclear(result);
    return true;
}

bool approval_names(struct db *db, int64_t campaign, struct approval_name **out, size_t *count,
                    struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    PGresult *result = db_query(db, SQL_APPROVAL_NAMES, 1, params, err);
    if (!result) return false;
    size_t rows = (size_t)PQntuples(result);
    struct approval_name *names = calloc(rows ? rows : 1, sizeof *names);
    for (size_t i = 0; names && i < rows; i++) {
        names[i].wave = db_int(result, (int)i, 0);
        db_copy(result, (int)i, 1, names[i].operator_name, sizeof names[i].operator_name);
        names[i].at = db_int(result, (int)i, 2);
    }
    PQclear(result);
    if (!names) return wg_fail_memory(err, "reading approvals");
    *out = names;
    *count = rows;
    return true;
}
