/* plan_map_ground.c: sea, graticule and land; degrees and kilometres along the frame. */
#include "orchestrator/cli/plan_map_part.h"
#include "orchestrator/cli/svg.h"

#include <math.h>

#define EARTH_KM 6371.0
#define BAR_MAX 170.0 /* pixels */
#define RIGHT (MAP_LEFT + MAP_WIDTH)
#define BOTTOM (MAP_TOP + MAP_HEIGHT)

struct place {
    double x, y;
};

/* A meridian from south to north, or a parallel from west to east; steps of a degree or less. */
struct line {
    const struct map_view *view;
    bool meridian;
    double at, stride; /* degrees */
    double from, to;
};

static struct place line_point(const struct line *line, int step)
{
    double along = fmin(line->from + step * line->stride, line->to);
    struct place place;
    map_view_point(line->view, line->meridian ? along : line->at, line->meridian ? line->at : along,
                   &place.x, &place.y);
    return place;
}

static int line_steps(const struct line *line)
{
    return (int)ceil((line->to - line->from) / line->stride);
}

static bool is_near(struct place place)
{
    return place.x > MAP_LEFT - 200 && place.x < RIGHT + 200 && place.y > MAP_TOP - 200 &&
           place.y < BOTTOM + 200;
}

static void draw_line(struct wg_buf *out, const struct line *line)
{
    struct svg_path path = {.out = out};
    bool down = false;
    for (int step = 0; step <= line_steps(line); step++) {
        struct place place = line_point(line, step);
        bool near = is_near(place);
        if (near && down)
            svg_path_line(&path, place.x, place.y);
        else if (near)
            svg_path_move(&path, place.x, place.y);
        down = near;
    }
}

static int step_of(double least)
{
    static const int steps[] = {1, 2, 5, 10, 15, 30};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i] >= least) return steps[i];
    return 30;
}

/* Degrees between parallels: about six of them from top to bottom. */
static int parallel_step(const struct map_view *view)
{
    return view->whole ? 30 : step_of(MAP_HEIGHT / view->scale * (180 / M_PI) / 7);
}

/* Degrees between meridians: as far apart as parallels, where they meet towards the poles too. */
static int meridian_step(const struct map_view *view)
{
    double middle = (view->south + view->north) / 2 * (M_PI / 180);
    return view->whole ? 30 : step_of(parallel_step(view) / 1.7 / fmax(cos(middle), 0.1));
}

static struct line meridian(const struct map_view *view, double lon)
{
    double end = view->whole ? 75 : 89;
    return (struct line){.view = view,
                         .meridian = true,
                         .at = projection_turn(lon - view->projection.lon0),
                         .stride = fmin(1, parallel_step(view) / 4.0),
                         .from = fmax(-end, view->south),
                         .to = fmin(end, view->north)};
}

static struct line parallel(const struct map_view *view, double lat)
{
    return (struct line){.view = view,
                         .at = lat,
                         .stride = fmin(1, parallel_step(view) / 4.0),
                         .from = -180,
                         .to = 180};
}

static void draw_graticule(struct wg_buf *out, const struct map_view *view)
{
    int east = meridian_step(view), north = parallel_step(view);
    wg_buf_text(out, "<path class=\"grid\" d=\"");
    for (int lon = -180; lon < 180; lon += east) {
        struct line line = meridian(view, lon);
        draw_line(out, &line);
    }
    for (int lat = -90 + north; lat < 90; lat += north) {
        struct line line = parallel(view, lat);
        draw_line(out, &line);
    }
    wg_buf_text(out, "\"/>\n");
}

/* The edge of the whole map. */
static void draw_sea(struct wg_buf *out, const struct map_view *view)
{
    static const double corners[5][2] = {
        {-90, -180}, {90, -180}, {90, 180}, {-90, 180}, {-90, -180}};
    struct svg_path path = {.out = out};
    double x, y;
    wg_buf_text(out, "<path class=\"sea\" d=\"");
    map_view_point(view, -90, -180, &x, &y);
    svg_path_move(&path, x, y);
    for (int side = 0; side < 4; side++)
        for (int step = 1; step <= 90; step++) {
            double part = step / 90.0;
            const double *a = corners[side], *b = corners[side + 1];
            map_view_point(view, a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1]), &x, &y);
            svg_path_line(&path, x, y);
        }
    svg_path_close(&path);
    wg_buf_text(out, "\"/>\n");
}

