/* who_row.c: by session, token and certificate. */
#include "orchestrator/store/people_part.h"
#include "orchestrator/store/sign_in.h"

#include <string.h>

#define SEEN_STEP WG_MINUTE /* uses within are not written */

static bool fill(const char *name, bool disabled, const char *grants, struct who *out,
                 struct wg_error *err)
{
    if (disabled) return wg_fail(err, WG_E_DENIED, "%s may not come in: an owner said so", name);
    out->known = true;
    (void)wg_copy(out->name, sizeof out->name, name);
    return grants_parse(grants, &out->grants, err) || wg_context(err, "%s", name);
}

static bool done(struct who *out, bool ok)
{
    if (ok)
        out->permissions = grants_permissions(&out->grants);
    else
        memset(out, 0, sizeof *out);
    return ok;
}

static bool note_use(struct db *db, enum sql_name statement, int64_t id, wg_time last, wg_time now,
                     struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id), param_number(at, now)};
    return now < last + SEEN_STEP || db_run(db, statement, 2, params, NULL, err);
}

static bool take_session(struct db *db, const PGresult *result, wg_time now, struct who *out,
                         struct wg_error *err)
{
    if (PQntuples(result) != 1)
        return wg_fail(err, WG_E_DENIED, "this session is over: sign in again");
    wg_time made = db_int(result, 0, 1), seen = db_int(result, 0, 2);
    if (now >= session_ends(made, seen))
        return wg_fail(err, WG_E_DENIED, "this session has ended: sign in again");
    out->how = WHO_SESSION;
    out->id = db_int(result, 0, 0);
    out->ends = session_ends(made, now);
    out->by_openid = db_bool(result, 0, 6);
    return fill(db_text(result, 0, 3), db_bool(result, 0, 4), db_text(result, 0, 5), out, err) &&
           note_use(db, SQL_SESSION_SEEN, out->id, seen, now, err);
}

bool who_by_session(struct db *db, const char *cookie, wg_time now, struct who *out,
                    struct wg_error *err)
{
    char hash[WG_SHA256_HEX];
    const char *const params[] = {hash};
    memset(out, 0, sizeof *out);
    if (!token_read(TOKEN_SESSION, cookie, hash, err)) return false;
    PGresult *result = db_query(db, SQL_SESSION_WHO, 1, params, err);
    if (!result) return false;
    bool ok = take_session(db, result, now, out, err) && token_csrf(cookie, out->csrf, err);
    PQclear(result);
    return done(out, ok);
}

/* What its maker may now, as far as the token goes. */
static bool limit(const PGresult *result, struct who *out, struct wg_error *err)
{
    struct grants maker = out->grants;
    struct scope scope;
    permission_set permissions = 0;
    json_t *words = people_value(db_text(result, 0, 6), err);
    json_t *value = words ? people_value(db_text(result, 0, 7), err) : NULL;
    bool ok =
        value && permission_set_read(words, &permissions, err) && scope_read(value, &scope, err);
    json_decref(words);
    json_decref(value);
    if (ok) grants_limit(&maker, permissions, &scope, &out->grants);
    return ok;
}

static bool take_token(struct db *db, const PGresult *result, wg_time now, struct who *out,
                       struct wg_error *err)
{
    if (PQntuples(result) != 1)
        return wg_fail(err, WG_E_DENIED, "this token holds no more: make another one");
    out->ends = db_int(result, 0, 1);
    if (now >= out->ends)
        return wg_fail(err, WG_E_DENIED, "this token has ended: make another one");
    out->how = WHO_TOKEN;
    out->id = db_int(result, 0, 0);
    return fill(db_text(result, 0, 3), db_bool(result, 0, 4), db_text(result, 0, 5), out, err) &&
           limit(result, out, err) &&
           note_use(db, SQL_TOKEN_USED, out->id, db_int(result, 0, 2), now, err);
}

bool who_by_token(struct db *db, const char *token, wg_time now, struct who *out,
                  struct wg_error *err)
{
    char hash[WG_SHA256_HEX];
    const char *const params[] = {hash};
    memset(out, 0, sizeof *out);
    if (!token_read(TOKEN_SCRIPT, token, hash, err)) return false;
    PGresult *result = db_query(db, SQL_TOKEN_WHO, 1, params, err);
    if (!result) return false;
    bool ok = take_token(db, result, now, out, err);
    PQclear(result);
    return done(out, ok);
}

static bool take_certificate(const PGresult *result, const char *name, const char *role_text,
                             struct who *out, struct wg_error *err)
{
    enum role role;
    out->how = WHO_CERTIFICATE;
    if (PQntuples(result) == 1)
        return fill(name, db_bool(result, 0, 0), db_text(result, 0, 1), out, err);
    if (!wg_name_is_valid(name) || !role_find(role_text, &role))
        return wg_fail(err, WG_E_DENIED, "the certificate names no operator with a role");
    (void)wg_copy(out->name, sizeof out->name, name);
    grants_of_role(role, &out->grants);
    return true;
}

bool who_by_certificate(struct db *db, const char *name, const char *role, struct who *out,
                        struct wg_error *err)
{
    const char *const params[] = {name};
    memset(out, 0, sizeof *out);
    PGresult *result = db_query(db, SQL_PERSON_WHO, 1, params, err);
    if (!result) return false;
    bool ok = take_certificate(result, name, role, out, err);
    PQclear(result);
    return done(out, ok);
}
