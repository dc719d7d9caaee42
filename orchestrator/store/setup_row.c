/* setup_row.c: the first owner's link, made and used. */
#include "orchestrator/store/setup_row.h"

#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/people_part.h"
#include "orchestrator/store/person_row.h"

#include <string.h>

static bool offer(struct db *db, wg_time now, struct token_secret *out, bool *made,
                  struct wg_error *err)
{
    char at[PARAM_NUMBER], ends[PARAM_NUMBER];
    bool has_one = false;
    if (!people_lock(db, err) || !people_has_owner(db, &has_one, err)) return false;
    if (has_one) return true;
    if (!token_make(TOKEN_SETUP, out, err)) return false;
    const char *const params[] = {out->hash, param_number(at, now),
                                  param_number(ends, now + SETUP_LIFE)};
    *made = true;
    return db_run(db, SQL_SETUP_OFFER, 3, params, NULL, err);
}

bool setup_row_offer(struct db *db, wg_time now, struct token_secret *out, bool *made,
                     struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    *made = false;
    if (!db_begin(db, err)) return false;
    if (offer(db, now, out, made, err) && db_commit(db, err)) return true;
    db_rollback(db);
    token_clear(out);
    *made = false;
    return false;
}

bool setup_row_needed(struct db *db, bool *out, struct wg_error *err)
{
    bool has_one = false;
    bool ok = people_has_owner(db, &has_one, err);
    *out = ok && !has_one;
    return ok;
}

/* Whether it was this one, and whether there still is a use for it. */
static bool take(struct db *db, const char *hash, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {hash, param_number(at, now)};
    bool has_one = false;
    int64_t rows = 0;
    return people_lock(db, err) && people_has_owner(db, &has_one, err) &&
           db_run(db, SQL_SETUP_USE, 2, params, &rows, err) &&
           ((rows == 1 && !has_one) ||
            wg_fail(err, WG_E_DENIED,
                    "this link was used, or is over, or a newer one was printed: see the log of "
                    "the server"));
}

bool setup_row_use(struct db *db, const char *link, const char *name, const char *hash, wg_time now,
                   struct wg_error *err)
{
    char kept[WG_SHA256_HEX];
    struct grants owner;
    grants_of_role(ROLE_OWNER, &owner);
    return token_read(TOKEN_SETUP, link, kept, err) && take(db, kept, now, err) &&
           audit_row_actor(db, name, err) &&
           audit_row_add(db, "setup-used", "setup", json_object(), now, err) &&
           person_row_add(db, NULL, name, &owner, hash, now, err);
}
