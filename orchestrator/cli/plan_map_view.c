/* plan_map_view.c: finding the part of the earth that holds the devices. */
#include "orchestrator/cli/plan_map_view.h"

#include <math.h>

#define WHOLE_LON 11.0     /* the middle of the usual map of the world: its edge cuts no land */
#define PART_LON_MAX 130.0 /* degrees; what is wider is shown on the whole earth */
#define PART_LAT_MAX 75.0
#define PART_HEIGHT_MIN                                                                            \
    8.0 /* degrees of latitude that a frame has at least: a town is shown in its country */
#define STANDARD_MAX 80.0
#define DEGREE (M_PI / 180)

/* The parts of the earth that the cells touch. Longitudes by whole degrees: the widest run of
 * degrees without any is what the map is not about. */
struct extent {
    double south, north, west, width; /* degrees */
    bool any;
};

static bool add_cells(const struct plan_map *map, struct extent *extent, bool touched[360])
{
    for (size_t i = 0; i < map->cell_count; i++) {
        const struct plan_map_cell *cell = &map->cells[i];
        if (cell->devices == 0) continue;
        int degree = (int)floor(projection_turn(cell->lon)) + 180;
        touched[degree < 360 ? degree : 359] = true;
        extent->south = extent->any ? fmin(extent->south, cell->lat) : cell->lat;
        extent->north = extent->any ? fmax(extent->north, cell->lat) : cell->lat;
        extent->any = true;
    }
    return extent->any;
}

static struct extent extent_of(const struct plan_map *map)
{
    struct extent extent = {0};
    bool touched[360] = {false};
    if (!add_cells(map, &extent, touched)) return extent;
    int widest = -1, after = 0;
    for (int start = 0; start < 360; start++) {
        if (!touched[start]) continue;
        int gap = 0;
        while (gap < 360 && !touched[(start + 1 + gap) % 360]) gap++;
        if (gap > widest) {
            widest = gap;
            after = (start + 1 + gap) % 360;
        }
    }
    extent.west = after - 180;
    extent.width = widest < 360 ? 360 - widest : 1;
    return extent;
}

/* The usual map when it does not part what belongs together; else one around the devices. */
static struct map_view whole_view(const struct extent *extent)
{
    double x, y, lon0 = WHOLE_LON;
    bool parted = fmod(extent->west - (WHOLE_LON - 180) + 360, 360) + extent->width > 360;
    if (extent->any && parted)
        lon0 = projection_turn(10 * round((extent->west + extent->width / 2) / 10));
    struct map_view view = {
        .projection = projection_equal_earth(lon0), .whole = true, .south = -90, .north = 90};
    projection_point(&view.projection, 90, 0, &x, &y);
    view.scale = MAP_HEIGHT / 2.0 / y;
    projection_point(&view.projection, 0, 180, &x, &y);
    view.scale = fmin(view.scale, MAP_WIDTH / 2.0 / x);
    return view;
}

/* The box, in earth radii, around all devices. */
static void bounds(const struct map_view *view, const struct plan_map *map, double low[2],
                   double high[2])
{
    bool any = false;
    for (size_t i = 0; i < map->cell_count; i++) {
        const struct plan_map_cell *cell = &map->cells[i];
        if (cell->devices == 0) continue;
        double at[2];
        projection_point(&view->projection, cell->lat,
                         projection_turn(cell->lon - view->projection.lon0), &at[0], &at[1]);
        for (int axis = 0; axis < 2; axis++) {
            low[axis] = any ? fmin(low[axis], at[axis]) : at[axis];
            high[axis] = any ? fmax(high[axis], at[axis]) : at[axis];
        }
        any = true;
    }
}

static struct map_view part_view(const struct plan_map *map, const struct extent *extent)
{
    double span = fmax(extent->north - extent->south, PART_HEIGHT_MIN);
    double mid = (extent->north + extent->south) / 2;
    double south = fmin(fmax(mid - span / 3, -STANDARD_MAX), STANDARD_MAX - 1);
    double north = fmax(fmin(mid + span / 3, STANDARD_MAX), south + 1);
    struct map_view view = {.projection = projection_albers(
                                projection_turn(extent->west + extent->width / 2), south, north)};
    double low[2] = {0}, high[2] = {0}, pad = 2 * (MAP_RADIUS_MAX + 20);
    bounds(&view, map, low, high);
    view.mid_x = (low[0] + high[0]) / 2;
    view.mid_y = (low[1] + high[1]) / 2;
    view.scale = (MAP_HEIGHT - pad) / fmax(high[1] - low[1], 1e-9);
    view.scale = fmin(view.scale, (MAP_WIDTH - pad) / fmax(high[0] - low[0], 1e-9));
    view.scale = fmin(view.scale, MAP_HEIGHT / (PART_HEIGHT_MIN * DEGREE));
    view.south = mid - MAP_HEIGHT / view.scale / DEGREE;
    view.north = mid + MAP_HEIGHT / view.scale / DEGREE;
    return view;
}

struct map_view map_view_of(const struct plan_map *map)
{
    struct extent extent = extent_of(map);
    struct map_view whole = whole_view(&extent);
    if (!extent.any || extent.width > PART_LON_MAX || extent.north - extent.south > PART_LAT_MAX)
        return whole;
    struct map_view part = part_view(map, &extent);
    return part.scale > whole.scale ? part : whole;
}

void map_view_point(const struct map_view *view, double lat, double lon, double *x, double *y)
{
    double px, py;
    projection_point(&view->projection, lat, lon, &px, &py);
    *x = MAP_LEFT + MAP_WIDTH / 2.0 + (px - view->mid_x) * view->scale;
    *y = MAP_TOP + MAP_HEIGHT / 2.0 - (py - view->mid_y) * view->scale;
}
