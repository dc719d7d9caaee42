/* audit_find.c: rows of the audit log as they are read. */
#include "orchestrator/store/audit_find.h"

#include "orchestrator/store/params.h"

#include <string.h>

#define PAGE 1000
#define LOOK 5000 /* rows that a page looks at, when not every row is wanted */

/* What somebody made unreadable stays as text: its hash will not hold. */
static json_t *read_json(const char *text)
{
    json_t *value = wg_json_parse(text, strlen(text), AUDIT_ROW_MAX, NULL);
    return value ? value : json_string(text);
}

/* Members that are not in every row. */
static bool add_more(json_t *row, const PGresult *result, int at, int first)
{
    static const char *const keys[] = {"before", "after", "why"};
    bool ok = true;
    for (int i = 0; i < 3 && ok; i++) {
        if (PQgetisnull(result, at, first + i)) continue;
        const char *text = db_text(result, at, first + i);
        ok = json_object_set_new(row, keys[i], i < 2 ? read_json(text) : json_string(text)) == 0;
    }
    return ok;
}

/* Of the columns from first on: number, at, actor, origin, kind, subject, detail, before, after,
 * why, previous, hash. */
static json_t *read_row(const PGresult *result, int at, int first)
{
    json_t *row = json_pack(
        "{s:I,s:I,s:s,s:s,s:s,s:o,s:s,s:s}", "number", (json_int_t)db_int(result, at, first), "at",
        (json_int_t)db_int(result, at, first + 1), "actor", db_text(result, at, first + 2), "kind",
        db_text(result, at, first + 4), "subject", db_text(result, at, first + 5), "detail",
        read_json(db_text(result, at, first + 6)), "previous", db_text(result, at, first + 10),
        "hash", db_text(result, at, first + 11));
    bool ok = row && (PQgetisnull(result, at, first + 3) ||
                      json_object_set_new(row, "origin",
                                          json_string(db_text(result, at, first + 3))) == 0);
    if (ok && add_more(row, result, at, first + 7)) return row;
    json_decref(row);
    return NULL;
}

/* ---- a page of what was asked for ---- */

static const char of_campaign[] =
    "{campaign,wave,members,revision,approval,approval-judged,refused}";
static const char not_of_device[] =
    "{campaign,wave,members,revision,approval,approval-judged,release,release-form,"
    "release-companion,release-approved,release-refused,group,import,boundary,log}";

static bool is_filtered(const struct audit_query *query)
{
    return query->since || query->until || query->campaign || query->device || query->actor ||
           query->kind || query->subject || query->text;
}

/* The index that says most. */
static enum sql_name statement_of(const struct audit_query *query, const char *subject)
{
    if (subject) return SQL_AUDIT_FIND_SUBJECT;
    if (query->actor) return SQL_AUDIT_FIND_ACTOR;
    return query->kind ? SQL_AUDIT_FIND_KIND : SQL_AUDIT_FIND;
}

static PGresult *ask(struct db *db, const struct audit_query *query, struct param_array *kinds,
                     struct wg_error *err)
{
    char limit[PARAM_NUMBER], before[PARAM_NUMBER], since[PARAM_NUMBER], until[PARAM_NUMBER];
    char look[PARAM_NUMBER];
    const char *subject = query->campaign ? query->campaign
                          : query->device ? query->device
                                          : query->subject;
    const char *only = query->campaign ? of_campaign : NULL;
    if (query->kind) {
        param_array_add(kinds, query->kind);
        only = param_array_text(kinds);
    }
    const char *const params[] = {
        param_number(limit, (int64_t)query->limit),
        param_number(before, query->before > 0 ? query->before : INT64_MAX),
        param_number(since, query->since),
        param_number(until, query->until),
        query->actor,
        subject,
        only,
        query->device ? not_of_device : NULL,
        query->text,
        param_number(look, is_filtered(query) ? LOOK : (int64_t)query->limit)};
    if (!param_array_check(kinds, err)) return NULL;
    return db_query(db, statement_of(query, subject), 10, params, err);
}

/* Columns: the lowest number that was looked at, whether more may be below it, the row. */
static bool read_page(const PGresult *result, size_t limit, json_t *list, int64_t *next)
{
    int rows = PQntuples(result);
    bool more = rows > 0 && db_bool(result, 0, 1);
    *next = more ? db_int(result, 0, 0) : 0;
    for (int i = 0; i < rows && !PQgetisnull(result, i, 2); i++)
        if (json_array_append_new(list, read_row(result, i, 2)) != 0) return false;
    if (json_array_size(list) == limit && db_int(result, rows - 1, 2) > db_int(result, 0, 0))
        *next = db_int(result, rows - 1, 2);
    if (*next == 1) *next = 0;
    return true;
}

