/* warrant_row.c: statements as stored, as a list. */
#include "orchestrator/store/warrant_row.h"

#include "orchestrator/store/params.h"

#include <string.h>

#define STATEMENT_BYTES_MAX 8192

static json_t *read_list(PGresult *result, struct wg_error *err)
{
    json_t *list = json_array();
    for (int row = 0; list && row < PQntuples(result); row++) {
        const char *text = db_text(result, row, 0);
        struct wg_error ignored = {0};
        json_t *statement = wg_json_parse(text, strlen(text), STATEMENT_BYTES_MAX, &ignored);
        if (!statement || json_array_append_new(list, statement) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    PQclear(result);
    if (!list) (void)wg_fail_memory(err, "reading statements");
    return list;
}

json_t *warrant_row_statements(struct db *db, int64_t campaign, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign)};
    PGresult *result = db_query(db, SQL_WARRANT_STATEMENTS, 1, params, err);
    return result ? read_list(result, err) : NULL;
}

json_t *warrant_row_gates(struct db *db, int64_t campaign, const char *wave, struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), wave};
    PGresult *result = db_query(db, SQL_WARRANT_GATES, 2, params, err);
    return result ? read_list(result, err) : NULL;
}
