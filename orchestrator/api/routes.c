/* routes.c: finds a route by its segments. */
#include "orchestrator/api/routes.h"

#include "common/text.h"
#include "orchestrator/people/role.h"

#include <string.h>

/* A segment of the pattern, "{id}" or a word, against one of the path. */
static bool segment_fits(const char *pattern, size_t pattern_len, const char *path, size_t len,
                         char (*values)[WG_VERSION_MAX + 1], size_t *count)
{
    if (pattern[0] != '{') return pattern_len == len && strncmp(pattern, path, len) == 0;
    if (len == 0 || *count == API_VALUES_MAX) return false;
    return wg_copy_n(values[(*count)++], WG_VERSION_MAX + 1, path, len);
}

static bool path_fits(const struct api_route *route, const char *path,
                      char values[API_VALUES_MAX][WG_VERSION_MAX + 1])
{
    const char *pattern = route->path;
    size_t count = 0;
    if (!(route->flags & API_UNVERSIONED)) {
        if (strncmp(path, API_PREFIX, sizeof API_PREFIX - 1) != 0) return false;
        path += sizeof API_PREFIX - 1;
    }
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t pattern_len = strcspn(pattern, "/"), len = strcspn(path, "/");
        if (!segment_fits(pattern, pattern_len, path, len, values, &count)) return false;
        pattern += pattern_len;
        path += len;
    }
    return *pattern == '\0' && *path == '\0';
}

static void allow(char *allowed, const char *method)
{
    char before[API_ALLOWED_TEXT];
    (void)wg_copy(before, sizeof before, allowed);
    (void)wg_format(allowed, API_ALLOWED_TEXT, "%s%s%s", before, before[0] ? ", " : "", method);
    if (strcmp(method, "GET") == 0) allow(allowed, "HEAD");
}

const struct api_route *api_route_find(const char *method, const char *path,
                                       char values[API_VALUES_MAX][WG_VERSION_MAX + 1],
                                       char allowed[API_ALLOWED_TEXT])
{
    if (strcmp(method, "HEAD") == 0) method = "GET";
    allowed[0] = '\0';
    for (size_t i = 0; i < api_room_count; i++)
        for (size_t k = 0; k < api_rooms[i]->count; k++) {
            const struct api_route *route = &api_rooms[i]->routes[k];
            if (!path_fits(route, path, values)) continue;
            if (strcmp(route->method, method) == 0) return route;
            allow(allowed, route->method);
        }
    return NULL;
}

static json_t *roles_json(const struct api_route *route)
{
    json_t *roles = json_array();
    for (enum role role = 0; role < ROLES; role++)
        if (!route->any_of || (role_permissions(role) & route->any_of))
            (void)json_array_append_new(roles, json_string(role_name(role)));
    return roles;
}

json_t *api_routes_json(void)
{
    json_t *out = json_array();
    for (size_t i = 0; i < api_room_count; i++)
        for (size_t k = 0; k < api_rooms[i]->count; k++) {
            const struct api_route *route = &api_rooms[i]->routes[k];
            bool open = route->flags & API_OPEN;
            (void)json_array_append_new(
                out, json_pack("{s:s,s:s+,s:s,s:o,s:b,s:b,s:o}", "method", route->method, "path",
                               route->flags & API_UNVERSIONED ? "" : API_PREFIX, route->path,
                               "operation", route->operation, "permissions",
                               permission_set_json(route->any_of), "open", open, "body",
                               (route->flags & (API_BODY | API_FILE | API_UPLOAD)) != 0, "roles",
                               roles_json(route)));
        }
    return out;
}
