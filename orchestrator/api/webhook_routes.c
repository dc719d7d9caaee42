/* webhook_routes.c: who is told of changes, and what could not be told. A URL and a secret are in
 * no log: URLs of chat services are secrets too. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/event_text.h"
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/webhook_sender.h"
#include "orchestrator/api/webhook_sign.h"
#include "orchestrator/api/webhook_url.h"

#include "common/text.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/document.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define ID_DIGITS 18
#define KINDS_TEXT 256

/* What a body says of a webhook; NULL: nothing. */
struct wish {
    char name[WG_NAME_MAX + 1], url[WEBHOOK_URL_MAX], secret[WEBHOOK_SECRET_TEXT];
    struct param_array kinds;
    bool has_kinds;
    const char *enabled;
};

static bool read_kinds(const json_t *body, struct wish *out, struct wg_error *err)
{
    json_t *list = json_object_get(body, "kinds"), *kind;
    size_t i;
    if (!list) return true;
    out->has_kinds = json_array_size(list) > 0;
    bool ok = out->has_kinds;
    json_array_foreach(list, i, kind)
    {
        const char *text = json_string_value(kind);
        ok = ok && text && event_kind_bit(text);
        if (ok) param_array_add(&out->kinds, text);
    }
    return ok ||
           wg_fail(err, WG_E_USAGE,
                   "kinds: expected a list of campaign, wave, device, alarm, release, people");
}

static bool read_flag(const json_t *body, const char *key, bool *there, bool *out,
                      struct wg_error *err)
{
    const json_t *value = json_object_get(body, key);
    *there = value != NULL;
    *out = json_is_true(value);
    return !value || json_is_boolean(value) ||
           wg_fail(err, WG_E_USAGE, "%s: expected true or false", key);
}

static bool read_texts(const struct api_call *call, struct wish *out, struct wg_error *err)
{
    const struct settings_api *api = &call->settings->api;
    if (!wg_json_text_opt(call->body, "name", out->name, sizeof out->name, err) ||
        !wg_json_text_opt(call->body, "url", out->url, sizeof out->url, err))
        return false;
    if (out->name[0] && !wg_name_is_valid(out->name))
        return wg_fail(err, WG_E_USAGE, "name: letters, digits, '.', '_', '-', at most %d",
                       WG_NAME_MAX);
    return !out->url[0] ||
           webhook_url_check(out->url, api->webhook_http, api->webhook_private, err);
}

static bool read_wish(const struct api_call *call, struct wish *out, struct wg_error *err)
{
    static const char *const known[] = {"name", "url", "kinds", "enabled", "new_secret", NULL};
    bool there, on;
    memset(out, 0, sizeof *out);
    param_array_init(&out->kinds);
    if (!wg_json_only_keys(call->body, known, err) || !read_texts(call, out, err) ||
        !read_kinds(call->body, out, err) || !read_flag(call->body, "enabled", &there, &on, err))
        return false;
    if (there) out->enabled = on ? "true" : "false";
    return read_flag(call->body, "new_secret", &there, &on, err) &&
           (!on || webhook_secret_make(out->secret, err));
}

static void wish_clear(struct wish *wish)
{
    param_array_clear(&wish->kinds);
    explicit_bzero(wish, sizeof *wish);
}

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static bool read_id(const struct api_call *call, int64_t *out, struct wg_error *err)
{
    const char *text = call->values[0];
    size_t digits = strspn(text, "0123456789");
    *out = strtoll(text, NULL, 10);
    return (digits > 0 && digits <= ID_DIGITS && !text[digits]) ||
           wg_fail(err, WG_E_NOT_FOUND, "there is no webhook \"%.40s\"", text);
}

static json_t *get_document(const struct api_call *call, int64_t id, struct wg_error *err)
{
    char text[PARAM_NUMBER];
    const char *const params[] = {NULL, param_number(text, id), "1"};
    json_t *document = document_get(call->db, SQL_WEBHOOK_PAGE, 3, params, err);
    if (!document && err && err->code == WG_E_NOT_FOUND)
        (void)wg_fail(err, WG_E_NOT_FOUND, "there is no webhook %lld", (long long)id);
    return document;
}

static int64_t version_of(const json_t *document)
{
    return json_integer_value(json_object_get(document, "version"));
}

/* With the secret, once, when there is a new one. */
static bool answer(struct api_call *call, int64_t id, const char *secret, unsigned status,
                   struct wg_error *err)
{
    json_t *document = get_document(call, id, err);
    if (!document) return false;
    int64_t version = version_of(document);
    if (secret[0] && json_object_set_new(document, "secret", json_string(secret)) == 0)
        call->answer->secret = true;
    if (!api_json(call, document, err)) return false;
    call->answer->status = status;
    api_tag_version(call, version);
    return true;
}

