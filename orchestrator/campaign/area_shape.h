/* area_shape.h: rings of whole numbers, and the exact geometry on them. Internal to area_*.c.
 *
 * Coordinates are whole steps of 1e-7 degrees, so every question about them has an exact answer:
 * no tolerance, and what was accepted once is accepted when it is read back. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_AREA_SHAPE_H
#define WG_ORCHESTRATOR_CAMPAIGN_AREA_SHAPE_H

#include "orchestrator/campaign/area.h"

#define AREA_DEGREE INT64_C(10000000)
#define AREA_POLE (90 * AREA_DEGREE)
#define AREA_HALF (180 * AREA_DEGREE)
#define AREA_WHOLE (360 * AREA_DEGREE)
#define AREA_DEGREES_TEXT 24

__extension__ typedef __int128 area_wide; /* holds the product of three differences */

struct area_point {
    int64_t x, y; /* longitude, latitude */
};

struct area_ring {
    size_t first, count; /* points; the first is not repeated at the end */
    bool hole;           /* in the last ring before it that is none */
    int64_t west, south, east, north;
};

struct area {
    struct area_point *points;
    size_t point_count, point_cap;
    struct area_ring *rings;
    size_t ring_count, ring_cap;
};

enum area_fault_kind {
    AREA_NO_MEMORY,
    AREA_NO_SURFACE,
    AREA_TOO_WIDE,
    AREA_AROUND_POLE,
    AREA_CROSSES,      /* edge and other */
    AREA_MEETS_ITSELF, /* edge and other: of one ring, that touch */
    AREA_SHARES,       /* edge and other: on top of each other */
    AREA_HOLE_OUTSIDE, /* ring */
    AREA_HOLE_IN_HOLE, /* ring */
    AREA_PARTED,       /* ring: of those that touch all round */
    AREA_UNCUTTABLE
};

/* What is wrong with a polygon: where is told by ring, or by the first points of one or two edges.
 */
struct area_fault {
    enum area_fault_kind kind;
    size_t ring, edge, other;
};

void area_clear(struct area *area); /* frees what it holds, not the area */
/* False without memory. A ring takes the points that were added since the one before it. */
WG_MUST_CHECK bool area_add_point(struct area *area, struct area_point point);
WG_MUST_CHECK bool area_add_ring(struct area *area, bool hole);
void area_ring_measure(const struct area *area, struct area_ring *ring); /* its box */
void area_ring_shift(struct area *area, struct area_ring *ring, int64_t x);
void area_ring_reverse(struct area *area, const struct area_ring *ring);
/* Its first point becomes the westernmost, of several the southernmost. */
void area_ring_begin(struct area *area, const struct area_ring *ring);
size_t area_after(const struct area_ring *ring, size_t point); /* the next point around the ring */
area_wide area_ring_surface(const struct area *area, const struct area_ring *ring);

/* 1: c is left of the way from a to b; -1: right of it; 0: on its line. */
int area_side(struct area_point a, struct area_point b, struct area_point c);

/* Longitudes as written become continuous around the ring that was added last, and corners that
 * are then the same become one. */
WG_MUST_CHECK bool area_unwrap(struct area *area, struct area_ring *ring, struct area_fault *fault);
/* One polygon, rings from..end: what PostGIS calls valid. Rings are simple, neither cross nor share
 * edges, holes lie inside and apart, and the surface hangs together. */
WG_MUST_CHECK bool area_check(const struct area *area, size_t from, size_t end,
                              struct area_fault *fault);
/* 1: inner lies in outer, 0: it does not, -1: cannot be told. For rings that do not cross. */
int area_ring_within(const struct area *area, const struct area_ring *inner,
                     const struct area_ring *outer);
/* Whether rings from..end, which do not cross, leave the surface in one piece: no chain of rings
 * that touch each other closes around a part of it. */
WG_MUST_CHECK bool area_check_touches(const struct area *area, size_t from, size_t end,
                                      struct area_fault *fault);
/* Points in which rings touch become corners of both: cutting rounds edges, and one that a corner
 * of another ring lies on would leave it. False without memory. */
WG_MUST_CHECK bool area_mark_touches(struct area *polygon);
/* The edge that follows each edge, both told by their first points, on a walk with the surface on
 * the left that never leaves the piece of surface it began at: where rings share a corner it may
 * go on along another ring. shared: the corner is one of several rings. Both have a place per
 * point. False without memory. */
WG_MUST_CHECK bool area_link(const struct area *polygon, size_t *follow, bool *shared);
/* Adds to out what area_check accepted: one polygon that begins within -180..180, its outer ring
 * counter-clockwise, its holes clockwise; cut at 180 if it goes on there, which may add corners
 * to the polygon itself. */
WG_MUST_CHECK bool area_cut(struct area *polygon, struct area *out, struct area_fault *fault);

/* A JSON number of degrees, rounded to 7 decimals; false when it is none or beyond 1000. */
WG_MUST_CHECK bool area_degrees_read(const char *text, size_t len, int64_t *out);
void area_degrees_text(int64_t degrees, char out[AREA_DEGREES_TEXT]);

#endif
