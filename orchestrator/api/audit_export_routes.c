/* audit_export_routes.c: the log, or a range of it, as it is hashed, in one stream.
 *
 * NDJSON: a row a line, and a last line {"head": HASH, "rows": NUMBER OF THE LAST}; a range begins
 * with {"follows": "NUMBER:HASH"}, the row before its first. `wavegate audit verify` reads it. CSV:
 * for people, it cannot be verified. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/csv.h"
#include "orchestrator/api/db_pool.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/show/show.h"
#include "orchestrator/store/audit_find.h"
#include "orchestrator/store/audit_row.h"

#include <stdlib.h>
#include <string.h>

#define PART 1000 /* rows */
#define POOL_PATIENCE (5 * WG_SECOND)

static const char *const columns[] = {"number",   "at",   "actor",  "origin", "kind",
                                      "subject",  "why",  "before", "after",  "detail",
                                      "previous", "hash", NULL};

struct exporting {
    struct api *api;
    bool csv, begun;
    int64_t first, last, next;
    struct audit_chain chain; /* of what the rows say themselves: a broken log is exported too */
    struct wg_buf *out;       /* while rows are read */
};

/* Not the canonical form, which keeps line ends in strings as they are. Takes the reference over.
 */
static bool put_line(struct wg_buf *out, json_t *value, struct wg_error *err)
{
    char *line = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (line) wg_buf_printf(out, "%s\n", line);
    bool ok = line || wg_fail_memory(err, "exporting");
    free(line);
    json_decref(value);
    return ok;
}

static bool put_csv(struct wg_buf *out, const json_t *row, struct wg_error *err)
{
    json_t *shown = json_copy((json_t *)(uintptr_t)row);
    if (!shown) return wg_fail_memory(err, "exporting");
    (void)json_object_set_new(shown, "at",
                              show_time(json_integer_value(json_object_get(row, "at"))));
    csv_line(out, columns, shown);
    json_decref(shown);
    return true;
}

static bool put_row(void *ctx, const json_t *row, struct wg_error *err)
{
    struct exporting *to = ctx;
    const char *hash = json_string_value(json_object_get(row, "hash"));
    to->chain.rows++;
    (void)wg_copy(to->chain.head, sizeof to->chain.head, hash ? hash : "");
    return to->csv ? put_csv(to->out, row, err)
                   : put_line(to->out, json_incref((json_t *)(uintptr_t)row), err);
}

static bool put_begin(struct exporting *to, struct db *db, struct wg_error *err)
{
    struct audit_chain before;
    char text[AUDIT_HEAD_TEXT];
    to->begun = true;
    to->chain.rows = to->first - 1;
    if (to->csv) csv_head(to->out, columns);
    if (to->csv || to->first == 1) return true;
    if (!audit_find_head(db, to->first - 1, &before, err)) return false;
    audit_chain_text(&before, text);
    return put_line(to->out, json_pack("{s:s}", "follows", text), err);
}

static bool put_end(const struct exporting *to, struct wg_error *err)
{
    return to->csv || put_line(to->out,
                               json_pack("{s:s,s:I}", "head", to->chain.head, "rows",
                                         (json_int_t)to->chain.rows),
                               err);
}

static bool put_part(struct exporting *to, struct db *db, bool *end, struct wg_error *err)
{
    int64_t last = to->last - to->next < PART ? to->last : to->next + PART - 1;
    if (!to->begun && !put_begin(to, db, err)) return false;
    if (last >= to->next && !audit_find_each(db, to->next, last, put_row, to, err)) return false;
    to->next = last + 1;
    *end = to->next > to->last;
    return !*end || put_end(to, err);
}

static bool stream_read(void *ctx, struct wg_buf *out, bool *end, struct wg_error *err)
{
    struct exporting *to = ctx;
    struct db *db = db_pool_borrow(to->api->pool, POOL_PATIENCE, err);
    if (!db) return false;
    to->out = out;
    bool ok = put_part(to, db, end, err);
    db_pool_return(to->api->pool, db);
    return ok;
}

