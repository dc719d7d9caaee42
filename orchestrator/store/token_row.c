/* token_row.c: tokens of scripts as they are stored. */
#include "orchestrator/store/token_row.h"

#include "orchestrator/store/people_part.h"
#include "orchestrator/store/person_row.h"

#include <string.h>

static bool read_permissions(const char *text, permission_set *out, struct wg_error *err)
{
    json_t *list = people_value(text, err);
    bool ok = list && permission_set_read(list, out, err);
    json_decref(list);
    return ok;
}

static bool read_scope(const char *text, struct scope *out, struct wg_error *err)
{
    json_t *value = people_value(text, err);
    bool ok = value && scope_read(value, out, err);
    json_decref(value);
    return ok;
}

/* The columns of token_get and token_list. */
static bool read_row(const PGresult *result, int row, struct token_row *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    out->id = db_int(result, row, 0);
    db_copy(result, row, 1, out->name, sizeof out->name);
    db_copy(result, row, 2, out->maker, sizeof out->maker);
    out->made_at = db_int(result, row, 5);
    out->ends_at = db_int(result, row, 6);
    out->used_at = db_int(result, row, 7);
    return (read_permissions(db_text(result, row, 3), &out->permissions, err) &&
            read_scope(db_text(result, row, 4), &out->scope, err)) ||
           wg_context(err, "token %s of %s", out->name, out->maker);
}

bool token_row_each(struct db *db, const char *maker, int64_t after, size_t limit,
                    token_row_fn take, void *ctx, struct wg_error *err)
{
    char from[PARAM_NUMBER], most[PARAM_NUMBER];
    struct token_row row;
    const char *const params[] = {maker, param_number(from, after),
                                  param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_TOKEN_LIST, 3, params, err);
    bool ok = result != NULL;
    for (int i = 0; ok && i < PQntuples(result); i++)
        ok = read_row(result, i, &row, err) && take(ctx, &row, err);
    PQclear(result);
    return ok;
}

static bool no_token(int64_t id, struct wg_error *err)
{
    return wg_fail(err, WG_E_NOT_FOUND, "there is no token %lld of yours", (long long)id);
}

bool token_row_get(struct db *db, int64_t id, struct token_row *out, struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id)};
    memset(out, 0, sizeof *out);
    PGresult *result = db_query(db, SQL_TOKEN_GET, 1, params, err);
    if (!result) return false;
    bool ok = PQntuples(result) == 1 ? read_row(result, 0, out, err) : no_token(id, err);
    PQclear(result);
    return ok;
}

static bool check_maker(const struct who *maker, struct wg_error *err)
{
    if (maker->how == WHO_TOKEN)
        return wg_fail(err, WG_E_DENIED, "a token makes no tokens: sign in");
    return maker->known ||
           wg_fail(err, WG_E_DENIED,
                   "%s is known by certificate alone: an owner adds who makes tokens to the people",
                   maker->name);
}

static bool check_wish(const struct who *maker, const struct token_row *wish, wg_time now,
                       struct wg_error *err)
{
    if (!wg_name_is_valid(wish->name))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "name: expected letters, digits, '.', '_', '-', at most %d", WG_NAME_MAX);
    if (wish->ends_at <= now || wish->ends_at > now + TOKEN_LIFE_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "ends: expected a time within the next %d days",
                       (int)(TOKEN_LIFE_MAX / WG_DAY));
    if (!wish->permissions)
        return wg_fail(err, WG_E_BAD_INPUT, "permissions: expected at least one");
    for (size_t i = 0; i < PERMISSIONS; i++)
        if (permission_in(wish->permissions, (enum permission)i) &&
            !grants_may_within(&maker->grants, (enum permission)i, &wish->scope))
            return wg_fail(err, WG_E_DENIED,
                           "%s within that scope is not yours: a token may no more than its maker",
                           permission_name((enum permission)i));
    return true;
}

static bool add(struct db *db, const struct who *maker, const struct token_row *wish, wg_time now,
                const struct token_secret *secret, int64_t *id, struct wg_error *err)
{
    char at[PARAM_NUMBER], ends[PARAM_NUMBER];
    struct wg_buf permissions, scope;
    struct wg_error why = {0};
    PGresult *result = NULL;
    bool first = people_text(permission_set_json(wish->permissions), &permissions, err);
    bool ok = people_text(scope_json(&wish->scope), &scope, err) && first;
    const char *const params[] = {secret->hash,
                                  maker->name,
                                  wish->name,
                                  wg_buf_str(&permissions),
                                  wg_buf_str(&scope),
                                  param_number(at, now),
                                  param_number(ends, wish->ends_at)};
    if (ok) result = db_query(db, SQL_TOKEN_ADD, 7, params, &why);
    if (result)
        *id = db_int(result, 0, 0);
    else if (ok)
        ok = why.code == WG_E_CONFLICT
                 ? wg_fail(err, WG_E_CONFLICT, "you have a token \"%s\" already", wish->name)
                 : wg_fail(err, why.code, "%s", why.text);
    PQclear(result);
    wg_buf_clear(&permissions);
    wg_buf_clear(&scope);
    return ok;
}

bool token_row_make(struct db *db, const struct who *maker, const struct token_row *wish,
                    wg_time now, struct token_row *out, struct token_secret *secret,
                    struct wg_error *err)
{
    *out = *wish;
    memset(secret, 0, sizeof *secret);
    if (!check_maker(maker, err) || !check_wish(maker, wish, now, err) ||
        !token_make(TOKEN_SCRIPT, secret, err))
        return false;
    out->made_at = now;
    out->used_at = 0;
    (void)wg_copy(out->maker, sizeof out->maker, maker->name);
    if (add(db, maker, wish, now, secret, &out->id, err)) return true;
    token_clear(secret);
    return false;
}

static bool may_end(struct db *db, const struct who *by, const struct token_row *row, bool *may,
                    struct wg_error *err)
{
    struct person_row maker;
    bool own = strcmp(by->name, row->maker) == 0;
    *may = own && (by->how != WHO_TOKEN || by->id == row->id);
    if (own || !grants_may(&by->grants, MAY_PEOPLE_MANAGE)) return true;
    if (!person_row_get(db, row->maker, &maker, err)) return false;
    *may = grants_cover_all(&by->grants, &maker.grants);
    return true;
}

bool token_row_end(struct db *db, const struct who *by, int64_t id, wg_time now,
                   struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id), param_number(at, now)};
    struct token_row row;
    bool may = false;
    if (!token_row_get(db, id, &row, err) || !may_end(db, by, &row, &may, err)) return false;
    return may ? db_run(db, SQL_TOKEN_END, 2, params, NULL, err) : no_token(id, err);
}
