/* list.c: pages and streams of the same rows. A stream borrows a database connection for a page at
 * a time. */
#include "orchestrator/api/list.h"

#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/csv.h"
#include "orchestrator/store/document.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define POOL_PATIENCE (10 * WG_SECOND)

enum form { FORM_JSON, FORM_CSV, FORM_NDJSON };

struct listing {
    struct api *api;
    const struct api_list *list;
    const struct http_target *target; /* lives as long as the answer */
    char values[API_VALUES_MAX][WG_VERSION_MAX + 1];
    char who[WG_NAME_MAX + 1];
    struct wg_buf scopes;
    char after[API_CURSOR_MAX];
    enum form form;
    bool begun;
    wg_time now;
};

const char *api_page_filter(const struct api_page *page, const char *name)
{
    const char *value = http_target_parameter(page->target, name);
    return value && value[0] ? value : NULL;
}

void api_page_next(struct api_page *page, size_t count, const char *last)
{
    page->next[0] = '\0';
    if (count >= page->limit) (void)wg_copy(page->next, sizeof page->next, last);
}

bool api_page_rows(struct api_page *page, enum sql_name name, size_t count,
                   const char *const *params, struct wg_error *err)
{
    const char *all[API_PAGE_PARAMS] = {NULL};
    char limit[PARAM_NUMBER], last[API_CURSOR_MAX];
    for (size_t i = 0; i < count; i++) all[i] = params[i];
    all[count] = param_number(limit, (int64_t)page->limit);
    if (!document_rows(page->db, name, count + 1, all, page->items, last, sizeof last, err))
        return false;
    api_page_next(page, json_array_size(page->items), last);
    return true;
}

static bool fill(const struct listing *listing, struct db *db, const char *after, size_t limit,
                 struct api_page *page, struct wg_error *err)
{
    *page = (struct api_page){.db = db,
                              .settings = listing->api->settings,
                              .target = listing->target,
                              .values = listing->values,
                              .who = listing->who,
                              .scopes = grants_scopes_param(&listing->scopes),
                              .after = after,
                              .limit = limit,
                              .now = listing->now,
                              .items = json_array()};
    if (!page->items) return wg_fail_memory(err, "a list");
    if (listing->list->page(page, err)) return true;
    json_decref(page->items);
    json_decref(page->more);
    return false;
}

static void put_rows(const struct listing *listing, const json_t *items, struct wg_buf *out)
{
    size_t i;
    json_t *row;
    json_array_foreach(items, i, row)
    {
        if (listing->form == FORM_CSV) {
            csv_line(out, listing->list->columns, row);
            continue;
        }
        char *text = json_dumps(row, JSON_COMPACT);
        wg_buf_printf(out, "%s\n", text ? text : "{}");
        free(text);
    }
}

static bool stream_read(void *ctx, struct wg_buf *out, bool *end, struct wg_error *err)
{
    struct listing *listing = ctx;
    struct api_page page;
    struct db *db = db_pool_borrow(listing->api->pool, POOL_PATIENCE, err);
    if (!db) return false;
    bool ok = fill(listing, db, listing->after, API_LIMIT_MAX, &page, err);
    db_pool_return(listing->api->pool, db);
    if (!ok) return false;
    if (!listing->begun && listing->form == FORM_CSV) csv_head(out, listing->list->columns);
    listing->begun = true;
    put_rows(listing, page.items, out);
    json_decref(page.items);
    json_decref(page.more);
    *end = page.next[0] == '\0';
    (void)wg_copy(listing->after, sizeof listing->after, page.next);
    return true;
}

static void stream_free(void *ctx)
{
    struct listing *listing = ctx;
    wg_buf_clear(&listing->scopes);
    free(listing);
}