static bool read_number(const struct api_call *call, const char *name, int64_t *out,
                        struct wg_error *err)
{
    const char *text = api_parameter(call, name);
    size_t len = strlen(text);
    if (len == 0) return true;
    if (len > 18 || strspn(text, "0123456789") != len || text[0] == '0')
        return wg_fail(err, WG_E_USAGE, "%s: expected the number of a row, got \"%.40s\"", name,
                       text);
    *out = strtoll(text, NULL, 10);
    return true;
}

static bool read_time(const struct api_call *call, const char *name, wg_time *out,
                      struct wg_error *err)
{
    const char *text = api_parameter(call, name);
    *out = 0;
    return !text[0] || wg_time_parse(text, out) ||
           wg_fail(err, WG_E_USAGE, "%s: expected a time like 2026-12-01T00:00:00Z", name);
}

/* All that there is by now: an empty log, which somebody made, has row 0 as its last. */
static bool find_end(struct db *db, int64_t *out, struct wg_error *err)
{
    struct audit_chain head;
    struct wg_error problem = {0};
    *out = 0;
    if (audit_find_head(db, INT64_MAX, &head, &problem))
        *out = head.rows;
    else if (problem.code != WG_E_NOT_FOUND)
        *err = problem;
    return problem.code == WG_OK || problem.code == WG_E_NOT_FOUND;
}

static bool read_range(struct api_call *call, struct exporting *to, struct wg_error *err)
{
    wg_time since, until;
    int64_t first = 1, last = INT64_MAX, end = 0;
    if (!read_number(call, "first", &first, err) || !read_number(call, "last", &last, err) ||
        !read_time(call, "since", &since, err) || !read_time(call, "until", &until, err) ||
        !audit_row_settle(call->db, err) ||
        !audit_find_range(call->db, since, until, &to->first, &to->last, err) ||
        !find_end(call->db, &end, err))
        return false;
    bool whole = to->first == 1 && to->last == INT64_MAX && first == 1 && last == INT64_MAX;
    if (first > to->first) to->first = first;
    if (last < to->last) to->last = last;
    if (end < to->last) to->last = end;
    to->next = to->first;
    return whole || to->last >= to->first ||
           wg_fail(err, WG_E_NOT_FOUND, "the log has no row of that time, or those numbers");
}

static bool read_form(const struct api_call *call, bool *csv, struct wg_error *err)
{
    const char *asked = api_parameter(call, "format");
    const char *accept = http_request_header(call->request, "Accept");
    *csv = strcmp(asked, "csv") == 0 || (!asked[0] && accept && strstr(accept, "text/csv"));
    return *csv || !asked[0] || strcmp(asked, "ndjson") == 0 ||
           wg_fail(err, WG_E_USAGE, "format: expected ndjson or csv, got \"%.20s\"", asked);
}

static bool export_audit(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"first", "last", "since", "until", NULL};
    struct http_answer *answer = call->answer;
    if (!api_may_everywhere(call, MAY_AUDIT_READ, err)) return false;
    struct exporting *to = calloc(1, sizeof *to);
    if (!to) return wg_fail_memory(err, "exporting");
    to->api = call->api;
    audit_chain_init(&to->chain);
    if (!api_parameters(call, parameters, err) || !read_form(call, &to->csv, err) ||
        !read_range(call, to, err)) {
        free(to);
        return false;
    }
    answer->status = 200;
    (void)wg_copy(answer->type, sizeof answer->type,
                  to->csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson");
    (void)http_answer_header(answer, "Content-Disposition",
                             to->csv ? "attachment; filename=\"audit.csv\""
                                     : "attachment; filename=\"audit.ndjson\"");
    answer->stream = (struct http_stream){stream_read, free, to};
    return true;
}

static const struct api_route routes[] = {
    {"GET", "/audit/export", "exportAudit", MAY(AUDIT_READ), 0, export_audit},
};
const struct api_room audit_export_room = {routes, sizeof routes / sizeof routes[0]};
