/* boundary_routes.c: areas of regions and time zones. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/steering/boundary_import.h"

#include <string.h>

static bool rows(struct api_page *page, struct wg_error *err)
{
    return api_page_rows(page, SQL_BOUNDARY_PAGE, 2,
                         (const char *const[]){page->after, page->scopes}, err);
}

static bool list_boundaries(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"kind",    "name",        "area_km2",
                                          "devices", "imported_at", NULL};
    static const struct api_list list = {rows, NULL, columns, MAY_DEVICE_READ, CURSOR_NAME};
    return api_list(call, &list, err);
}

static bool bad_feature(struct api_call *call, const struct boundary_import *import,
                        struct wg_error *err)
{
    char why[WG_ERROR_TEXT_MAX];
    json_int_t line = import->line, feature = import->feature;
    (void)wg_copy(why, sizeof why, err->text);
    return api_problem(call, 422, "bad-file",
                       json_pack("{s:[{s:I,s:I,s:s}]}", "problems", "line", line, "feature",
                                 feature, "reason", why),
                       err, "line %lld: feature %lld: %s", (long long)line, (long long)feature,
                       why);
}

/* They tell of devices wherever these are. */
static bool may(struct api_call *call, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && api_may_everywhere(call, MAY_DEVICE_EDIT, err);
}

static bool import_boundaries(struct api_call *call, struct wg_error *err)
{
    struct boundary_import import = {.read = api_read_file, .ctx = call};
    if (!may(call, err)) return false;
    if (!boundary_import_run(call->db, &import, call->now, err))
        return import.line > 0 && err->code == WG_E_BAD_FILE ? bad_feature(call, &import, err)
                                                             : false;
    return api_json(call,
                    json_pack("{s:I,s:I,s:I}", "boundaries", (json_int_t)import.stored, "left_out",
                              (json_int_t)import.left_out, "devices_changed",
                              (json_int_t)import.changed),
                    err);
}

static bool derive(struct api_call *call, struct wg_error *err)
{
    int64_t changed = 0;
    return may(call, err) && boundary_derive(call->db, &changed, err) &&
           api_json(call, json_pack("{s:I}", "devices_changed", (json_int_t)changed), err);
}

static const struct api_route routes[] = {
    {"GET", "/boundaries", "listBoundaries", MAY(DEVICE_READ), 0, list_boundaries},
    {"POST", "/boundaries/import", "importBoundaries", MAY(DEVICE_EDIT),
     API_FILE | API_OWN_TRANSACTION, import_boundaries},
    {"POST", "/boundaries/derive", "deriveFromBoundaries", MAY(DEVICE_EDIT), API_OWN_TRANSACTION,
     derive},
};
const struct api_room boundary_room = {routes, sizeof routes / sizeof routes[0]};
