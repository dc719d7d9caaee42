/* area.c: an area as it is kept, asked and written. */
#include "orchestrator/campaign/area.h"

#include "orchestrator/campaign/area_shape.h"

#include <stdlib.h>
#include <string.h>

void area_clear(struct area *area)
{
    free(area->points);
    free(area->rings);
    *area = (struct area){0};
}

void area_free(struct area *area)
{
    if (!area) return;
    area_clear(area);
    free(area);
}

/* NULL without memory: the old items are then still there. */
static void *grown(void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) return items;
    size_t wanted = *cap ? *cap * 2 : 16;
    void *more = realloc(items, wanted * size);
    if (more) *cap = wanted;
    return more;
}

bool area_add_point(struct area *area, struct area_point point)
{
    struct area_point *points =
        grown(area->points, area->point_count, &area->point_cap, sizeof *points);
    if (!points) return false;
    area->points = points;
    points[area->point_count++] = point;
    return true;
}

bool area_add_ring(struct area *area, bool hole)
{
    struct area_ring *rings = grown(area->rings, area->ring_count, &area->ring_cap, sizeof *rings);
    if (!rings) return false;
    area->rings = rings;
    struct area_ring *ring = &rings[area->ring_count];
    const struct area_ring *before = area->ring_count ? ring - 1 : NULL;
    size_t first = before ? before->first + before->count : 0;
    *ring = (struct area_ring){.first = first, .count = area->point_count - first, .hole = hole};
    area_ring_measure(area, ring);
    area->ring_count++;
    return true;
}

void area_ring_measure(const struct area *area, struct area_ring *ring)
{
    ring->west = ring->south = INT64_MAX;
    ring->east = ring->north = INT64_MIN;
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        struct area_point point = area->points[i];
        if (point.x < ring->west) ring->west = point.x;
        if (point.x > ring->east) ring->east = point.x;
        if (point.y < ring->south) ring->south = point.y;
        if (point.y > ring->north) ring->north = point.y;
    }
}

void area_ring_shift(struct area *area, struct area_ring *ring, int64_t x)
{
    for (size_t i = ring->first; i < ring->first + ring->count; i++) area->points[i].x += x;
    ring->west += x;
    ring->east += x;
}

void area_ring_reverse(struct area *area, const struct area_ring *ring)
{
    struct area_point *points = area->points + ring->first;
    for (size_t i = 0, j = ring->count; i + 1 < j; i++) {
        struct area_point kept = points[i];
        points[i] = points[--j];
        points[j] = kept;
    }
}

/* Three turns around: both parts, then the whole. */
void area_ring_begin(struct area *area, const struct area_ring *ring)
{
    const struct area_point *points = area->points;
    size_t least = ring->first;
    for (size_t i = ring->first; i < ring->first + ring->count; i++)
        if (points[i].x < points[least].x ||
            (points[i].x == points[least].x && points[i].y < points[least].y))
            least = i;
    struct area_ring before = {.first = ring->first, .count = least - ring->first};
    struct area_ring after = {.first = least, .count = ring->count - before.count};
    area_ring_reverse(area, &before);
    area_ring_reverse(area, &after);
    area_ring_reverse(area, ring);
}

size_t area_after(const struct area_ring *ring, size_t point)
{
    return point + 1 < ring->first + ring->count ? point + 1 : ring->first;
}

area_wide area_ring_surface(const struct area *area, const struct area_ring *ring)
{
    area_wide sum = 0;
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        struct area_point a = area->points[i], b = area->points[area_after(ring, i)];
        sum += (area_wide)a.x * b.y - (area_wide)b.x * a.y;
    }
    return sum;
}

size_t area_vertices(const struct area *area)
{
    return area->point_count;
}

static double degrees(int64_t steps)
{
    return (double)steps / (double)AREA_DEGREE;
}

void area_box(const struct area *area, double *west, double *south, double *east, double *north)
{
    struct area_ring all = {.count = area->point_count};
    area_ring_measure(area, &all);
    *west = degrees(all.west);
    *south = degrees(all.south);
    *east = degrees(all.east);
    *north = degrees(all.north);
}

enum found { OUTSIDE, ON_BORDER, INSIDE };

/* PostGIS's own steps, in its order and on its numbers: so both say the same of a place whose
 * distance from the border is a rounding error. A quotient of two exact numbers is the double that
 * is nearest, which is also what PostGIS reads from the text. */
static enum found find(const struct area *area, const struct area_ring *ring, double x, double y)
{
    int winding = 0;
    size_t last = ring->first + ring->count - 1;
    double from_x = degrees(area->points[ring->first].x);
    double from_y = degrees(area->points[ring->first].y);
    for (size_t i = ring->first; i <= last; i++) {
        struct area_point next = area->points[area_after(ring, i)];
        double to_x = degrees(next.x), to_y = degrees(next.y);
        double side = (to_x - from_x) * (y - from_y) - (x - from_x) * (to_y - from_y);
        bool beside = (x < from_x && x < to_x) || (x > from_x && x > to_x) ||
                      (y < from_y && y < to_y) || (y > from_y && y > to_y);
        if (side == 0 && !beside) return ON_BORDER;
        if (from_y <= y && y < to_y && side > 0)
            winding++;
        else if (to_y <= y && y < from_y && side < 0)
            winding--;
        from_x = to_x;
        from_y = to_y;
    }
    return winding == 0 ? OUTSIDE : INSIDE;
}

static bool in_box(const struct area_ring *ring, double x, double y)
{
    return x >= degrees(ring->west) && x <= degrees(ring->east) && y >= degrees(ring->south) &&
           y <= degrees(ring->north);
}

bool area_holds(const struct area *area, double lat, double lon)
{
    for (size_t i = 0; i < area->ring_count;) {
        const struct area_ring *ring = &area->rings[i];
        enum found found = in_box(ring, lon, lat) ? find(area, ring, lon, lat) : OUTSIDE;
        for (i++; i < area->ring_count && area->rings[i].hole; i++) {
            if (found != INSIDE || !in_box(&area->rings[i], lon, lat)) continue;
            enum found in_hole = find(area, &area->rings[i], lon, lat);
            if (in_hole == INSIDE) found = OUTSIDE;
            if (in_hole == ON_BORDER) found = ON_BORDER;
        }
        if (found != OUTSIDE) return true;
    }
    return false;
}

static void add_position(struct wg_buf *out, struct area_point point)
{
    char x[AREA_DEGREES_TEXT], y[AREA_DEGREES_TEXT];
    area_degrees_text(point.x, x);
    area_degrees_text(point.y, y);
    wg_buf_text(out, x);
    wg_buf_char(out, ' ');
    wg_buf_text(out, y);
}

bool area_wkt(const struct area *area, struct wg_buf *out, struct wg_error *err)
{
    wg_buf_text(out, "MULTIPOLYGON (");
    for (size_t i = 0; i < area->ring_count; i++) {
        const struct area_ring *ring = &area->rings[i];
        if (i > 0) wg_buf_text(out, ring->hole ? ", " : "), ");
        wg_buf_text(out, ring->hole ? "(" : "((");
        for (size_t k = 0; k < ring->count; k++) {
            add_position(out, area->points[ring->first + k]);
            wg_buf_text(out, ", ");
        }
        add_position(out, area->points[ring->first]);
        wg_buf_char(out, ')');
    }
    wg_buf_text(out, "))");
    return wg_buf_check(out, err, "the text of an area");
}
