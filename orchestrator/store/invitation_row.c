/* invitation_row.c: made, taken back, used; under the lock of all changes of people. */
#include "orchestrator/store/invitation_row.h"

#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/people_part.h"
#include "orchestrator/store/person_row.h"

#include <stdlib.h>
#include <string.h>

static bool may_invite(const struct who *by, const struct person_row *row, struct wg_error *err)
{
    if (!grants_may(&by->grants, MAY_PEOPLE_MANAGE))
        return wg_fail(err, WG_E_DENIED, "people are invited by owners");
    return grants_cover_all(&by->grants, &row->grants) ||
           wg_fail(err, WG_E_DENIED, "%s may more than you may, or elsewhere", row->name);
}

static bool is_open(const struct person_row *row, struct wg_error *err)
{
    if (row->disabled_at)
        return wg_fail(err, WG_E_CONFLICT, "%s may not come in: let them in again first",
                       row->name);
    return (!row->has_password && !row->has_second_factor) ||
           wg_fail(err, WG_E_CONFLICT,
                   "%s has a %s: take it away first, if they cannot come in by it", row->name,
                   row->has_password ? "password" : "second factor");
}

static bool put(struct db *db, const char *name, const char *hash, wg_time ends, wg_time now,
                struct wg_error *err)
{
    char at[PARAM_NUMBER], until[PARAM_NUMBER];
    const char *const params[] = {name, hash, param_number(at, now), param_number(until, ends)};
    int64_t rows = 0;
    return db_run(db, SQL_INVITATION_PUT, 4, params, &rows, err) &&
           (rows == 1 || wg_fail(err, WG_E_CONFLICT, "%s has come in meanwhile: look again", name));
}

bool invitation_row_make(struct db *db, const struct who *by, const char *name, wg_time ends,
                         wg_time now, struct token_secret *out, struct wg_error *err)
{
    struct person_row *row = malloc(sizeof *row);
    memset(out, 0, sizeof *out);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = people_lock(db, err) && person_row_get(db, name, row, err) &&
              may_invite(by, row, err) && is_open(row, err) &&
              token_make(TOKEN_INVITATION, out, err) && put(db, name, out->hash, ends, now, err);
    free(row);
    if (!ok) token_clear(out);
    return ok;
}

static bool drop(struct db *db, const char *name, wg_time now, struct wg_error *err)
{
    const char *const params[] = {name};
    int64_t rows = 0;
    return db_run(db, SQL_INVITATION_DROP, 1, params, &rows, err) &&
           (rows == 0 || audit_row_add(db, "invitation-withdrawn", name, json_object(), now, err));
}

bool invitation_row_drop(struct db *db, const struct who *by, const char *name, wg_time now,
                         struct wg_error *err)
{
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = people_lock(db, err) && person_row_get(db, name, row, err) &&
              may_invite(by, row, err) && drop(db, name, now, err);
    free(row);
    return ok;
}

static bool is_over(struct wg_error *err)
{
    return wg_fail(err, WG_E_DENIED,
                   "this invitation was used, or is over, or a newer one was made: ask who has "
                   "invited you");
}

static bool find(struct db *db, enum sql_name statement, const char *link, wg_time now,
                 char name[WG_NAME_MAX + 1], struct wg_error *err)
{
    char kept[WG_SHA256_HEX], at[PARAM_NUMBER];
    const char *const params[] = {kept, param_number(at, now)};
    name[0] = '\0';
    if (!token_read(TOKEN_INVITATION, link, kept, err)) return false;
    PGresult *result = db_query(db, statement, 2, params, err);
    if (!result) return false;
    if (PQntuples(result) == 1) db_copy(result, 0, 0, name, WG_NAME_MAX + 1);
    PQclear(result);
    return name[0] || is_over(err);
}

bool invitation_row_look(struct db *db, const char *link, wg_time now, char name[WG_NAME_MAX + 1],
                         struct wg_error *err)
{
    return find(db, SQL_INVITATION_LOOK, link, now, name, err);
}

/* Since it was made they may have come in by something else, or been shut out. */
static bool is_still_open(struct db *db, const char *name, struct wg_error *err)
{
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = person_row_get(db, name, row, err);
    bool open = ok && is_open(row, NULL);
    free(row);
    return ok && (open || is_over(err));
}

bool invitation_row_use(struct db *db, const char *link, const char *hash, wg_time now,
                        char name[WG_NAME_MAX + 1], struct wg_error *err)
{
    return people_lock(db, err) && find(db, SQL_INVITATION_TAKE, link, now, name, err) &&
           is_still_open(db, name, err) && audit_row_actor(db, name, err) &&
           audit_row_add(db, "invitation-used", name, json_object(), now, err) &&
           person_row_own_password(db, name, 0, hash, now, err);
}
