/* release_routes.c: releases, as the database knows them. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/store/document.h"

static bool release_rows(struct api_page *page, struct wg_error *err)
{
    return api_page_rows(page, SQL_RELEASE_PAGE, 4,
                         (const char *const[]){page->after[0] ? page->after : NULL,
                                               api_page_filter(page, "component"),
                                               api_page_filter(page, "q"),
                                               api_page_filter(page, "state")},
                         err);
}

static bool list_releases(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"component", "q", "state", NULL};
    static const char *const columns[] = {"component", "version",  "length", "sha256", "hardware",
                                          "added_by",  "added_at", "sealed", "state",  NULL};
    static const struct api_list list = {release_rows, parameters, columns, MAY_RELEASE_READ,
                                         CURSOR_NAME};
    return api_list(call, &list, err);
}

static bool get_release(struct api_call *call, struct wg_error *err)
{
    if (!api_name_value(call, 0, "component", err) || !api_parameters(call, NULL, err))
        return false;
    struct wg_buf scopes;
    bool ok = api_scopes(call, MAY_RELEASE_READ, &scopes, err);
    const char *const params[] = {call->values[0], call->values[1], grants_scopes_param(&scopes)};
    json_t *document = ok ? document_get(call->db, SQL_RELEASE_DOCUMENT, 3, params, err) : NULL;
    wg_buf_clear(&scopes);
    if (!document) return wg_context(err, "release %s/%s", call->values[0], call->values[1]);
    return api_json_tagged(call, document, err);
}

static const struct api_route routes[] = {
    {"GET", "/releases", "listReleases", MAY(RELEASE_READ), 0, list_releases},
    {"GET", "/releases/{component}/{version}", "getRelease", MAY(RELEASE_READ), 0, get_release},
};
const struct api_room release_room = {routes, sizeof routes / sizeof routes[0]};