static bool tell(struct api_call *call, const char *kind, const char *name, const struct wish *wish,
                 struct wg_error *err)
{
    char origin[WEBHOOK_ORIGIN_MAX] = "";
    json_t *kinds = json_object_get(call->body, "kinds");
    if (wish && wish->url[0]) webhook_url_origin(wish->url, origin);
    return audit_row_add(call->db, kind, name,
                         json_pack("{s:s*,s:O*,s:s*,s:s*}", "to", origin[0] ? origin : NULL,
                                   "kinds", kinds, "enabled", wish ? wish->enabled : NULL, "secret",
                                   wish && wish->secret[0] ? "new" : NULL),
                         call->now, err);
}

static bool may(const struct api_call *call, struct wg_error *err)
{
    return api_may_everywhere(call, MAY_WEBHOOK_MANAGE, err);
}

/* ---- webhooks ---- */

static bool webhook_rows(struct api_page *page, struct wg_error *err)
{
    const char *const params[] = {page->after[0] ? page->after : NULL, NULL};
    return api_page_rows(page, SQL_WEBHOOK_PAGE, 2, params, err);
}

static bool list_webhooks(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"id",      "name",    "url",  "kinds",   "enabled",
                                          "made_at", "pending", "dead", "failure", NULL};
    static const struct api_list list = {.page = webhook_rows,
                                         .columns = columns,
                                         .permission = MAY_WEBHOOK_MANAGE,
                                         .cursor = CURSOR_NUMBER};
    return may(call, err) && api_list(call, &list, err);
}

static bool get_webhook(struct api_call *call, struct wg_error *err)
{
    int64_t id;
    return may(call, err) && read_id(call, &id, err) && answer(call, id, "", 200, err);
}

static bool add(struct api_call *call, const struct wish *wish, const char *kinds, int64_t *id,
                struct wg_error *err)
{
    const char *const params[] = {
        wish->name,     wish->url, kinds, wish->secret, wish->enabled ? wish->enabled : "true",
        call->who->name};
    PGresult *result = db_query(call->db, SQL_WEBHOOK_ADD, 6, params, err);
    if (!result && err->code == WG_E_CONFLICT)
        (void)wg_fail(err, WG_E_CONFLICT, "there is a webhook %s already", wish->name);
    if (result) *id = db_int(result, 0, 0);
    PQclear(result);
    return result != NULL;
}

static bool create(struct api_call *call, struct wish *wish, struct wg_error *err)
{
    int64_t id = 0;
    if (!read_wish(call, wish, err)) return false;
    if (!wish->name[0] || !wish->url[0] || !wish->has_kinds)
        return wg_fail(err, WG_E_USAGE, "name, url and kinds are wanted");
    const char *kinds = param_array_text(&wish->kinds);
    return param_array_check(&wish->kinds, err) &&
           (wish->secret[0] || webhook_secret_make(wish->secret, err)) &&
           add(call, wish, kinds, &id, err) && tell(call, "webhook-made", wish->name, wish, err) &&
           answer(call, id, wish->secret, 201, err);
}

static bool create_webhook(struct api_call *call, struct wg_error *err)
{
    struct wish wish;
    if (!may(call, err)) return false;
    bool ok = create(call, &wish, err);
    wish_clear(&wish);
    return ok;
}

static bool write_change(struct api_call *call, int64_t id, struct wish *wish, int64_t version,
                         struct wg_error *err)
{
    char number[PARAM_NUMBER], last[PARAM_NUMBER], name[WG_NAME_MAX + 1] = "";
    const char *kinds = param_array_text(&wish->kinds);
    const char *const params[] = {param_number(number, id),
                                  param_number(last, version),
                                  or_null(wish->name),
                                  or_null(wish->url),
                                  wish->has_kinds ? kinds : NULL,
                                  or_null(wish->secret),
                                  wish->enabled};
    if (!param_array_check(&wish->kinds, err)) return false;
    PGresult *result = db_query(call->db, SQL_WEBHOOK_CHANGE, 7, params, err);
    bool changed = result && PQntuples(result) > 0;
    if (changed) db_copy(result, 0, 0, name, sizeof name);
    PQclear(result);
    if (!result) return false;
    if (!changed)
        return api_problem(call, 412, "stale", NULL, err,
                           "it was changed meanwhile: read it again");
    return tell(call, "webhook-changed", name, wish, err) &&
           answer(call, id, wish->secret, 200, err);
}

