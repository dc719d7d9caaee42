/* audit_row.c: rows of the audit log in and out. */
#include "orchestrator/store/audit_row.h"

#include "orchestrator/store/audit_chain.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 1000

bool audit_row_actor(struct db *db, const char *actor, struct wg_error *err)
{
    const char *const params[] = {actor};
    return db_run(db, SQL_AUDIT_ACTOR, 1, params, NULL, err);
}

bool audit_row_add(struct db *db, const char *kind, const char *subject, json_t *detail,
                   wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    char *text = detail ? json_dumps(detail, JSON_COMPACT) : NULL;
    const char *const params[] = {param_number(at, now), kind, subject, text};
    bool ok = text ? db_run(db, SQL_AUDIT_ADD, 4, params, NULL, err)
                   : wg_fail_memory(err, "writing the audit log");
    free(text);
    json_decref(detail);
    return ok;
}

bool audit_row_settle(struct db *db, struct wg_error *err)
{
    return db_run(db, SQL_AUDIT_SETTLE, 0, NULL, NULL, err);
}

/* What somebody made unreadable stays as text: its hash will not hold. */
static json_t *read_detail(const char *text)
{
    json_t *detail = wg_json_parse(text, strlen(text), AUDIT_ROW_MAX, NULL);
    return detail ? detail : json_string(text);
}

static json_t *read_row(const PGresult *result, int row)
{
    return json_pack("{s:I,s:I,s:s,s:s,s:s,s:o,s:s,s:s}", "number",
                     (json_int_t)db_int(result, row, 0), "at", (json_int_t)db_int(result, row, 1),
                     "actor", db_text(result, row, 2), "kind", db_text(result, row, 3), "subject",
                     db_text(result, row, 4), "detail", read_detail(db_text(result, row, 5)),
                     "previous", db_text(result, row, 6), "hash", db_text(result, row, 7));
}

json_t *audit_row_list(struct db *db, const struct audit_query *query, struct wg_error *err)
{
    char since[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(since, query->since), query->campaign, query->actor,
                                  param_number(most, (int64_t)query->limit)};
    PGresult *result = db_query(db, SQL_AUDIT_LIST, 4, params, err);
    if (!result) return NULL;
    json_t *list = json_array();
    bool ok = list != NULL;
    for (int row = 0; ok && row < PQntuples(result); row++)
        ok = json_array_append_new(list, read_row(result, row)) == 0;
    PQclear(result);
    if (ok) return list;
    json_decref(list);
    (void)wg_fail_memory(err, "reading the audit log");
    return NULL;
}

static bool take_page(const PGresult *page, int64_t *after, audit_row_fn take, void *ctx,
                      struct wg_error *err)
{
    for (int i = 0; i < PQntuples(page); i++) {
        json_t *row = read_row(page, i);
        bool ok = row ? take(ctx, row, err) : wg_fail_memory(err, "reading the audit log");
        json_decref(row);
        if (!ok) return false;
        *after = db_int(page, i, 0);
    }
    return true;
}

static bool take_pages(struct db *db, audit_row_fn take, void *ctx, struct wg_error *err)
{
    int64_t after = 0;
    int rows = PAGE;
    while (rows == PAGE) {
        char from[PARAM_NUMBER], most[PARAM_NUMBER];
        const char *const params[] = {param_number(from, after), param_number(most, PAGE)};
        PGresult *page = db_query(db, SQL_AUDIT_PAGE, 2, params, err);
        if (!page) return false;
        rows = PQntuples(page);
        bool ok = take_page(page, &after, take, ctx, err);
        PQclear(page);
        if (!ok) return false;
    }
    return true;
}

bool audit_row_each(struct db *db, audit_row_fn take, void *ctx, struct wg_error *err)
{
    if (!db_begin_snapshot(db, err)) return false;
    bool ok = take_pages(db, take, ctx, err);
    db_rollback(db);
    return ok;
}
