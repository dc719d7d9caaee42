/* group_row.c: groups and their members. */
#include "orchestrator/store/group_row.h"

#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 50

bool group_row_list(struct db *db, struct group_row **out, size_t *count, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_GROUP_LIST, 0, NULL, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof **out);
    for (size_t i = 0; *out && i < *count; i++) {
        db_copy(result, (int)i, 0, (*out)[i].name, sizeof(*out)[i].name);
        (*out)[i].devices = db_int(result, (int)i, 1);
    }
    PQclear(result);
    return *out || wg_fail_memory(err, "listing groups");
}

static bool all_there(struct db *db, const char *ids, struct wg_error *err)
{
    const char *const params[] = {ids};
    char names[WG_ERROR_TEXT_MAX - 64];
    PGresult *result = db_query(db, SQL_GROUP_MISSING, 1, params, err);
    if (!result) return false;
    int rows = PQntuples(result);
    size_t used = 0;
    for (int i = 0; i < rows && used < sizeof names; i++) {
        (void)wg_format(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                        db_text(result, i, 0));
        used += strlen(names + used);
    }
    PQclear(result);
    return rows == 0 || wg_fail(err, WG_E_NOT_FOUND, "no such devices: %s%s", names,
                                rows == 10 ? " and perhaps more" : "");
}

static bool count_members(struct db *db, const char *name, int64_t *out, struct wg_error *err)
{
    const char *const params[] = {name};
    PGresult *result = db_query(db, SQL_GROUP_COUNT, 1, params, err);
    if (!result) return false;
    *out = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

/* Who was named, up to a bound, how many of them it changed, and how many the group has. */
static bool tell(struct db *db, bool added, const char *name, const char *const *ids, size_t count,
                 int64_t changed, struct wg_error *err)
{
    int64_t members;
    json_t *named = json_array();
    for (size_t i = 0; named && i < count && i < TOLD_MAX; i++)
        (void)json_array_append_new(named, json_string(ids[i]));
    json_t *detail =
        json_pack("{s:I,s:o}", added ? "added" : "removed", (json_int_t)changed, "named", named);
    if (!count_members(db, name, &members, err)) {
        json_decref(detail);
        return false;
    }
    int64_t before = added ? members - changed : members + changed;
    const struct audit_change change = {.kind = "group",
                                        .subject = name,
                                        .detail = detail,
                                        .before = json_pack("{s:I}", "members", (json_int_t)before),
                                        .after =
                                            json_pack("{s:I}", "members", (json_int_t)members)};
    return audit_row_change(db, &change, err);
}

static bool change(struct db *db, enum sql_name statement, bool must_exist, const char *name,
                   const char *const *ids, size_t count, int64_t *changed, struct wg_error *err)
{
    struct param_array array;
    param_array_init(&array);
    for (size_t i = 0; i < count; i++) param_array_add(&array, ids[i]);
    const char *const params[] = {name, param_array_text(&array)};
    bool ok = param_array_check(&array, err) && (!must_exist || all_there(db, params[1], err)) &&
              db_run(db, statement, 2, params, changed, err);
    param_array_clear(&array);
    if (!ok || *changed == 0) return ok;
    return tell(db, statement == SQL_GROUP_ADD, name, ids, count, *changed, err);
}

bool group_row_add(struct db *db, const char *name, const char *const *ids, size_t count,
                   int64_t *changed, struct wg_error *err)
{
    return change(db, SQL_GROUP_ADD, true, name, ids, count, changed, err);
}

bool group_row_remove(struct db *db, const char *name, const char *const *ids, size_t count,
                      int64_t *changed, struct wg_error *err)
{
    return change(db, SQL_GROUP_REMOVE, true, name, ids, count, changed, err);
}

static bool no_group(const char *name, struct wg_error *err)
{
    return wg_fail(err, WG_E_NOT_FOUND, "there is no group \"%s\": see wavegate group list", name);
}

bool group_row_delete(struct db *db, const char *name, int64_t *changed, struct wg_error *err)
{
    const char *const params[] = {name};
    return db_run(db, SQL_GROUP_DELETE, 1, params, changed, err) &&
           (*changed > 0 || no_group(name, err)) && tell(db, false, name, NULL, 0, *changed, err);
}

static bool ask_count(struct db *db, enum sql_name statement, const char *first, const char *scopes,
                      int64_t *out, struct wg_error *err)
{
    const char *const params[] = {first, scopes};
    PGresult *result = db_query(db, statement, 2, params, err);
    if (!result) return false;
    *out = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

bool group_row_outside(struct db *db, const char *name, const char *const *ids, size_t count,
                       const char *scopes, int64_t *outside, struct wg_error *err)
{
    struct param_array array;
    if (!ids) return ask_count(db, SQL_GROUP_OUTSIDE, name, scopes, outside, err);
    param_array_init(&array);
    for (size_t i = 0; i < count; i++) param_array_add(&array, ids[i]);
    const char *text = param_array_text(&array);
    bool ok = param_array_check(&array, err) &&
              ask_count(db, SQL_GROUP_IDS_OUTSIDE, text, scopes, outside, err);
    param_array_clear(&array);
    return ok;
}

bool group_row_size(struct db *db, const char *name, const char *scopes, int64_t *devices,
                    struct wg_error *err)
{
    return ask_count(db, SQL_GROUP_SIZE, name, scopes, devices, err) &&
           (*devices > 0 || no_group(name, err));
}

bool group_row_members(struct db *db, const char *name, const char *after, size_t limit,
                       struct group_member **out, size_t *count, int64_t *total,
                       struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {name, after, param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_GROUP_MEMBERS, 3, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *total = *count > 0 ? db_int(result, 0, 1) : 0;
    bool none = *count == 0 && !*after;
    *out = none ? NULL : calloc(*count + 1, sizeof **out);
    for (size_t i = 0; *out && i < *count; i++)
        db_copy(result, (int)i, 0, (*out)[i].id, sizeof(*out)[i].id);
    PQclear(result);
    if (none) return no_group(name, err);
    return *out || wg_fail_memory(err, "listing a group");
}
