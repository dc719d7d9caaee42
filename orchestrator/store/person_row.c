/* person_row.c: people as they are stored. */
#include "orchestrator/store/person_row.h"

#include "orchestrator/store/people_part.h"

#include <string.h>

/* The columns of person_get and person_list. */
static bool read_row(const PGresult *result, int row, struct person_row *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    db_copy(result, row, 0, out->name, sizeof out->name);
    out->version = db_int(result, row, 1);
    out->made_at = db_int(result, row, 2);
    out->changed_at = db_int(result, row, 3);
    out->disabled_at = db_int(result, row, 4);
    out->signed_in_at = db_int(result, row, 5);
    out->has_password = db_bool(result, row, 6);
    out->has_second_factor = db_bool(result, row, 7);
    out->locked_until = db_int(result, row, 9);
    out->invited_until = db_int(result, row, 10);
    out->has_openid = db_bool(result, row, 11);
    return grants_parse(db_text(result, row, 8), &out->grants, err) ||
           wg_context(err, "%s", out->name);
}

static bool no_person(const char *name, struct wg_error *err)
{
    return wg_fail(err, WG_E_NOT_FOUND, "there is no person \"%s\"", name);
}

bool person_row_get(struct db *db, const char *name, struct person_row *out, struct wg_error *err)
{
    const char *const params[] = {name};
    memset(out, 0, sizeof *out);
    PGresult *result = db_query(db, SQL_PERSON_GET, 1, params, err);
    if (!result) return false;
    bool ok = PQntuples(result) == 1 ? read_row(result, 0, out, err) : no_person(name, err);
    PQclear(result);
    return ok;
}

bool person_row_each(struct db *db, const char *after, size_t limit, person_row_fn take, void *ctx,
                     struct wg_error *err)
{
    char most[PARAM_NUMBER];
    struct person_row row;
    const char *const params[] = {after, param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_PERSON_LIST, 2, params, err);
    bool ok = result != NULL;
    for (int i = 0; ok && i < PQntuples(result); i++)
        ok = read_row(result, i, &row, err) && take(ctx, &row, err);
    PQclear(result);
    return ok;
}

/* had, get: what the person may now, and shall; NULL: nothing. */
static bool may_change(const struct who *by, const char *name, const struct grants *had,
                       const struct grants *get, struct wg_error *err)
{
    if (!by) return true;
    if (strcmp(by->name, name) != 0 && !grants_may(&by->grants, MAY_PEOPLE_MANAGE))
        return wg_fail(err, WG_E_DENIED, "people are changed by owners");
    if (had && !grants_cover_all(&by->grants, had))
        return wg_fail(err, WG_E_DENIED, "%s may more than you may, or elsewhere", name);
    return !get || grants_cover_all(&by->grants, get) ||
           wg_fail(err, WG_E_DENIED,
                   "a role or scope that is not yours: nobody gives more than they have");
}

bool person_row_add(struct db *db, const struct who *by, const char *name,
                    const struct grants *grants, const char *hash, wg_time now,
                    struct wg_error *err)
{
    char at[PARAM_NUMBER];
    struct wg_buf text;
    struct wg_error why = {0};
    if (!wg_name_is_valid(name))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "name: expected letters, digits, '.', '_', '-', at most %d, as in the "
                       "person's certificate",
                       WG_NAME_MAX);
    if (!may_change(by, name, NULL, grants, err)) return false;
    bool ok = people_text(grants_json(grants), &text, err);
    const char *const params[] = {name, wg_buf_str(&text), hash, param_number(at, now)};
    if (ok && !db_run(db, SQL_PERSON_ADD, 4, params, NULL, &why)) {
        ok = why.code == WG_E_CONFLICT
                 ? wg_fail(err, WG_E_CONFLICT, "there is a person \"%s\" already", name)
                 : wg_fail(err, why.code, "%s", why.text);
    }
    wg_buf_clear(&text);
    return ok;
}

/* Under the lock of all changes: the person as they are, of the version that was meant. */
static bool take_up(struct db *db, const char *name, int64_t version, struct person_row *out,
                    bool *stale, struct wg_error *err)
{
    if (stale) *stale = false;
    if (!people_lock(db, err) || !person_row_get(db, name, out, err)) return false;
    if (version == 0 || version == out->version) return true;
    if (stale) *stale = true;
    return wg_fail(err, WG_E_CONFLICT, "%s was changed meanwhile: look again", name);
}

static bool owner_left(struct db *db, bool had_one, struct wg_error *err)
{
    bool has_one = false;
    return people_has_owner(db, &has_one, err) &&
           (has_one || !had_one ||
            wg_fail(err, WG_E_CONFLICT,
                    "no owner of everything would be left: make another one first"));
}

