/* area_reader.c: corners become rings, rings a polygon, and a checked polygon part of the area. */
#include "orchestrator/campaign/area_reader.h"

#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define POSITIONS_MIN 4 /* of a ring, its first and last being the same */
#define POINT_TEXT ((size_t)2 * AREA_DEGREES_TEXT)
#define EDGE_TEXT (2 * POINT_TEXT + 8)
#define POSITIONS_MAX (AREA_VERTICES_MAX + AREA_RINGS_MAX)

bool area_reader_init(struct area_reader *reader, struct yaml_doc *doc)
{
    *reader = (struct area_reader){.doc = doc};
    reader->area = calloc(1, sizeof *reader->area);
    reader->places = calloc(POSITIONS_MAX, sizeof(*reader->places));
    reader->rings = calloc(AREA_RINGS_MAX, sizeof(*reader->rings));
    return reader->area && reader->places && reader->rings;
}

void area_reader_clear(struct area_reader *reader)
{
    area_clear(&reader->polygon);
    free(reader->places);
    free(reader->rings);
}

bool area_reader_problem(struct area_reader *reader, const struct yaml_value *at,
                         const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    yaml_doc_problem(reader->doc, at, "area: %s", text);
    reader->broken = reader->wrong = true;
    return false;
}

static bool degrees(struct area_reader *reader, const struct yaml_value *at, const char *what,
                    const char *text, size_t len, int64_t most, int64_t *out)
{
    int shown = len < 40 ? (int)len : 40;
    if (area_degrees_read(text, len, out) && *out >= -most && *out <= most) return true;
    return area_reader_problem(
        reader, at, "%s: expected a number from -%d to %d, got \"%.*s\"%s", what,
        (int)(most / AREA_DEGREE), (int)(most / AREA_DEGREE), shown, text,
        most == AREA_POLE ? " (a position is longitude, then latitude)" : "");
}

void area_reader_corner(struct area_reader *reader, const struct yaml_value *at,
                        const struct yaml_value *lon_at, const char *lon, size_t lon_len,
                        const struct yaml_value *lat_at, const char *lat, size_t lat_len)
{
    struct area_point point = {0};
    if (reader->full) return;
    /* one more than allowed, for the last of a ring repeats its first */
    if (++reader->vertices > AREA_VERTICES_MAX + 1) {
        reader->full = true;
        area_reader_problem(reader, at, "more than %d corners: simplify it", AREA_VERTICES_MAX);
        return;
    }
    bool good = degrees(reader, lon_at, "longitude", lon, lon_len,
                        reader->planar ? AREA_HALF : AREA_WHOLE, &point.x);
    good = degrees(reader, lat_at, "latitude", lat, lat_len, AREA_POLE, &point.y) && good;
    if (!good || reader->place_count == POSITIONS_MAX) return;
    reader->places[reader->place_count++] = at;
    if (!area_add_point(&reader->polygon, point)) reader->memory = true;
}

static void shown_point(const struct area *area, size_t point, char out[POINT_TEXT])
{
    char x[AREA_DEGREES_TEXT], y[AREA_DEGREES_TEXT];
    area_degrees_text(area->points[point].x, x);
    area_degrees_text(area->points[point].y, y);
    (void)wg_format(out, POINT_TEXT, "%s %s", x, y);
}

static void shown_edge(const struct area *area, size_t point, char out[EDGE_TEXT])
{
    char a[POINT_TEXT], b[POINT_TEXT];
    size_t ring = area->ring_count - 1;
    while (area->rings[ring].first > point) ring--;
    shown_point(area, point, a);
    shown_point(area, area_after(&area->rings[ring], point), b);
    (void)wg_format(out, EDGE_TEXT, "(%s, %s)", a, b);
}

static void edge_problem(struct area_reader *reader, const struct area_fault *fault)
{
    char edge[EDGE_TEXT], other[EDGE_TEXT];
    const char *verb = fault->kind == AREA_CROSSES        ? "crosses"
                       : fault->kind == AREA_MEETS_ITSELF ? "touches"
                                                          : "lies on";
    shown_edge(&reader->polygon, fault->edge, edge);
    shown_edge(&reader->polygon, fault->other, other);
    area_reader_problem(reader, reader->places[fault->edge], "the edge %s %s the edge %s", edge,
                        verb, other);
}

static void tell(struct area_reader *reader, const struct area_fault *fault,
                 const struct yaml_value *at)
{
    switch (fault->kind) {
    case AREA_NO_MEMORY:
        reader->memory = true;
        break;
    case AREA_NO_SURFACE:
        area_reader_problem(reader, at, "the ring encloses nothing");
        break;
    case AREA_TOO_WIDE:
        area_reader_problem(reader, at, "the ring is more than 360 degrees wide");
        break;
    case AREA_AROUND_POLE:
        area_reader_problem(
            reader, at,
            "the ring goes around a pole: expected an edge along the pole, from -180 to 180 at "
            "latitude 90 or -90, or no edge wider than 180 degrees");
        break;
    case AREA_CROSSES:
    case AREA_MEETS_ITSELF:
    case AREA_SHARES:
        edge_problem(reader, fault);
        break;
    case AREA_HOLE_OUTSIDE:
        area_reader_problem(reader, reader->rings[fault->ring],
                            "the hole does not lie inside its outer ring, the first of the "
                            "polygon");
        break;
    case AREA_HOLE_IN_HOLE:
        area_reader_problem(reader, reader->rings[fault->ring],
                            "the hole lies inside another hole");
        break;
    case AREA_PARTED:
        area_reader_problem(reader, reader->rings[fault->ring],
                            "the holes and the outer ring touch so that they part the polygon: "
                            "expected a polygon for each part");
        break;
    case AREA_UNCUTTABLE:
        area_reader_problem(reader, at,
                            "the polygon cannot be cut at the antimeridian in steps of 1e-7 "
                            "degrees: corners are too close together there");
        break;
    }
}

