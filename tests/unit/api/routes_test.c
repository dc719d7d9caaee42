/* routes_test.c: paths to routes. */
#include "orchestrator/api/routes.h"

#include "tests/unit/harness.h"

static char values[API_VALUES_MAX][WG_VERSION_MAX + 1];
static char allowed[API_ALLOWED_TEXT];

static const char *operation(const char *method, const char *path)
{
    const struct api_route *route = api_route_find(method, path, values, allowed);
    return route ? route->operation : "";
}

static void test_found(void)
{
    ASSERT_TEXT(operation("GET", "/healthz"), "isAlive");
    ASSERT_TEXT(operation("HEAD", "/healthz"), "isAlive");
    ASSERT_TEXT(operation("GET", "/api/v1/devices"), "listDevices");
    ASSERT_TEXT(operation("GET", "/api/v1/devices/dev-01/timeline"), "listDeviceTimeline");
    ASSERT_TEXT(values[0], "dev-01");
    ASSERT_TEXT(operation("GET", "/api/v1/releases/a/1.0"), "getRelease");
    ASSERT_TEXT(values[1], "1.0");
}

static void test_not_found(void)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "/api/v1",
                                        "/api/v1/",
                                        "/api/v1/healthz",
                                        "/devices",
                                        "/api/v1/devices/",
                                        "/api/v1/devices//timeline",
                                        "/api/v1/devicesx",
                                        "/api/v1/devices/a/timeline/",
                                        "/api/v2/devices"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        ASSERT_TEXT(operation("GET", paths[i]), "");
        ASSERT_TEXT(allowed, "");
    }
    ASSERT_TEXT(operation("DELETE", "/api/v1/fleet"), "");
    ASSERT_TEXT(allowed, "GET, HEAD");
}

/* Each path with each method once: of two routes one would never be asked. */
static void test_single(void)
{
    for (size_t i = 0; i < api_room_count; i++)
        for (size_t k = 0; k < api_rooms[i]->count; k++) {
            const struct api_route *route = &api_rooms[i]->routes[k];
            char path[256];
            (void)wg_format(path, sizeof path, "%s%s",
                            route->flags & API_UNVERSIONED ? "" : API_PREFIX, route->path);
            CU_ASSERT_PTR_EQUAL(api_route_find(route->method, path, values, allowed), route);
        }
}

WG_SUITE("orchestrator/api/routes", {"found", test_found}, {"not found", test_not_found},
         {"single", test_single})