static bool end_sessions(struct db *db, const char *name, int64_t keep, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {name, param_number(id, keep)};
    return db_run(db, SQL_SESSION_END_ALL, 2, params, NULL, err);
}

static bool unlink_openid(struct db *db, const char *name, struct wg_error *err)
{
    const char *const params[] = {name};
    return db_run(db, SQL_OPENID_UNLINK, 1, params, NULL, err);
}

/* Before the person's row is held: who signs in holds the failures first. */
static bool forget_failures(struct db *db, const char *name, struct wg_error *err)
{
    const char *const params[] = {name};
    return db_run(db, SQL_SIGN_IN_FAILURE_FORGET, 1, params, NULL, err);
}

static bool put(struct db *db, const char *name, const struct person_change *change, wg_time now,
                struct wg_error *err)
{
    static const char *const truth[] = {
        [PERSON_KEEP] = NULL, [PERSON_NO] = "false", [PERSON_YES] = "true"};
    char at[PARAM_NUMBER];
    struct wg_buf text;
    bool ok = people_text(change->grants ? grants_json(change->grants) : json_null(), &text, err);
    const char *const params[] = {name,
                                  param_number(at, now),
                                  change->grants ? wg_buf_str(&text) : NULL,
                                  truth[change->disabled],
                                  change->drop_password ? "" : change->hash,
                                  change->drop_second_factor ? "true" : "false"};
    ok = ok && (!(change->hash || change->unlock) || forget_failures(db, name, err)) &&
         db_run(db, SQL_PERSON_CHANGE, 6, params, NULL, err);
    wg_buf_clear(&text);
    return ok;
}

bool person_row_change(struct db *db, const struct who *by, const char *name,
                       const struct person_change *change, wg_time now, bool *stale,
                       struct wg_error *err)
{
    struct person_row old;
    bool had_one = false;
    bool out = change->disabled == PERSON_YES || change->hash || change->drop_password ||
               change->drop_openid;
    return take_up(db, name, change->version, &old, stale, err) &&
           may_change(by, name, &old.grants, change->grants, err) &&
           people_has_owner(db, &had_one, err) && put(db, name, change, now, err) &&
           (!change->drop_openid || unlink_openid(db, name, err)) && owner_left(db, had_one, err) &&
           (!out || end_sessions(db, name, 0, err));
}

bool person_row_delete(struct db *db, const struct who *by, const char *name, int64_t version,
                       bool *stale, struct wg_error *err)
{
    struct person_row old;
    bool had_one = false;
    const char *const params[] = {name};
    return take_up(db, name, version, &old, stale, err) &&
           may_change(by, name, &old.grants, NULL, err) && people_has_owner(db, &had_one, err) &&
           db_run(db, SQL_PERSON_DELETE, 1, params, NULL, err) && owner_left(db, had_one, err);
}

bool person_row_own_password(struct db *db, const char *name, int64_t keep, const char *hash,
                             wg_time now, struct wg_error *err)
{
    struct person_row old;
    const struct person_change change = {.hash = hash};
    return take_up(db, name, 0, &old, NULL, err) && put(db, name, &change, now, err) &&
           end_sessions(db, name, keep, err);
}

bool person_row_factor_offer(struct db *db, const char *name, const char *secret,
                             struct wg_error *err)
{
    int64_t rows = 0;
    const char *const params[] = {name, secret};
    return db_run(db, SQL_PERSON_FACTOR_OFFER, 2, params, &rows, err) &&
           (rows == 1 || no_person(name, err));
}

static bool confirm(struct db *db, const struct person_secrets *secrets, const char *name,
                    const char *code, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER], taken[PARAM_NUMBER];
    int64_t step = 0, rows = 0;
    if (!secrets->found) return no_person(name, err);
    if (!secrets->offered[0])
        return wg_fail(err, WG_E_CONFLICT, "no second factor was offered: begin again");
    if (!totp_check(secrets->offered, code, now, 0, &step))
        return wg_fail(err, WG_E_DENIED,
                       "that is not its code: look at the clock of the device that shows it");
    const char *const params[] = {name, secrets->offered, param_number(taken, step),
                                  param_number(at, now)};
    return db_run(db, SQL_PERSON_FACTOR_CONFIRM, 4, params, &rows, err) &&
           (rows == 1 || wg_fail(err, WG_E_CONFLICT, "another one was offered: begin again"));
}

bool person_row_factor_confirm(struct db *db, const char *name, const char *code, wg_time now,
                               struct wg_error *err)
{
    struct person_secrets secrets;
    bool ok =
        people_secrets(db, name, &secrets, err) && confirm(db, &secrets, name, code, now, err);
    explicit_bzero(&secrets, sizeof secrets);
    return ok;
}