static bool change_webhook(struct api_call *call, struct wg_error *err)
{
    struct wish wish;
    int64_t id;
    if (!may(call, err) || !read_id(call, &id, err)) return false;
    json_t *before = get_document(call, id, err);
    if (!before) return false;
    int64_t version = version_of(before);
    json_decref(before);
    bool ok = read_wish(call, &wish, err) && api_if_match(call, version, err) &&
              write_change(call, id, &wish, version, err);
    wish_clear(&wish);
    return ok;
}

static bool delete_webhook(struct api_call *call, struct wg_error *err)
{
    int64_t id;
    char number[PARAM_NUMBER], name[WG_NAME_MAX + 1] = "";
    if (!may(call, err) || !read_id(call, &id, err)) return false;
    const char *const params[] = {param_number(number, id)};
    PGresult *result = db_query(call->db, SQL_WEBHOOK_DELETE, 1, params, err);
    bool found = result && PQntuples(result) > 0;
    if (found) db_copy(result, 0, 0, name, sizeof name);
    PQclear(result);
    if (!result) return false;
    if (!found) return wg_fail(err, WG_E_NOT_FOUND, "there is no webhook %lld", (long long)id);
    call->answer->status = 204;
    return tell(call, "webhook-deleted", name, NULL, err);
}

/* ---- events ---- */

static bool test_webhook(struct api_call *call, struct wg_error *err)
{
    int64_t id;
    char number[PARAM_NUMBER];
    if (!may(call, err) || !read_id(call, &id, err)) return false;
    const char *const params[] = {param_number(number, id), webhook_source(call->settings),
                                  call->who->name};
    PGresult *result = db_query(call->db, SQL_WEBHOOK_TRY, 3, params, err);
    bool found = result && PQntuples(result) > 0;
    json_t *document = found ? json_pack("{s:s}", "event", db_text(result, 0, 0)) : NULL;
    PQclear(result);
    if (!result) return false;
    if (!found) return wg_fail(err, WG_E_NOT_FOUND, "there is no webhook %lld", (long long)id);
    return api_json(call, document, err);
}

static bool dead_rows(struct api_page *page, struct wg_error *err)
{
    const char *const params[] = {page->values[0], page->after[0] ? page->after : NULL};
    return api_page_rows(page, SQL_WEBHOOK_DEAD_PAGE, 2, params, err);
}

static bool list_dead(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"event",    "made_at", "dead_at",
                                          "attempts", "failure", NULL};
    static const struct api_list list = {.page = dead_rows,
                                         .columns = columns,
                                         .permission = MAY_WEBHOOK_MANAGE,
                                         .cursor = CURSOR_PAIR};
    int64_t id;
    if (!may(call, err) || !read_id(call, &id, err)) return false;
    json_t *webhook = get_document(call, id, err);
    json_decref(webhook);
    return webhook && api_list(call, &list, err);
}

static bool retry_dead(struct api_call *call, struct wg_error *err)
{
    int64_t id, again = 0;
    struct change_place place;
    char number[PARAM_NUMBER], xid[PARAM_NUMBER], row[PARAM_NUMBER];
    if (!may(call, err) || !read_id(call, &id, err)) return false;
    bool ok = change_place_parse(call->values[1], &place);
    if (ok) {
        const char *const params[] = {param_number(number, id), param_number(xid, place.xid),
                                      param_number(row, place.id)};
        if (!db_run(call->db, SQL_WEBHOOK_AGAIN, 3, params, &again, err)) return false;
    }
    if (again == 0)
        return wg_fail(err, WG_E_NOT_FOUND, "webhook %lld has not given up an event %.44s",
                       (long long)id, call->values[1]);
    return api_json(call, json_pack("{s:s}", "event", call->values[1]), err);
}

#define P MAY(WEBHOOK_MANAGE)
static const struct api_route routes[] = {
    {"GET", "/webhooks", "listWebhooks", P, 0, list_webhooks},
    {"POST", "/webhooks", "createWebhook", P, API_BODY, create_webhook},
    {"GET", "/webhooks/{id}", "getWebhook", P, 0, get_webhook},
    {"PATCH", "/webhooks/{id}", "changeWebhook", P, API_BODY, change_webhook},
    {"DELETE", "/webhooks/{id}", "deleteWebhook", P, 0, delete_webhook},
    {"POST", "/webhooks/{id}/test", "testWebhook", P, 0, test_webhook},
    {"GET", "/webhooks/{id}/dead", "listDeadEvents", P, 0, list_dead},
    {"POST", "/webhooks/{id}/dead/{event}/retry", "retryDeadEvent", P, 0, retry_dead},
};
const struct api_room webhook_room = {routes, sizeof routes / sizeof routes[0]};
