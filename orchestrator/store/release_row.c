/* release_row.c: releases as they are stored. */
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/params.h"

#include "common/version.h"

#include <stdlib.h>
#include <string.h>

static void read_release(const PGresult *result, int row, struct release_row *out)
{
    memset(out, 0, sizeof *out);
    db_copy(result, row, 0, out->component, sizeof out->component);
    db_copy(result, row, 1, out->version, sizeof out->version);
    db_copy(result, row, 2, out->sha256, sizeof out->sha256);
    out->length = db_int(result, row, 3);
    db_copy(result, row, 4, out->hardware_model, sizeof out->hardware_model);
    db_copy(result, row, 5, out->notes, sizeof out->notes);
    db_copy(result, row, 6, out->added_by, sizeof out->added_by);
    out->added_at = db_int(result, row, 7);
    db_copy(result, row, 8, out->from_range, sizeof out->from_range);
    out->sealed = db_bool(result, row, 9);
}

bool release_row_get(struct db *db, const char *component, const char *version,
                     struct release_row *out, struct wg_error *err)
{
    const char *const params[] = {component, version};
    PGresult *result = db_query(db, SQL_RELEASE_GET, 2, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    if (found) read_release(result, 0, out);
    PQclear(result);
    return found || wg_fail(err, WG_E_NOT_FOUND,
                            "there is no release %s/%s: publish it with wavegate release add",
                            component, version);
}

bool release_row_signature(struct db *db, const char *component, const char *version,
                           struct release_signature *out, struct wg_error *err)
{
    const char *const params[] = {component, version};
    PGresult *result = db_query(db, SQL_RELEASE_SIGNATURE, 2, params, err);
    if (!result) return false;
    memset(out, 0, sizeof *out);
    if (PQntuples(result) == 1) {
        db_copy(result, 0, 0, out->added_by, sizeof out->added_by);
        db_copy(result, 0, 1, out->statement, sizeof out->statement);
        db_copy(result, 0, 2, out->chain, sizeof out->chain);
    }
    PQclear(result);
    return true;
}

bool release_row_add(struct db *db, const struct release_row *row,
                     const struct release_signature *signature, bool *added, struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX], length[PARAM_NUMBER], at[PARAM_NUMBER];
    struct release_row stored;
    int64_t affected = 0;
    if (!wg_version_key(row->version, key, err)) return false;
    const char *const params[] = {row->component,
                                  row->version,
                                  key,
                                  row->sha256,
                                  param_number(length, row->length),
                                  row->hardware_model,
                                  row->notes,
                                  param_number(at, row->added_at),
                                  row->added_by,
                                  row->from_range,
                                  signature ? signature->statement : "",
                                  signature ? signature->chain : "",
                                  row->sealed ? "true" : "false"};
    if (!db_run(db, SQL_RELEASE_INSERT, 13, params, &affected, err)) return false;
    *added = affected == 1;
    if (*added) return true;
    if (!release_row_get(db, row->component, row->version, &stored, err)) return false;
    if (strcmp(stored.sha256, row->sha256) != 0 ||
        strcmp(stored.hardware_model, row->hardware_model) != 0 ||
        strcmp(stored.from_range, row->from_range) != 0)
        return wg_fail(err, WG_E_CONFLICT,
                       "release %s/%s is published with other content: give it a new version",
                       row->component, row->version);
    return true;
}

bool release_form_add(struct db *db, const struct release_row *row, bool *added,
                      struct wg_error *err)
{
    char length[PARAM_NUMBER], at[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {row->component,
                                  row->version,
                                  row->sha256,
                                  param_number(length, row->length),
                                  row->sealed ? "true" : "false",
                                  param_number(at, row->added_at),
                                  row->added_by,
                                  param_number(most, WG_FORMS_MAX)};
    struct release_row release;
    int64_t affected = 0;
    if (!release_row_get(db, row->component, row->version, &release, err) ||
        !db_run(db, SQL_RELEASE_FORM_INSERT, 8, params, &affected, err))
        return false;
    *added = affected == 1;
    if (*added) return true;
    PGresult *result = db_query(db, SQL_RELEASE_FORM_GET, 3, params, err);
    if (!result) return false;
    bool there = PQntuples(result) == 1;
    PQclear(result);
    return there ||
           wg_fail(err, WG_E_LIMIT, "%s/%s has %d forms already, more do not go into an order",
                   row->component, row->version, WG_FORMS_MAX);
}

bool release_row_list(struct db *db, struct release_row **out, size_t *count, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_RELEASE_LIST, 0, NULL, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (size_t i = 0; *out && i < *count; i++) read_release(result, (int)i, &(*out)[i]);
    PQclear(result);
    return *out || wg_fail_memory(err, "listing releases");
}
