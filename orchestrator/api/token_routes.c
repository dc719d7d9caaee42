/* token_routes.c: tokens of scripts: made, shown once, listed, ended. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/api/moment.h"
#include "orchestrator/store/token_row.h"

#include <stdlib.h>
#include <string.h>

#define ID_DIGITS 18

static json_t *token_json(const struct token_row *row)
{
    return json_pack("{s:I,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "id", (json_int_t)row->id, "name",
                     row->name, "person", row->maker, "permissions",
                     permission_set_json(row->permissions), "scope", scope_json(&row->scope),
                     "created_at", moment_json(row->made_at), "ends_at", moment_json(row->ends_at),
                     "used_at", moment_json(row->used_at));
}

static bool take(void *ctx, const struct token_row *row, struct wg_error *err)
{
    struct api_page *page = ctx;
    char id[24];
    (void)wg_format(id, sizeof id, "%lld", (long long)row->id);
    if (json_array_append_new(page->items, token_json(row)) != 0)
        return wg_fail_memory(err, "a list");
    api_page_next(page, json_array_size(page->items), id);
    return true;
}

/* All of them for who manages people everywhere; else one's own. */
static bool token_rows(struct api_page *page, struct wg_error *err)
{
    const char *maker = page->scopes ? page->who : NULL;
    int64_t after = strtoll(page->after, NULL, 10);
    return token_row_each(page->db, maker, after, page->limit, take, page, err);
}

static bool list_tokens(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {
        "id", "name", "person", "permissions", "scope", "created_at", "ends_at", "used_at", NULL};
    static const struct api_list list = {token_rows, NULL, columns, MAY_PEOPLE_MANAGE,
                                         CURSOR_NUMBER};
    return api_list(call, &list, err);
}

static bool read_wish(const struct api_call *call, struct token_row *wish, struct wg_error *err)
{
    static const char *const keys[] = {"name", "permissions", "scope", "ends_at", NULL};
    char ends[WG_TIME_TEXT];
    return wg_json_only_keys(call->body, keys, err) &&
           wg_json_text(call->body, "name", wish->name, sizeof wish->name, err) &&
           permission_set_read(json_object_get(call->body, "permissions"), &wish->permissions,
                               err) &&
           scope_read(json_object_get(call->body, "scope"), &wish->scope, err) &&
           wg_json_text(call->body, "ends_at", ends, sizeof ends, err) &&
           (wg_time_parse(ends, &wish->ends_at) ||
            wg_fail(err, WG_E_BAD_INPUT, "ends_at: expected a time like 2026-12-01T00:00:00Z"));
}

static bool make_token(struct api_call *call, struct wg_error *err)
{
    struct token_row wish = {0}, made;
    struct token_secret secret = {{0}, {0}};
    if (!api_parameters(call, NULL, err) || !read_wish(call, &wish, err)) return false;
    call->answer->secret = true;
    bool ok = token_row_make(call->db, call->who, &wish, call->now, &made, &secret, err);
    json_t *document = ok ? token_json(&made) : NULL;
    if (document) (void)json_object_set_new(document, "token", json_string(secret.text));
    token_clear(&secret);
    return ok && api_json(call, document, err);
}

static bool end_token(struct api_call *call, struct wg_error *err)
{
    const char *id = call->values[0];
    size_t len = strlen(id);
    if (!api_parameters(call, NULL, err)) return false;
    if (len > ID_DIGITS || strspn(id, "0123456789") != len)
        return wg_fail(err, WG_E_USAGE, "\"%.64s\" is no token's number", id);
    return token_row_end(call->db, call->who, strtoll(id, NULL, 10), call->now, err);
}

static const struct api_route routes[] = {
    {"GET", "/tokens", "listTokens", 0, 0, list_tokens},
    {"POST", "/tokens", "makeToken", 0, API_BODY, make_token},
    {"DELETE", "/tokens/{id}", "endToken", 0, 0, end_token},
};
const struct api_room token_room = {routes, sizeof routes / sizeof routes[0]};