static bool stream(struct api_call *call, struct listing *listing)
{
    struct http_answer *answer = call->answer;
    bool csv = listing->form == FORM_CSV;
    answer->status = 200;
    (void)wg_copy(answer->type, sizeof answer->type,
                  csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson");
    (void)http_answer_header(answer, "Content-Disposition",
                             csv ? "attachment; filename=\"wavegate.csv\""
                                 : "attachment; filename=\"wavegate.ndjson\"");
    answer->stream = (struct http_stream){stream_read, stream_free, listing};
    return true;
}

static bool page_json(struct api_call *call, const struct listing *listing, size_t limit,
                      struct wg_error *err)
{
    struct api_page page;
    if (!fill(listing, call->db, api_parameter(call, "cursor"), limit, &page, err)) return false;
    json_t *document = json_pack("{s:o,s:o}", "items", page.items, "next",
                                 page.next[0] ? json_string(page.next) : json_null());
    if (page.more) (void)json_object_update(document, page.more);
    json_decref(page.more);
    return api_json_tagged(call, document, err);
}

static bool check_cursor(const struct api_call *call, const struct api_list *list,
                         struct wg_error *err)
{
    const char *cursor = api_parameter(call, "cursor");
    size_t len = strlen(cursor), digits = strspn(cursor, "0123456789");
    bool ok = len < API_CURSOR_MAX;
    if (list->cursor == CURSOR_NUMBER) ok = len < 19 && digits == len;
    if (list->cursor == CURSOR_PAIR && len > 0)
        ok = digits > 0 && digits < 19 && cursor[digits] == '.' && len - digits > 1 &&
             len - digits < 19 && strspn(cursor + digits + 1, "0123456789") == len - digits - 1;
    return ok || wg_fail(err, WG_E_USAGE, "cursor: expected what an earlier answer had as next");
}

static bool read_limit(const struct api_call *call, size_t *limit, struct wg_error *err)
{
    const char *text = api_parameter(call, "limit");
    char *end = NULL;
    *limit = API_LIMIT;
    if (!text[0]) return true;
    long number = strtol(text, &end, 10);
    if (*end || number < 1 || number > API_LIMIT_MAX)
        return wg_fail(err, WG_E_USAGE, "limit: expected 1 to %d, got \"%.20s\"", API_LIMIT_MAX,
                       text);
    *limit = (size_t)number;
    return true;
}

static bool read_form(const struct api_call *call, enum form *form, struct wg_error *err)
{
    const char *asked = api_parameter(call, "format");
    const char *accept = http_request_header(call->request, "Accept");
    if (!accept || asked[0]) accept = "";
    *form = FORM_JSON;
    if (strcmp(asked, "csv") == 0 || strstr(accept, "text/csv"))
        *form = FORM_CSV;
    else if (strcmp(asked, "ndjson") == 0 || strstr(accept, "application/x-ndjson"))
        *form = FORM_NDJSON;
    else if (asked[0] && strcmp(asked, "json") != 0)
        return wg_fail(err, WG_E_USAGE, "format: expected json, csv or ndjson, got \"%.20s\"",
                       asked);
    return true;
}

bool api_list(struct api_call *call, const struct api_list *list, struct wg_error *err)
{
    size_t limit;
    enum form form;
    if (!api_parameters(call, list->parameters, err) || !check_cursor(call, list, err) ||
        !read_limit(call, &limit, err) || !read_form(call, &form, err))
        return false;
    struct listing *listing = calloc(1, sizeof *listing);
    if (!listing) return wg_fail_memory(err, "a list");
    listing->api = call->api;
    listing->list = list;
    listing->target = call->request->target;
    listing->form = form;
    listing->now = call->now;
    (void)wg_copy(listing->who, sizeof listing->who, call->who->name);
    memcpy(listing->values, call->values, sizeof listing->values);
    wg_buf_init(&listing->scopes, 65536);
    bool ok = grants_scopes(&call->who->grants, list->permission, &listing->scopes, err);
    if (ok && form != FORM_JSON) return stream(call, listing);
    ok = ok && page_json(call, listing, limit, err);
    stream_free(listing);
    return ok;
}
