/* group_routes.c: groups and who is in them. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/registry/id_list.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/group_row.h"

#include <stdlib.h>
#include <string.h>

#define SCOPES_MAX ((size_t)65536)
#define BLOCK 16384

static bool group_rows(struct api_page *page, struct wg_error *err)
{
    return api_page_rows(page, SQL_GROUP_PAGE, 2, (const char *const[]){page->after, page->scopes},
                         err);
}

static bool list_groups(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"group", "devices", NULL};
    static const struct api_list list = {group_rows, NULL, columns, MAY_DEVICE_READ, CURSOR_NAME};
    return api_list(call, &list, err);
}

/* How many there are is counted for the first page alone. */
static bool member_rows(struct api_page *page, struct wg_error *err)
{
    int64_t devices;
    const char *name = page->values[0];
    if (!page->after[0]) {
        if (!group_row_size(page->db, name, page->scopes, &devices, err)) return false;
        page->more = json_pack("{s:s,s:I}", "group", name, "devices", (json_int_t)devices);
    }
    return api_page_rows(page, SQL_GROUP_MEMBER_PAGE, 3,
                         (const char *const[]){name, page->after, page->scopes}, err);
}

static bool get_group(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"device", NULL};
    static const struct api_list list = {member_rows, NULL, columns, MAY_DEVICE_READ, CURSOR_NAME};
    return api_name_value(call, 0, "group", err) && api_list(call, &list, err);
}

/* ---- members in and out ---- */

static bool read_text(struct api_call *call, struct wg_buf *out, struct wg_error *err)
{
    char block[BLOCK];
    size_t got;
    do {
        if (!spool_read(call->request->file, block, sizeof block, &got, err)) return false;
        wg_buf_add(out, block, got);
    } while (got > 0);
    return wg_buf_check(out, err, "ids of devices");
}

static bool read_lines(struct api_call *call, struct wg_buf *text, struct id_list *out,
                       struct wg_error *err)
{
    char why[WG_ERROR_TEXT_MAX];
    if (id_list_read(out, text->data, err)) return true;
    if (err->code != WG_E_BAD_FILE) return false;
    (void)wg_copy(why, sizeof why, err->text);
    return api_problem(
        call, 422, "bad-file",
        json_pack("{s:[{s:I,s:s}]}", "problems", "line", (json_int_t)out->line, "reason", why), err,
        "line %lld: %s", (long long)out->line, why);
}

static bool read_list(struct api_call *call, const struct wg_buf *text, struct id_list *out,
                      struct wg_error *err)
{
    static const char *const keys[] = {"devices", NULL};
    size_t i;
    json_t *id;
    call->body = wg_json_parse(wg_buf_str(text), text->len, ID_LIST_BYTES_MAX, err);
    if (!call->body) return wg_context(err, "the body");
    if (!json_is_object(call->body) || !wg_json_only_keys(call->body, keys, err))
        return err->code != WG_OK ? false
                                  : wg_fail(err, WG_E_BAD_INPUT, "the body: expected an object");
    if (!json_is_array(json_object_get(call->body, "devices")))
        return wg_fail(err, WG_E_BAD_INPUT, "devices: expected a list of ids");
    json_array_foreach(json_object_get(call->body, "devices"), i, id)
    {
        if (!json_is_string(id) || !wg_name_is_valid(json_string_value(id)))
            return wg_fail(err, WG_E_BAD_INPUT, "devices[%zu]: expected the id of a device", i);
        if (!id_list_add(out, json_string_value(id), err)) return false;
    }
    return true;
}

/* A JSON object with "devices", or lines. */
static bool read_ids(struct api_call *call, struct wg_buf *text, struct id_list *out,
                     struct wg_error *err)
{
    const char *type = http_request_header(call->request, "Content-Type");
    if (!read_text(call, text, err)) return false;
    if (type && strncmp(type, "application/json", 16) == 0) {
        if (!read_list(call, text, out, err)) return false;
    } else if (type && strncmp(type, "text/plain", 10) == 0) {
        if (!read_lines(call, text, out, err)) return false;
    } else {
        return api_problem(call, 415, "type", NULL, err,
                           "Content-Type: application/json and text/plain are taken");
    }
    return out->count > 0 || wg_fail(err, WG_E_USAGE, "no device is named");
}

/* All of them, or nobody. ids NULL: all that are in the group. */
static bool may_on(struct api_call *call, const struct id_list *ids, struct wg_error *err)
{
    struct wg_buf scopes;
    int64_t outside = 0;
    wg_buf_init(&scopes, SCOPES_MAX);
    bool ok = grants_scopes(&call->who->grants, MAY_DEVICE_EDIT, &scopes, err);
    const char *limit = grants_scopes_param(&scopes);
    ok = ok && (!limit || group_row_outside(call->db, call->values[0], ids ? ids->ids : NULL,
                                            ids ? ids->count : 0, limit, &outside, err));
    wg_buf_clear(&scopes);
    return ok &&
           (outside == 0 || api_problem(call, 403, "outside-scope",
                                        json_pack("{s:I}", "outside", (json_int_t)outside), err,
                                        "%s may not %s on %lld of these devices", call->who->name,
                                        permission_name(MAY_DEVICE_EDIT), (long long)outside));
}

static bool answer(struct api_call *call, int64_t changed, struct wg_error *err)
{
    return store_notify(call->db, err) && api_json(call,
                                                   json_pack("{s:s,s:I}", "group", call->values[0],
                                                             "changed", (json_int_t)changed),
                                                   err);
}

static bool change(struct api_call *call, bool add, struct wg_error *err)
{
    struct id_list ids;
    struct wg_buf text;
    int64_t changed = 0;
    id_list_init(&ids);
    wg_buf_init(&text, ID_LIST_BYTES_MAX);
    bool ok = api_parameters(call, NULL, err) && api_name_value(call, 0, "group", err) &&
              read_ids(call, &text, &ids, err) && may_on(call, &ids, err) &&
              (add ? group_row_add : group_row_remove)(call->db, call->values[0], ids.ids,
                                                       ids.count, &changed, err) &&
              answer(call, changed, err);
    id_list_clear(&ids);
    wg_buf_clear(&text);
    return ok;
}

static bool add_members(struct api_call *call, struct wg_error *err)
{
    return change(call, true, err);
}

static bool remove_members(struct api_call *call, struct wg_error *err)
{
    return change(call, false, err);
}

static bool delete_group(struct api_call *call, struct wg_error *err)
{
    int64_t changed = 0;
    return api_parameters(call, NULL, err) && api_name_value(call, 0, "group", err) &&
           may_on(call, NULL, err) && group_row_delete(call->db, call->values[0], &changed, err) &&
           answer(call, changed, err);
}

static const struct api_route routes[] = {
    {"GET", "/groups", "listGroups", MAY(DEVICE_READ), 0, list_groups},
    {"GET", "/groups/{name}", "getGroup", MAY(DEVICE_READ), 0, get_group},
    {"POST", "/groups/{name}/add", "addToGroup", MAY(DEVICE_EDIT), API_FILE, add_members},
    {"POST", "/groups/{name}/remove", "removeFromGroup", MAY(DEVICE_EDIT), API_FILE,
     remove_members},
    {"DELETE", "/groups/{name}", "deleteGroup", MAY(DEVICE_EDIT), 0, delete_group},
};
const struct api_room group_room = {routes, sizeof routes / sizeof routes[0]};
