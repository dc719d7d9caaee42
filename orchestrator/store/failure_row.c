/* failure_row.c: rows that stay where the database's library has put them. */
#include "orchestrator/store/failure_row.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>

static bool read_failure(const PGresult *result, int row, struct failure_row *out)
{
    const char *ended_in = db_text(result, row, 4);
    *out = (struct failure_row){.device = db_text(result, row, 0),
                                .detail = db_text(result, row, 3),
                                .from = db_text(result, row, 5),
                                .at = db_int(result, row, 6),
                                .model = db_text(result, row, 7),
                                .revision = db_text(result, row, 8),
                                .region = db_text(result, row, 9),
                                .wave = db_text(result, row, 10)};
    return wg_state_parse(db_text(result, row, 1), &out->state) &&
           wg_cause_parse(db_text(result, row, 2), &out->cause) &&
           (!ended_in[0] || wg_state_parse(ended_in, &out->ended_in));
}

static bool read_failures(struct db *db, const struct failure_query *query,
                          struct failure_list *out, struct wg_error *err)
{
    char id[PARAM_NUMBER], number[PARAM_NUMBER], most[PARAM_NUMBER], looked[PARAM_NUMBER];
    const char *const params[] = {
        param_number(id, query->campaign),
        query->wave < 0 ? NULL : param_number(number, query->wave),
        param_number(most, (int64_t)query->limit), query->scopes,
        param_number(looked, (int64_t)(query->scopes ? query->looked : query->limit))};
    PGresult *result = out->held[0] = db_query(db, SQL_FAILURE_LIST, 5, params, err);
    if (!result) return false;
    size_t count = (size_t)PQntuples(result);
    out->rows = calloc(count + 1, sizeof *out->rows);
    if (!out->rows) return wg_fail_memory(err, "reading failures");
    for (; out->count < count; out->count++)
        if (!read_failure(result, (int)out->count, &out->rows[out->count]))
            return wg_fail(err, WG_E_DATABASE, "a device is in no known state");
    return true;
}

static PGresult *ask_outcomes(struct db *db, const struct failure_query *query,
                              struct wg_error *err)
{
    char id[PARAM_NUMBER], looked[PARAM_NUMBER];
    const char *const params[] = {param_number(id, query->campaign), query->scopes,
                                  param_number(looked, (int64_t)query->looked)};
    return query->scopes ? db_query(db, SQL_FAILURE_OUTCOMES_WITHIN, 3, params, err)
                         : db_query(db, SQL_FAILURE_OUTCOMES, 1, params, err);
}

static bool read_outcomes(struct db *db, const struct failure_query *query,
                          struct failure_list *out, struct wg_error *err)
{
    PGresult *result = out->held[1] = ask_outcomes(db, query, err);
    if (!result) return false;
    size_t count = (size_t)PQntuples(result);
    out->outcomes = calloc(count + 1, sizeof *out->outcomes);
    if (!out->outcomes) return wg_fail_memory(err, "reading failures");
    for (int row = 0; (size_t)row < count; row++)
        out->outcomes[row] = (struct outcome_row){.trait = db_text(result, row, 0),
                                                  .value = db_text(result, row, 1),
                                                  .devices = db_int(result, row, 2)};
    out->outcome_count = count;
    return true;
}

bool failure_list_read(struct db *db, const struct failure_query *query, struct failure_list *out,
                       struct wg_error *err)
{
    *out = (struct failure_list){.count = 0};
    return read_failures(db, query, out, err) && read_outcomes(db, query, out, err);
}

void failure_list_clear(struct failure_list *list)
{
    free(list->rows);
    free(list->outcomes);
    for (size_t i = 0; i < sizeof list->held / sizeof list->held[0]; i++) PQclear(list->held[i]);
    *list = (struct failure_list){.count = 0};
}
