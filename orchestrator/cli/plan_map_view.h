/* plan_map_view.h: which part of the earth a map shows, and where on the page it lies. */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_MAP_VIEW_H
#define WG_ORCHESTRATOR_CLI_PLAN_MAP_VIEW_H

#include "orchestrator/cli/plan_map.h"
#include "orchestrator/cli/projection.h"

/* The page, in pixels. */
#define MAP_PAGE_WIDTH 1280
#define MAP_LEFT 32
#define MAP_TOP 108
#define MAP_WIDTH 1216
#define MAP_HEIGHT 608
#define MAP_RADIUS_MAX 30.0 /* of a circle; a zoomed map leaves room for it all round */

struct map_view {
    struct projection projection;
    bool whole;          /* all of the earth; else a part that fills the frame */
    double scale;        /* pixels to an earth radius */
    double mid_x, mid_y; /* what lies in the middle of the frame, earth radii */
    double south, north; /* latitudes that are in the frame, about */
};

/* Around the cells that hold devices; the whole earth when there are none, or when they are all
 * over it. */
struct map_view map_view_of(const struct plan_map *map);
/* Where on the page. lon is relative to the view's middle meridian. */
void map_view_point(const struct map_view *view, double lat, double lon, double *x, double *y);

#endif
