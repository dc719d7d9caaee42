/* people_part.c: stored JSON of people, their secrets, and the last owner. */
#include "orchestrator/store/people_part.h"

#include "common/json.h"

#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024)

bool people_secrets(struct db *db, const char *name, struct person_secrets *out,
                    struct wg_error *err)
{
    const char *const params[] = {name};
    memset(out, 0, sizeof *out);
    PGresult *result = db_query(db, SQL_PERSON_SECRETS, 1, params, err);
    if (!result) return false;
    if (PQntuples(result) == 1) {
        out->found = true;
        db_copy(result, 0, 0, out->password, sizeof out->password);
        db_copy(result, 0, 1, out->factor, sizeof out->factor);
        db_copy(result, 0, 2, out->offered, sizeof out->offered);
        out->step = db_int(result, 0, 3);
        out->disabled = db_bool(result, 0, 4);
    }
    PQclear(result);
    return true;
}

bool people_lock(struct db *db, struct wg_error *err)
{
    return db_run(db, SQL_PERSON_LOCK, 0, NULL, NULL, err);
}

bool people_has_owner(struct db *db, bool *out, struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_PERSON_HAS_OWNER, 0, NULL, err);
    if (result) *out = db_bool(result, 0, 0);
    PQclear(result);
    return result != NULL;
}

bool people_text(json_t *value, struct wg_buf *out, struct wg_error *err)
{
    wg_buf_init(out, TEXT_MAX);
    bool ok = value ? wg_json_canonical(value, out, err) && wg_buf_check(out, err, "a grant")
                    : wg_fail_memory(err, "writing what a person may");
    json_decref(value);
    return ok;
}

json_t *people_value(const char *text, struct wg_error *err)
{
    return wg_json_parse(text, strlen(text), TEXT_MAX, err);
}
