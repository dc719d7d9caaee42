/* once_row.c: keys of writes. */
#include "orchestrator/store/once_row.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

static bool begin(struct db *db, const struct once_row *row, wg_time now, bool *fresh,
                  struct wg_error *err)
{
    char at[PARAM_NUMBER], under_way[PARAM_NUMBER], life[PARAM_NUMBER];
    const char *const params[] = {row->person,
                                  row->key,
                                  row->request,
                                  param_number(at, now),
                                  param_number(under_way, ONCE_UNDER_WAY),
                                  param_number(life, ONCE_LIFE)};
    PGresult *result = db_query(db, SQL_ONCE_BEGIN, 6, params, err);
    *fresh = result && PQntuples(result) > 0;
    PQclear(result);
    return result != NULL;
}

static bool get(struct db *db, const struct once_row *row, enum once_state *state,
                struct once_answer *out, struct wg_error *err)
{
    const char *const params[] = {row->person, row->key};
    PGresult *result = db_query(db, SQL_ONCE_GET, 2, params, err);
    bool ok = result != NULL;
    bool there = ok && PQntuples(result) > 0; /* else it was given up this moment */
    *state = ONCE_UNDERWAY;
    if (there && strcmp(db_text(result, 0, 0), row->request) != 0) {
        *state = ONCE_OTHER;
    } else if (there && !PQgetisnull(result, 0, 1)) {
        *state = ONCE_ANSWERED;
        out->status = (unsigned)db_int(result, 0, 1);
        db_copy(result, 0, 2, out->type, sizeof out->type);
        out->body = strdup(db_text(result, 0, 3));
        ok = out->body || wg_fail_memory(err, "an answer");
    }
    PQclear(result);
    return ok;
}

bool once_row_begin(struct db *db, const struct once_row *row, wg_time now, enum once_state *state,
                    struct once_answer *out, struct wg_error *err)
{
    bool fresh;
    memset(out, 0, sizeof *out);
    *state = ONCE_FRESH;
    if (!begin(db, row, now, &fresh, err)) return false;
    return fresh || get(db, row, state, out, err);
}

bool once_row_end(struct db *db, const struct once_row *row, unsigned status, const char *type,
                  const char *body, struct wg_error *err)
{
    char number[PARAM_NUMBER];
    const char *const params[] = {row->person, row->key, param_number(number, status), type, body};
    return db_run(db, SQL_ONCE_END, 5, params, NULL, err);
}

bool once_row_drop(struct db *db, const struct once_row *row, struct wg_error *err)
{
    const char *const params[] = {row->person, row->key};
    return db_run(db, SQL_ONCE_DROP, 2, params, NULL, err);
}

bool once_row_sweep(struct db *db, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now - ONCE_LIFE)};
    return db_run(db, SQL_ONCE_SWEEP, 1, params, NULL, err);
}