/* Corners that are one place become one. Places go along. */
static void drop_repeats(struct area_reader *reader, struct area_ring *ring)
{
    struct area_point *points = reader->polygon.points + ring->first;
    const struct yaml_value **places = reader->places + ring->first;
    size_t kept = 0;
    for (size_t i = 0; i < ring->count; i++) {
        bool repeats =
            kept > 0 && points[kept - 1].x == points[i].x && points[kept - 1].y == points[i].y;
        if (repeats) continue;
        points[kept] = points[i];
        places[kept++] = places[i];
    }
    while (kept > 1 && points[kept - 1].x == points[0].x && points[kept - 1].y == points[0].y)
        kept--;
    ring->count = kept;
    reader->polygon.point_count = reader->place_count = ring->first + kept;
}

/* The last point, which was added as every other, repeats the first: it goes. */
static bool close_ring(struct area_reader *reader, const struct yaml_value *at,
                       struct area_ring *ring)
{
    const struct area_point *points = reader->polygon.points + ring->first;
    size_t last = ring->count - 1;
    if (ring->count < POSITIONS_MIN)
        return area_reader_problem(reader, at,
                                   "a ring has at least 4 positions, the last being the first "
                                   "again; found %zu",
                                   ring->count);
    if (points[0].x != points[last].x || points[0].y != points[last].y) {
        char first_text[POINT_TEXT], last_text[POINT_TEXT];
        shown_point(&reader->polygon, ring->first, first_text);
        shown_point(&reader->polygon, ring->first + last, last_text);
        return area_reader_problem(reader, reader->places[ring->first + last],
                                   "the ring is not closed: expected its first position %s, got "
                                   "%s",
                                   first_text, last_text);
    }
    ring->count--;
    return true;
}

/* Whether all corners are on one line. A ring of no surface may also be one that crosses itself. */
static bool is_flat(const struct area *area, const struct area_ring *ring)
{
    const struct area_point *points = area->points + ring->first;
    for (size_t i = 2; i < ring->count; i++)
        if (area_side(points[0], points[1], points[i]) != 0) return false;
    return true;
}

void area_reader_ring(struct area_reader *reader, const struct yaml_value *at)
{
    struct area *polygon = &reader->polygon;
    struct area_fault fault = {.kind = AREA_NO_SURFACE};
    if (reader->full) return;
    if (++reader->ring_count > AREA_RINGS_MAX) {
        reader->full = true;
        area_reader_problem(reader, at, "more than %d rings", AREA_RINGS_MAX);
    }
    if (reader->broken || reader->memory) return;
    reader->rings[polygon->ring_count] = at;
    if (!area_add_ring(polygon, polygon->ring_count > 0)) {
        reader->memory = true;
        return;
    }
    struct area_ring *ring = &polygon->rings[polygon->ring_count - 1];
    if (!close_ring(reader, at, ring)) return;
    reader->vertices--;
    if (!reader->planar && !area_unwrap(polygon, ring, &fault)) {
        tell(reader, &fault, at);
        return;
    }
    drop_repeats(reader, ring);
    fault.kind = AREA_NO_SURFACE;
    if (is_flat(polygon, ring)) tell(reader, &fault, at);
}

/* To the turn of the world where the outer ring begins within -180..180, and the holes are in it.
 */
static void shift_rings(struct area *polygon)
{
    struct area_ring *outer = &polygon->rings[0];
    while (outer->west >= AREA_HALF) area_ring_shift(polygon, outer, -AREA_WHOLE);
    while (outer->west < -AREA_HALF) area_ring_shift(polygon, outer, AREA_WHOLE);
    for (size_t i = 1; i < polygon->ring_count; i++) {
        struct area_ring *hole = &polygon->rings[i];
        while (hole->west >= outer->west + AREA_WHOLE) area_ring_shift(polygon, hole, -AREA_WHOLE);
        while (hole->west < outer->west) area_ring_shift(polygon, hole, AREA_WHOLE);
    }
}

/* RFC 7946: outer rings counter-clockwise, holes clockwise. Places no longer fit afterwards. */
static void turn_rings(struct area *polygon)
{
    for (size_t i = 0; i < polygon->ring_count; i++)
        if ((area_ring_surface(polygon, &polygon->rings[i]) > 0) == polygon->rings[i].hole)
            area_ring_reverse(polygon, &polygon->rings[i]);
}

static void finish_polygon(struct area_reader *reader, const struct yaml_value *at)
{
    struct area *polygon = &reader->polygon;
    struct area_fault fault = {.kind = AREA_NO_MEMORY};
    if (!reader->planar) shift_rings(polygon);
    if (!area_check(polygon, 0, polygon->ring_count, &fault)) {
        tell(reader, &fault, at);
        return;
    }
    turn_rings(polygon);
    if (!area_cut(polygon, reader->area, &fault))
        tell(reader, &fault, at);
    else if (reader->area->point_count > AREA_VERTICES_MAX ||
             reader->area->ring_count > AREA_RINGS_MAX)
        area_reader_problem(reader, at,
                            "cut at the antimeridian it has more than %d corners or %d rings",
                            AREA_VERTICES_MAX, AREA_RINGS_MAX);
}

void area_reader_polygon(struct area_reader *reader, const struct yaml_value *at)
{
    struct area *polygon = &reader->polygon;
    if (!reader->broken && !reader->memory && polygon->ring_count > 0) finish_polygon(reader, at);
    polygon->point_count = polygon->ring_count = reader->place_count = 0;
    reader->broken = false;
}
