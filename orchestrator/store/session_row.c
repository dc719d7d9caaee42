/* session_row.c: sessions begun and ended. */
#include "orchestrator/store/session_row.h"

#include "orchestrator/people/lockout.h"
#include "orchestrator/store/params.h"

#include <string.h>

#define TOKEN_KEPT (30 * WG_DAY) /* behind its end, to be seen in lists */

static bool add(struct db *db, const char *name, const char *how, const char *address, wg_time now,
                struct session_made *out, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {out->secret.hash, name, how, address, param_number(at, now)};
    PGresult *result = db_query(db, SQL_SESSION_ADD, 5, params, err);
    if (!result) return false;
    bool there = PQntuples(result) == 1;
    if (there) out->id = db_int(result, 0, 0);
    PQclear(result);
    return there || wg_fail(err, WG_E_DENIED, "%s may not come in", name);
}

bool session_row_make(struct db *db, const char *name, const char *how, const char *address,
                      wg_time now, struct session_made *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    out->ends = now + SESSION_LIFE;
    if (token_make(TOKEN_SESSION, &out->secret, err) &&
        token_csrf(out->secret.text, out->csrf, err) && add(db, name, how, address, now, out, err))
        return true;
    explicit_bzero(out, sizeof *out);
    return false;
}

bool session_row_end(struct db *db, int64_t id, wg_time now, struct wg_error *err)
{
    char number[PARAM_NUMBER], at[PARAM_NUMBER];
    const char *const params[] = {param_number(number, id), param_number(at, now)};
    return db_run(db, SQL_SESSION_END, 2, params, NULL, err);
}

bool session_row_sweep(struct db *db, wg_time now, struct wg_error *err)
{
    char made[PARAM_NUMBER], seen[PARAM_NUMBER], token[PARAM_NUMBER], failed[PARAM_NUMBER],
        at[PARAM_NUMBER];
    const char *const sessions[] = {param_number(made, now - SESSION_LIFE),
                                    param_number(seen, now - SESSION_IDLE)};
    const char *const tokens[] = {param_number(token, now - TOKEN_KEPT)};
    const char *const failures[] = {param_number(failed, now - LOCKOUT_MEMORY)};
    const char *const links[] = {param_number(at, now)};
    return db_run(db, SQL_SESSION_SWEEP, 2, sessions, NULL, err) &&
           db_run(db, SQL_TOKEN_SWEEP, 1, tokens, NULL, err) &&
           db_run(db, SQL_SIGN_IN_FAILURE_SWEEP, 1, failures, NULL, err) &&
           db_run(db, SQL_SETUP_SWEEP, 1, links, NULL, err) &&
           db_run(db, SQL_INVITATION_SWEEP, 1, links, NULL, err) &&
           db_run(db, SQL_OPENID_TRY_SWEEP, 1, links, NULL, err);
}
