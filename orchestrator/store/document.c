/* document.c: text of the database to JSON. */
#include "orchestrator/store/document.h"

static json_t *parse(const PGresult *result, int row, struct wg_error *err)
{
    json_t *document = json_loads(db_text(result, row, 0), JSON_DECODE_ANY, NULL);
    if (!document) (void)wg_fail(err, WG_E_DATABASE, "a document of the database is no JSON");
    return document;
}

json_t *document_get(struct db *db, enum sql_name name, size_t count, const char *const *params,
                     struct wg_error *err)
{
    json_t *document = NULL;
    PGresult *result = db_query(db, name, count, params, err);
    if (result && PQntuples(result) == 0)
        (void)wg_fail(err, WG_E_NOT_FOUND, "there is none of that name");
    else if (result)
        document = parse(result, 0, err);
    PQclear(result);
    return document;
}

bool document_rows(struct db *db, enum sql_name name, size_t count, const char *const *params,
                   json_t *items, char *last, size_t last_size, struct wg_error *err)
{
    PGresult *result = db_query(db, name, count, params, err);
    bool ok = result != NULL;
    int rows = ok ? PQntuples(result) : 0;
    last[0] = '\0';
    for (int i = 0; ok && i < rows; i++) {
        json_t *document = parse(result, i, err);
        ok = document && json_array_append_new(items, document) == 0;
    }
    if (ok && rows > 0) db_copy(result, rows - 1, 1, last, last_size);
    PQclear(result);
    return ok;
}
