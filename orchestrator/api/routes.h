/* routes.h: the table of all routes: what is served, documented, permitted and tested is made from
 * it. */
#ifndef WG_ORCHESTRATOR_API_ROUTES_H
#define WG_ORCHESTRATOR_API_ROUTES_H

#include "orchestrator/api/call.h"

struct api_room { /* the routes of one noun */
    const struct api_route *routes;
    size_t count;
};
extern const struct api_room *const api_rooms[];
extern const size_t api_room_count;

/* Finds the route; *values are filled. NULL: *allowed tells the methods of that path ("GET, PUT"),
 * "" there is no such path. */
#define API_ALLOWED_TEXT 64
const struct api_route *api_route_find(const char *method, const char *path,
                                       char values[API_VALUES_MAX][WG_VERSION_MAX + 1],
                                       char allowed[API_ALLOWED_TEXT]);
/* "wavegate-api --routes": [{"method", "path", "operation", "permissions", "open", "roles"}]. New
 * reference. */
json_t *api_routes_json(void);

#endif
