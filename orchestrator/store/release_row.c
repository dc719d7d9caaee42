/* release_row.c: releases as they are stored. */
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/params.h"

#include "common/version.h"

#include <stdlib.h>
#include <string.h>

/* [[component, version]], as the statement made it. */
static void read_companions(const char *text, struct release_row *out)
{
    json_t *list = json_loads(text, 0, NULL);
    for (size_t i = 0; i < json_array_size(list) && i < WG_COMPANIONS_MAX; i++) {
        const json_t *entry = json_array_get(list, i);
        const char *name = json_string_value(json_array_get(entry, 0));
        const char *version = json_string_value(json_array_get(entry, 1));
        struct wg_component *companion = &out->companions[out->companion_count];
        if (name && version && wg_copy(companion->name, sizeof companion->name, name) &&
            wg_copy(companion->version, sizeof companion->version, version))
            out->companion_count++;
    }
    json_decref(list);
}

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
    db_copy(result, row, 10, out->depends, sizeof out->depends);
    read_companions(db_text(result, row, 11), out);
    out->approvals_wanted = db_int(result, row, 12);
    out->approvals = db_int(result, row, 13);
    db_copy(result, row, 14, out->state, sizeof out->state);
    db_copy(result, row, 15, out->refused_by, sizeof out->refused_by);
    db_copy(result, row, 16, out->refusal, sizeof out->refusal);
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

static bool same_companions(const struct release_row *a, const struct release_row *b)
{
    size_t found = 0;
    for (size_t i = 0; i < a->companion_count; i++)
        for (size_t j = 0; j < b->companion_count; j++)
            found += strcmp(a->companions[i].name, b->companions[j].name) == 0 &&
                     strcmp(a->companions[i].version, b->companions[j].version) == 0;
    return found == a->companion_count && found == b->companion_count;
}

static bool same_depends(const struct release_row *a, const struct release_row *b)
{
    json_t *one = json_loads(a->depends[0] ? a->depends : "{}", 0, NULL);
    json_t *other = json_loads(b->depends[0] ? b->depends : "{}", 0, NULL);
    bool same = json_equal(one, other);
    json_decref(one);
    json_decref(other);
    return same;
}

/* There already: the same again is fine. */
static bool check_stored(struct db *db, const struct release_row *row, struct wg_error *err)
{
    struct release_row stored = {.length = 0};
    if (!release_row_get(db, row->component, row->version, &stored, err)) return false;
    return (strcmp(stored.sha256, row->sha256) == 0 &&
            strcmp(stored.hardware_model, row->hardware_model) == 0 &&
            strcmp(stored.from_range, row->from_range) == 0 && same_depends(&stored, row) &&
            same_companions(&stored, row)) ||
           wg_fail(err, WG_E_CONFLICT,
                   "release %s/%s is published with other content: give it a new version",
                   row->component, row->version);
}

static bool insert(struct db *db, const struct release_row *row,
                   const struct release_signature *signature, const struct param_array with[2],
                   bool *added, struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX], length[PARAM_NUMBER], at[PARAM_NUMBER], wanted[PARAM_NUMBER];
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
                                  row->sealed ? "true" : "false",
                                  row->depends[0] ? row->depends : "{}",
                                  wg_buf_str(&with[0].text),
                                  wg_buf_str(&with[1].text),
                                  param_number(wanted, row->approvals_wanted)};
    PGresult *result = db_query(db, SQL_RELEASE_INSERT, 17, params, err);
    if (!result) return false;
    *added = db_int(result, 0, 0) == 1;
    PQclear(result);
    return true;
}

bool release_row_add(struct db *db, const struct release_row *row,
                     const struct release_signature *signature, bool *added, struct wg_error *err)
{
    struct param_array with[2];
    *added = false;
    for (size_t i = 0; i < 2; i++) param_array_init(&with[i]);
    for (size_t i = 0; i < row->companion_count; i++) {
        param_array_add(&with[0], row->companions[i].name);
        param_array_add(&with[1], row->companions[i].version);
    }
    for (size_t i = 0; i < 2; i++) (void)param_array_text(&with[i]);
    bool ok = param_array_check(&with[0], err) && param_array_check(&with[1], err) &&
              insert(db, row, signature, with, added, err);
    for (size_t i = 0; i < 2; i++) param_array_clear(&with[i]);
    return ok && (*added || check_stored(db, row, err));
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
