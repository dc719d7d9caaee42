/* erasure_row.c: erasures, as the statements of sql/erasure.sql have them. */
#include "orchestrator/store/erasure_row.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define STATEMENT_BYTES_MAX 8192

bool erasure_row_ask(struct db *db, const struct erasure_asking *asking, wg_time now,
                     int64_t *asked, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {asking->device, param_number(at, now), asking->by, asking->reason,
                                  asking->statement};
    PGresult *result = db_query(db, SQL_ERASURE_ASK, 5, params, err);
    if (!result) return false;
    *asked = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

bool erasure_row_drop(struct db *db, const char *device, wg_time now, bool *any,
                      struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {device, param_number(at, now)};
    int64_t affected = 0;
    bool ok = db_run(db, SQL_ERASURE_DROP, 2, params, &affected, err);
    *any = affected > 0;
    return ok;
}

/* ["envelope", ...] as text, to envelopes. What is none is left out: the signer misses it. */
static json_t *read_statements(const char *text)
{
    json_t *texts = json_loads(text, 0, NULL), *out = json_array();
    for (size_t i = 0; out && i < json_array_size(texts); i++) {
        struct wg_error ignored = {0};
        const char *envelope = json_string_value(json_array_get(texts, i));
        json_t *read =
            envelope ? wg_json_parse(envelope, strlen(envelope), STATEMENT_BYTES_MAX, &ignored)
                     : NULL;
        if (!read || json_array_append_new(out, read) == 0) continue;
        json_decref(out);
        out = NULL;
    }
    json_decref(texts);
    return out;
}

static bool read_due(const PGresult *result, int row, struct erasure_due *out)
{
    struct wg_order *order = &out->order;
    *order = (struct wg_order){.kind = WG_ORDER_ERASE, .attempt = 1};
    db_copy(result, row, 0, order->id, sizeof order->id);
    db_copy(result, row, 1, order->device, sizeof order->device);
    order->counter = db_int(result, row, 2);
    db_copy(result, row, 3, order->boot, sizeof order->boot);
    order->not_before = db_int(result, row, 4);
    order->expires = db_int(result, row, 5);
    out->statements = read_statements(db_text(result, row, 6));
    return out->statements != NULL;
}

bool erasure_row_take_due(struct db *db, wg_time now, wg_duration resend, wg_duration lifetime,
                          struct erasure_due **out, size_t *count, struct wg_error *err)
{
    char at[PARAM_NUMBER], again[PARAM_NUMBER], life[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now), param_number(again, resend),
                                  param_number(life, lifetime),
                                  param_number(most, ERASURE_DUE_MAX)};
    PGresult *result = db_query(db, SQL_ERASURE_TAKE_DUE, 4, params, err);
    *count = 0;
    *out = NULL;
    if (!result) return false;
    size_t rows = (size_t)PQntuples(result);
    *out = rows > 0 ? calloc(rows, sizeof(**out)) : NULL;
    bool ok = rows == 0 || *out;
    for (; ok && *count < rows; (*count)++) ok = read_due(result, (int)*count, &(*out)[*count]);
    PQclear(result);
    return ok || wg_fail_memory(err, "reading erasures");
}

void erasure_due_free(struct erasure_due *due, size_t count)
{
    for (size_t i = 0; i < count; i++) json_decref(due[i].statements);
    free(due);
}

bool erasure_row_signed(struct db *db, const char *order, const char *why, wg_time now,
                        struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {order, why, param_number(at, now)};
    return db_run(db, SQL_ERASURE_SIGNED, 3, params, NULL, err);
}

bool erasure_row_hear(struct db *db, const struct erasure_word *words, size_t count,
                      struct wg_error *err)
{
    enum { COLUMNS = 3 };
    struct param_array columns[COLUMNS];
    const char *params[COLUMNS];
    bool ok = true;
    if (count == 0) return true;
    for (size_t c = 0; c < COLUMNS; c++) param_array_init(&columns[c]);
    for (size_t i = 0; i < count; i++) {
        param_array_add(&columns[0], words[i].device);
        param_array_add(&columns[1], words[i].done ? "true" : "false");
        param_array_number(&columns[2], words[i].at);
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        params[c] = param_array_text(&columns[c]);
        ok = ok && param_array_check(&columns[c], err);
    }
    ok = ok && db_run(db, SQL_ERASURE_HEARD, COLUMNS, params, NULL, err);
    for (size_t c = 0; c < COLUMNS; c++) param_array_clear(&columns[c]);
    return ok;
}

bool erasure_row_get(struct db *db, const char *device, struct erasure_row *out,
                     struct wg_error *err)
{
    const char *const params[] = {device};
    PGresult *result = db_query(db, SQL_ERASURE_GET, 1, params, err);
    *out = (struct erasure_row){0};
    if (!result) return false;
    if (PQntuples(result) > 0) {
        out->asked_at = db_int(result, 0, 0);
        db_copy(result, 0, 1, out->asked_by, sizeof out->asked_by);
        db_copy(result, 0, 2, out->reason, sizeof out->reason);
        db_copy(result, 0, 3, out->refusal, sizeof out->refusal);
        out->told_at = db_int(result, 0, 4);
        out->started_at = db_int(result, 0, 5);
        out->done_at = db_int(result, 0, 6);
        out->dropped_at = db_int(result, 0, 7);
        out->asked = db_int(result, 0, 8);
    }
    PQclear(result);
    return true;
}
