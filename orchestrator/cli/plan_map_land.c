/* plan_map_land.c: the outline of the land, cut to what a map shows.
 *
 * A ring is unrolled along its longitudes, cut where the map's edge is (180 degrees from its
 * middle), projected, and cut to the frame. So no edge runs across the map from one side to the
 * other. A ring that goes round a pole is closed along the map's lower or upper edge first.
 */
#include "orchestrator/cli/land.h"
#include "orchestrator/cli/plan_map_part.h"
#include "orchestrator/cli/ring.h"
#include "orchestrator/cli/svg.h"

#include <math.h>

#define MARGIN 12.0 /* pixels around the frame that lines are drawn to, to be clipped there */
#define STRIDE 1.5  /* degrees: longer edges are bent with the projection */
#define SPECK 0.8   /* pixels: smaller islands are left out */

struct work {
    const struct map_view *view;
    struct wg_buf *out;
    struct ring whole, ring, spare; /* the unrolled ring; the part being cut; where cuts go */
};

static void swap(struct work *work)
{
    struct ring ring = work->ring;
    work->ring = work->spare;
    work->spare = ring;
}

static void cut(struct work *work, enum ring_side side, double line)
{
    ring_cut(&work->ring, side, line, &work->spare);
    swap(work);
}

/* Reads a ring; x is the longitude from the middle of the map, unrolled, y the latitude. */
static void read_ring(struct work *work, struct land_cursor *line)
{
    double lat, lon, first = 0, last = 0, lon0 = work->view->projection.lon0;
    work->whole.count = 0;
    while (land_next(line, &lat, &lon)) {
        if (work->whole.count == 0) first = lon;
        last = lon;
        ring_add(&work->whole, lon - lon0, lat);
    }
    if (work->whole.count == 0 || fabs(last - first) < 180) return;
    double pole = work->whole.points[0].y < 0 ? -90 : 90;
    ring_add(&work->whole, last - lon0, pole);
    ring_add(&work->whole, first - lon0, pole);
}

static void unrolled(const struct ring *ring, double *west, double *east)
{
    *west = *east = ring->points[0].x;
    for (size_t i = 1; i < ring->count; i++) {
        *west = fmin(*west, ring->points[i].x);
        *east = fmax(*east, ring->points[i].x);
    }
}

/* work->ring from degrees to the page. */
static void project(struct work *work)
{
    struct ring *to = &work->spare;
    to->count = 0;
    for (size_t i = 0; i < work->ring.count; i++) {
        struct ring_point a = work->ring.points[i];
        struct ring_point b = work->ring.points[(i + 1) % work->ring.count];
        double length = fmax(fabs(b.x - a.x), fabs(b.y - a.y));
        int steps = length > STRIDE ? (int)ceil(length / STRIDE) : 1;
        for (int step = 0; step < steps; step++) {
            double part = (double)step / steps, x, y;
            map_view_point(work->view, a.y + part * (b.y - a.y), a.x + part * (b.x - a.x), &x, &y);
            ring_add(to, x, y);
        }
    }
    swap(work);
}

static bool is_speck(const struct ring *ring)
{
    double x = ring->points[0].x, y = ring->points[0].y;
    for (size_t i = 1; i < ring->count; i++)
        if (fabs(ring->points[i].x - x) > SPECK || fabs(ring->points[i].y - y) > SPECK)
            return false;
    return true;
}

static void write_ring(struct work *work)
{
    struct svg_path path = {.out = work->out};
    if (work->ring.count < 3 || is_speck(&work->ring)) return;
    svg_path_move(&path, work->ring.points[0].x, work->ring.points[0].y);
    for (size_t i = 1; i < work->ring.count; i++)
        svg_path_line(&path, work->ring.points[i].x, work->ring.points[i].y);
    svg_path_close(&path);
}

/* The part of the ring between 180 degrees on either side of the middle, that many turns away. */
static void draw_turn(struct work *work, int turn)
{
    work->ring.count = 0;
    for (size_t i = 0; i < work->whole.count; i++)
        ring_add(&work->ring, work->whole.points[i].x - 360 * turn, work->whole.points[i].y);
    cut(work, RING_RIGHT_OF, -180);
    cut(work, RING_LEFT_OF, 180);
    project(work);
    cut(work, RING_RIGHT_OF, MAP_LEFT - MARGIN);
    cut(work, RING_LEFT_OF, MAP_LEFT + MAP_WIDTH + MARGIN);
    cut(work, RING_ABOVE, MAP_TOP - MARGIN);
    cut(work, RING_BELOW, MAP_TOP + MAP_HEIGHT + MARGIN);
    write_ring(work);
}

static void draw_ring(struct work *work, struct land_cursor *line)
{
    double west, east;
    read_ring(work, line);
    if (work->whole.count == 0) return;
    unrolled(&work->whole, &west, &east);
    int last = (int)floor((east + 180) / 360);
    for (int turn = (int)floor((west + 180) / 360); turn <= last; turn++) draw_turn(work, turn);
}

static void draw_border(const struct work *work, struct land_cursor *line)
{
    struct svg_path path = {.out = work->out};
    double lat, lon, x, y, last = 0;
    bool down = false;
    while (land_next(line, &lat, &lon)) {
        lon = projection_turn(lon - work->view->projection.lon0);
        map_view_point(work->view, lat, lon, &x, &y);
        bool seen = fabs(x - MAP_LEFT - MAP_WIDTH / 2.0) < MAP_WIDTH &&
                    fabs(y - MAP_TOP - MAP_HEIGHT / 2.0) < MAP_HEIGHT;
        if (seen && (!down || fabs(lon - last) > 180))
            svg_path_move(&path, x, y);
        else if (seen)
            svg_path_line(&path, x, y);
        down = seen;
        last = lon;
    }
}

static void draw_lines(struct work *work, enum land_kind kind)
{
    struct land_cursor line;
    for (size_t i = 0; land_line(i, &line); i++) {
        if (line.kind != kind) continue;
        if (kind == LAND_RING)
            draw_ring(work, &line);
        else
            draw_border(work, &line);
    }
}

bool map_land_draw(struct wg_buf *out, const struct map_view *view, struct wg_error *err)
{
    struct work work = {.view = view, .out = out};
    wg_buf_text(out, "<path class=\"land\" d=\"");
    draw_lines(&work, LAND_RING);
    wg_buf_text(out, "\"/>\n");
    if (!view->whole) {
        wg_buf_text(out, "<path class=\"border\" d=\"");
        draw_lines(&work, LAND_BORDER);
        wg_buf_text(out, "\"/>\n");
    }
    bool failed = work.whole.failed || work.ring.failed || work.spare.failed;
    ring_clear(&work.whole);
    ring_clear(&work.ring);
    ring_clear(&work.spare);
    return failed ? wg_fail_memory(err, "drawing the land") : true;
}
