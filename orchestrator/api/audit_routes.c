/* audit_routes.c: who did what. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "common/text.h"
#include "orchestrator/show/audit_document.h"
#include "orchestrator/show/show.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/document.h"

#define LOOKS 20 /* at so many rows each (store/audit_find.h), until a page has one */

static wg_time time_filter(const struct api_page *page, const char *name)
{
    wg_time time = 0;
    const char *text = api_page_filter(page, name);
    return text && wg_time_parse(text, &time) ? time : 0;
}

/* As it is hashed, but for the time, which is told as everywhere here: to the millisecond. */
static void add_rows(json_t *items, const json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)(uintptr_t)rows, i, row)
    {
        wg_time at = json_integer_value(json_object_get(row, "at"));
        (void)json_object_set_new(row, "at", show_time(at));
        (void)json_array_append(items, row);
    }
}

static bool audit_rows(struct api_page *page, struct wg_error *err)
{
    struct audit_query query = {.since = time_filter(page, "since"),
                                .until = time_filter(page, "until"),
                                .actor = api_page_filter(page, "actor"),
                                .kind = api_page_filter(page, "kind"),
                                .subject = api_page_filter(page, "subject"),
                                .campaign = api_page_filter(page, "campaign"),
                                .device = api_page_filter(page, "device"),
                                .text = api_page_filter(page, "q"),
                                .limit = page->limit};
    if (!audit_cursor(page->after[0] ? page->after : NULL, &query.before, err)) return false;
    for (int look = 0; look < LOOKS && json_array_size(page->items) == 0; look++) {
        json_t *rows = audit_find(page->db, &query, &query.before, err);
        if (!rows) return false;
        add_rows(page->items, rows);
        json_decref(rows);
        if (query.before == 0) return true;
    }
    return wg_format(page->next, sizeof page->next, "%lld", (long long)query.before);
}

static bool check_time(const struct api_call *call, const char *name, struct wg_error *err)
{
    wg_time time;
    const char *text = api_parameter(call, name);
    return !text[0] || wg_time_parse(text, &time) ||
           wg_fail(err, WG_E_USAGE, "%s: expected a time like 2026-12-01T00:00:00Z", name);
}

static bool list_audit(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"since",    "until",  "actor", "kind", "subject",
                                             "campaign", "device", "q",     NULL};
    static const char *const columns[] = {"number",   "at",   "actor",  "origin", "kind",
                                          "subject",  "why",  "before", "after",  "detail",
                                          "previous", "hash", NULL};
    static const struct api_list list = {audit_rows, parameters, columns, MAY_AUDIT_READ,
                                         CURSOR_NUMBER};
    int of = (api_parameter(call, "subject")[0] != 0) + (api_parameter(call, "campaign")[0] != 0) +
             (api_parameter(call, "device")[0] != 0);
    if (of > 1)
        return wg_fail(err, WG_E_USAGE, "campaign, device and subject: expected one of them");
    return api_may_everywhere(call, MAY_AUDIT_READ, err) && check_time(call, "since", err) &&
           check_time(call, "until", err) && audit_row_settle(call->db, err) &&
           api_list(call, &list, err);
}

static bool get_head(struct api_call *call, struct wg_error *err)
{
    bool is_protected;
    char login[AUDIT_LOGIN_MAX];
    if (!api_parameters(call, NULL, err) || !api_may_everywhere(call, MAY_AUDIT_READ, err) ||
        !audit_row_settle(call->db, err) ||
        !audit_find_protected(call->db, &is_protected, login, err))
        return false;
    json_t *head = document_get(call->db, SQL_AUDIT_HEAD, 0, NULL, err);
    if (!head) return false;
    (void)json_object_set_new(head, "protected", json_boolean(is_protected));
    (void)json_object_set_new(head, "login", json_string(login));
    return api_json(call, head, err);
}

static const struct api_route routes[] = {
    {"GET", "/audit", "listAudit", MAY(AUDIT_READ), 0, list_audit},
    {"GET", "/audit/head", "getAuditHead", MAY(AUDIT_READ), 0, get_head},
};
const struct api_room audit_room = {routes, sizeof routes / sizeof routes[0]};