bool map_ground_draw(struct wg_buf *out, const struct map_view *view, struct wg_error *err)
{
    draw_sea(out, view);
    draw_graticule(out, view);
    return map_land_draw(out, view, err);
}

static void degrees(struct wg_buf *out, double value, const char *positive, const char *negative)
{
    svg_number(out, fabs(value), 1);
    wg_buf_text(out, "\xC2\xB0");
    if (value != 0 && fabs(value) != 180)
        wg_buf_printf(out, " %s", value > 0 ? positive : negative);
}

static void label_meridian(struct wg_buf *out, const struct line *line, double lon)
{
    for (int step = 1; step <= line_steps(line); step++) {
        struct place a = line_point(line, step - 1), b = line_point(line, step);
        if (a.y < BOTTOM || b.y >= BOTTOM) continue;
        double x = a.x + (b.x - a.x) * (a.y - BOTTOM) / (a.y - b.y);
        if (x < MAP_LEFT + 60 || x > RIGHT - BAR_MAX - 70) return;
        wg_buf_text(out, "<text class=\"degree\" text-anchor=\"middle\"");
        svg_attribute(out, "x", x);
        svg_attribute(out, "y", BOTTOM - 9);
        wg_buf_char(out, '>');
        degrees(out, lon, "E", "W");
        wg_buf_text(out, "</text>\n");
        return;
    }
}

static void label_parallel(struct wg_buf *out, const struct line *line)
{
    for (int step = 1; step <= line_steps(line); step++) {
        struct place a = line_point(line, step - 1), b = line_point(line, step);
        if (a.x >= MAP_LEFT || b.x < MAP_LEFT) continue;
        double y = a.y + (b.y - a.y) * (MAP_LEFT - a.x) / (b.x - a.x);
        if (y < MAP_TOP + 20 || y > BOTTOM - 30) return;
        wg_buf_text(out, "<text class=\"degree\"");
        svg_attribute(out, "x", MAP_LEFT + 9);
        svg_attribute(out, "y", y + 4);
        wg_buf_char(out, '>');
        degrees(out, line->at, "N", "S");
        wg_buf_text(out, "</text>\n");
        return;
    }
}

/* 1, 2 or 5 and zeros, in kilometres: the longest bar that fits. */
static void draw_bar(struct wg_buf *out, const struct map_view *view)
{
    double pixels = view->scale / EARTH_KM, most = BAR_MAX / pixels;
    double power = pow(10, floor(log10(most)));
    double km = most >= 5 * power ? 5 * power : most >= 2 * power ? 2 * power : power;
    double right = RIGHT - 20, left = right - km * pixels, y = BOTTOM - 16;
    wg_buf_text(out, "<path class=\"bar\" d=\"M");
    svg_number(out, left, 1);
    wg_buf_printf(out, " %dv5H", (int)y - 5);
    svg_number(out, right, 1);
    wg_buf_text(out, "v-5\"/>\n<text class=\"degree\" text-anchor=\"middle\"");
    svg_attribute(out, "x", (left + right) / 2);
    svg_attribute(out, "y", y - 8);
    wg_buf_char(out, '>');
    svg_count(out, llround(km));
    wg_buf_text(out, " km</text>\n");
}

void map_ground_label(struct wg_buf *out, const struct map_view *view)
{
    int east = meridian_step(view), north = parallel_step(view);
    if (view->whole) return;
    for (int lon = -180; lon < 180; lon += east) {
        struct line line = meridian(view, lon);
        label_meridian(out, &line, lon);
    }
    for (int lat = -90 + north; lat < 90; lat += north) {
        struct line line = parallel(view, lat);
        label_parallel(out, &line);
    }
    draw_bar(out, view);
}