json_t *audit_find(struct db *db, const struct audit_query *query, int64_t *next,
                   struct wg_error *err)
{
    struct param_array kinds;
    if (query->limit < 1 || query->limit > AUDIT_FIND_MAX) {
        (void)wg_fail(err, WG_E_USAGE, "the audit log: expected 1 to %d rows a page",
                      AUDIT_FIND_MAX);
        return NULL;
    }
    param_array_init(&kinds);
    PGresult *result = ask(db, query, &kinds, err);
    param_array_clear(&kinds);
    if (!result) return NULL;
    json_t *list = json_array();
    bool ok = list && read_page(result, query->limit, list, next);
    PQclear(result);
    if (ok) return list;
    json_decref(list);
    (void)wg_fail_memory(err, "reading the audit log");
    return NULL;
}

/* ---- by number ---- */

static bool take_page(const PGresult *page, int64_t *after, audit_row_fn take, void *ctx,
                      struct wg_error *err)
{
    for (int i = 0; i < PQntuples(page); i++) {
        json_t *row = read_row(page, i, 0);
        bool ok = row ? take(ctx, row, err) : wg_fail_memory(err, "reading the audit log");
        json_decref(row);
        if (!ok) return false;
        *after = db_int(page, i, 0);
    }
    return true;
}

static bool take_pages(struct db *db, int64_t after, int64_t last, audit_row_fn take, void *ctx,
                       struct wg_error *err)
{
    int rows = PAGE;
    while (rows == PAGE) {
        char from[PARAM_NUMBER], to[PARAM_NUMBER], most[PARAM_NUMBER];
        const char *const params[] = {param_number(from, after), param_number(to, last),
                                      param_number(most, PAGE)};
        PGresult *page = db_query(db, SQL_AUDIT_PAGE, 3, params, err);
        if (!page) return false;
        rows = PQntuples(page);
        bool ok = take_page(page, &after, take, ctx, err);
        PQclear(page);
        if (!ok) return false;
    }
    return true;
}

bool audit_find_each(struct db *db, int64_t first, int64_t last, audit_row_fn take, void *ctx,
                     struct wg_error *err)
{
    if (!db_begin_snapshot(db, err)) return false;
    bool ok = take_pages(db, first - 1, last, take, ctx, err);
    db_rollback(db);
    return ok;
}

static bool number_at(struct db *db, enum sql_name statement, wg_time at, int64_t *out,
                      struct wg_error *err)
{
    char text[PARAM_NUMBER];
    const char *const params[] = {param_number(text, at)};
    PGresult *result = db_query(db, statement, 1, params, err);
    if (!result) return false;
    *out = db_int(result, 0, 0);
    PQclear(result);
    return true;
}

bool audit_find_range(struct db *db, wg_time since, wg_time until, int64_t *first, int64_t *last,
                      struct wg_error *err)
{
    *first = 1;
    *last = INT64_MAX;
    if ((since && !number_at(db, SQL_AUDIT_FROM, since, first, err)) ||
        (until && !number_at(db, SQL_AUDIT_UNTIL, until, last, err)))
        return false;
    if (*first == 0) {
        *first = 1;
        *last = 0;
    }
    return true;
}

bool audit_find_head(struct db *db, int64_t number, struct audit_chain *out, struct wg_error *err)
{
    char text[PARAM_NUMBER];
    const char *const params[] = {param_number(text, number)};
    bool head = number == INT64_MAX;
    PGresult *result =
        db_query(db, head ? SQL_AUDIT_LAST : SQL_AUDIT_HASH, head ? 0 : 1, params, err);
    if (!result) return false;
    bool found = PQntuples(result) == 1;
    audit_chain_init(out);
    if (found) {
        out->rows = db_int(result, 0, 0);
        db_copy(result, 0, 1, out->head, sizeof out->head);
    }
    PQclear(result);
    if (found) return true;
    return head ? wg_fail(err, WG_E_NOT_FOUND, "the audit log is empty: every log has a row")
                : wg_fail(err, WG_E_NOT_FOUND, "the audit log has no row %lld", (long long)number);
}

bool audit_find_protected(struct db *db, bool *is, char login[AUDIT_LOGIN_MAX],
                          struct wg_error *err)
{
    PGresult *result = db_query(db, SQL_AUDIT_PROTECTED, 0, NULL, err);
    if (!result) return false;
    *is = db_bool(result, 0, 0);
    db_copy(result, 0, 1, login, AUDIT_LOGIN_MAX);
    PQclear(result);
    return true;
}
