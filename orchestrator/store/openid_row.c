/* openid_row.c: begun, taken, vouched for, linked. */
#include "orchestrator/store/openid_row.h"

#include "orchestrator/store/params.h"

#include <string.h>

bool openid_row_begin(struct db *db, const char *state, const struct openid_try *what,
                      const char *address, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER], ends[PARAM_NUMBER], most[PARAM_NUMBER];
    int64_t rows = 0;
    const char *const params[] = {state,
                                  what->browser,
                                  what->nonce,
                                  what->verifier,
                                  address,
                                  param_number(at, now),
                                  param_number(ends, now + OPENID_TRY_LIFE),
                                  param_number(most, OPENID_TRIES_MAX)};
    return db_run(db, SQL_OPENID_TRY_ADD, 8, params, &rows, err) &&
           (rows == 1 ||
            wg_fail(err, WG_E_LIMIT, "too many sign-ins of this address are under way"));
}

static bool read_try(const PGresult *result, wg_time now, struct openid_try *out)
{
    if (PQntuples(result) != 1 || db_int(result, 0, 4) <= now) return false;
    db_copy(result, 0, 0, out->browser, sizeof out->browser);
    db_copy(result, 0, 1, out->nonce, sizeof out->nonce);
    db_copy(result, 0, 2, out->verifier, sizeof out->verifier);
    out->made_at = db_int(result, 0, 3);
    return true;
}

bool openid_row_take(struct db *db, const char *state, wg_time now, struct openid_try *out,
                     struct wg_error *err)
{
    const char *const params[] = {state};
    memset(out, 0, sizeof *out);
    PGresult *result = db_query(db, SQL_OPENID_TRY_TAKE, 1, params, err);
    if (!result) return false;
    bool ok = read_try(result, now, out);
    PQclear(result);
    return ok || wg_fail(err, WG_E_NOT_FOUND, "state: never begun here, used, or over");
}

bool openid_row_vouch(struct db *db, const char *browser, const struct openid_vouched *what,
                      const char *address, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER], ends[PARAM_NUMBER];
    const char *const params[] = {browser,
                                  address,
                                  param_number(at, now),
                                  param_number(ends, now + OPENID_TRY_LIFE),
                                  what->issuer,
                                  what->subject,
                                  what->person};
    return db_run(db, SQL_OPENID_TRY_VOUCH, 7, params, NULL, err);
}

bool openid_row_vouched(struct db *db, const char *browser, wg_time now, struct openid_vouched *out,
                        struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {browser, param_number(at, now)};
    memset(out, 0, sizeof *out);
    PGresult *result = db_query(db, SQL_OPENID_TRY_VOUCHED, 2, params, err);
    if (!result) return false;
    bool there = PQntuples(result) == 1;
    if (there) {
        db_copy(result, 0, 0, out->person, sizeof out->person);
        db_copy(result, 0, 1, out->issuer, sizeof out->issuer);
        db_copy(result, 0, 2, out->subject, sizeof out->subject);
    }
    PQclear(result);
    return there || wg_fail(err, WG_E_NOT_FOUND, "no sign-in of this browser waits for a code");
}

bool openid_row_end(struct db *db, const char *browser, struct wg_error *err)
{
    const char *const params[] = {browser};
    return db_run(db, SQL_OPENID_TRY_END, 1, params, NULL, err);
}

static enum openid_who judge(const PGresult *result)
{
    if (PQntuples(result) != 1) return OPENID_NOBODY;
    if (db_bool(result, 0, 2)) return OPENID_ANOTHER;
    return db_bool(result, 0, 1) ? OPENID_DISABLED : OPENID_KNOWN;
}

bool openid_row_who(struct db *db, const char *issuer, const char *subject, const char *claimed,
                    enum openid_who *out, char name[WG_NAME_MAX + 1], struct wg_error *err)
{
    const char *const params[] = {issuer, subject, claimed};
    PGresult *result = db_query(db, SQL_OPENID_WHO, 3, params, err);
    if (!result) return false;
    *out = judge(result);
    name[0] = '\0';
    if (PQntuples(result) == 1) db_copy(result, 0, 0, name, WG_NAME_MAX + 1);
    PQclear(result);
    return true;
}
