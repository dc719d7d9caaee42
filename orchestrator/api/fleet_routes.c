/* fleet_routes.c: the fleet as a whole. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/fleet_counts.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/show/health.h"
#include "orchestrator/store/device_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAP_COLUMNS 48
#define MAP_COLUMNS_MAX 360

static bool get_fleet(struct api_call *call, struct wg_error *err)
{
    struct wg_buf scopes;
    bool ok = api_scopes(call, MAY_DEVICE_READ, &scopes, err) && api_parameters(call, NULL, err);
    json_t *document =
        ok ? fleet_counts_get(call->api->fleet, call->db, grants_scopes_param(&scopes), err) : NULL;
    wg_buf_clear(&scopes);
    return document && api_json(call, document, err);
}

static bool read_count(struct api_call *call, const char *name, size_t max, size_t *out,
                       struct wg_error *err)
{
    const char *text = api_parameter(call, name);
    char *end = NULL;
    *out = 0;
    if (!text[0]) return true;
    unsigned long number = strtoul(text, &end, 10);
    if (*end || text[0] == '-' || number < 1 || number > max)
        return wg_fail(err, WG_E_USAGE, "%s: expected 1 to %zu, got \"%.20s\"", name, max, text);
    *out = number;
    return true;
}

/* Degrees, and behind them the sign or the end. */
static bool read_degrees(const char **text, char behind, double max, double *out)
{
    char *end = NULL;
    *out = strtod(*text, &end);
    bool ok = end != *text && *end == behind && isfinite(*out) && fabs(*out) <= max;
    *text = ok && behind ? end + 1 : end;
    return ok;
}

static bool read_box(struct api_call *call, struct device_box *box, struct wg_error *err)
{
    const char *given = api_parameter(call, "box"), *text = given;
    *box = (struct device_box){-180, -90, 180, 90, MAP_COLUMNS};
    bool ok =
        !text[0] ||
        (read_degrees(&text, ',', 180, &box->west) && read_degrees(&text, ',', 90, &box->south) &&
         read_degrees(&text, ',', 180, &box->east) && read_degrees(&text, '\0', 90, &box->north));
    if (!ok || box->west >= box->east || box->south >= box->north)
        return wg_fail(err, WG_E_USAGE,
                       "box: expected WEST,SOUTH,EAST,NORTH in degrees, got \"%.60s\"", given);
    size_t columns;
    if (!read_count(call, "cells", MAP_COLUMNS_MAX, &columns, err)) return false;
    if (columns) box->columns = (int)columns;
    return true;
}

static bool get_map(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"box", "cells", NULL};
    struct device_box box;
    struct wg_buf scopes;
    bool ok = api_scopes(call, MAY_DEVICE_READ, &scopes, err) &&
              api_parameters(call, parameters, err) && read_box(call, &box, err);
    json_t *document = ok ? device_map(call->db, &box, grants_scopes_param(&scopes), err) : NULL;
    wg_buf_clear(&scopes);
    return document && api_json(call, document, err);
}

/* Kept day by day for the whole fleet: not for who sees a part of it. */
static bool get_versions(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"component", "days", NULL};
    const char *component = api_parameter(call, "component");
    size_t days;
    return api_parameters(call, parameters, err) &&
           api_may_everywhere(call, MAY_DEVICE_READ, err) &&
           read_count(call, "days", HEALTH_DAYS_MAX, &days, err) &&
           api_json(call, versions_document(call->db, component[0] ? component : NULL, days, err),
                    err);
}

static bool get_health(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"kind", NULL};
    const char *kind = api_parameter(call, "kind");
    struct health_query query = {.kind = kind[0] ? kind : NULL};
    struct wg_buf scopes;
    bool ok = api_scopes(call, MAY_DEVICE_READ, &scopes, err) &&
              api_parameters(call, parameters, err) &&
              read_count(call, "limit", HEALTH_WORST_MAX, &query.limit, err);
    query.scopes = grants_scopes_param(&scopes);
    json_t *document = ok ? health_document(call->db, &query, call->now, err) : NULL;
    wg_buf_clear(&scopes);
    return document && api_json(call, document, err);
}

static const struct api_route routes[] = {
    {"GET", "/fleet", "getFleet", MAY(DEVICE_READ), 0, get_fleet},
    {"GET", "/fleet/map", "getFleetMap", MAY(DEVICE_READ), 0, get_map},
    {"GET", "/fleet/versions", "getFleetVersions", MAY(DEVICE_READ), 0, get_versions},
    {"GET", "/fleet/health", "getFleetHealth", MAY(DEVICE_READ), 0, get_health},
};
const struct api_room fleet_room = {routes, sizeof routes / sizeof routes[0]};
