/* area_check.c: whether rings make a polygon: no edge crosses or covers another, no ring meets
 * itself, every hole lies in its outer ring and beside the other holes. */
#include "orchestrator/campaign/area_edge.h"

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_same(struct area_point a, struct area_point b)
{
    return a.x == b.x && a.y == b.y;
}

/* The corner of a ring at a point of one of its edges: where it comes from and goes to. */
static void corner_at(const struct area *area, const struct area_edge *edge,
                      struct area_point where, struct area_point *from, struct area_point *to)
{
    const struct area_ring *ring = &area->rings[edge->ring];
    size_t last = ring->first + ring->count - 1;
    *from = edge->a;
    *to = edge->b;
    if (is_same(where, edge->a))
        *from = area->points[edge->point == ring->first ? last : edge->point - 1];
    else if (is_same(where, edge->b))
        *to = area->points[area_after(ring, area_after(ring, edge->point))];
}

/* Whether point is left of the way from -> at -> to. */
static bool is_left(struct area_point from, struct area_point at, struct area_point to,
                    struct area_point point)
{
    bool first = area_side(from, at, point) > 0, second = area_side(at, to, point) > 0;
    return area_side(from, at, to) >= 0 ? first && second : first || second;
}

/* Two rings that touch in a corner cross there when one comes from the left of the other and goes
 * on to its right. Edges that cover each other are found as such. */
static bool cross_in_corner(const struct area *area, const struct area_edge *e,
                            const struct area_edge *f, struct area_point where)
{
    struct area_point from, to, other_from, other_to;
    corner_at(area, e, where, &from, &to);
    corner_at(area, f, where, &other_from, &other_to);
    return is_left(from, where, to, other_from) != is_left(from, where, to, other_to);
}

static bool are_neighbours(const struct area *area, const struct area_edge *e,
                           const struct area_edge *f)
{
    const struct area_ring *ring = &area->rings[e->ring];
    return e->ring == f->ring &&
           (area_after(ring, e->point) == f->point || area_after(ring, f->point) == e->point);
}

static bool fail(struct area_fault *fault, enum area_fault_kind kind, size_t edge, size_t other)
{
    *fault = (struct area_fault){.kind = kind, .edge = edge, .other = other};
    return false;
}

struct check {
    const struct area *area;
    struct area_fault *fault;
};

static bool check_meeting(void *ctx, enum area_meeting kind, const struct area_edge *e,
                          const struct area_edge *f, struct area_point where)
{
    const struct check *check = ctx;
    size_t first = e->point < f->point ? e->point : f->point;
    size_t second = e->point < f->point ? f->point : e->point;
    if (kind == AREA_MEET_CROSS) return fail(check->fault, AREA_CROSSES, first, second);
    if (kind == AREA_MEET_COVER) return fail(check->fault, AREA_SHARES, first, second);
    if (are_neighbours(check->area, e, f)) return true;
    if (e->ring == f->ring) return fail(check->fault, AREA_MEETS_ITSELF, first, second);
    return !cross_in_corner(check->area, e, f, where) ||
           fail(check->fault, AREA_CROSSES, first, second);
}

static bool check_edges(const struct area *area, size_t from, size_t end, struct area_fault *fault)
{
    struct check check = {.area = area, .fault = fault};
    bool memory = false, good = area_meetings(area, from, end, check_meeting, &check, &memory);
    return memory ? good : fail(fault, AREA_NO_MEMORY, 0, 0);
}

/* 1: inside, 0: outside, -1: on the border. The point is in half steps. */
static int locate(const struct area *area, const struct area_ring *ring, struct area_point point)
{
    bool inside = false;
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        struct area_point a = area->points[i], b = area->points[area_after(ring, i)];
        a = (struct area_point){2 * a.x, 2 * a.y};
        b = (struct area_point){2 * b.x, 2 * b.y};
        int side = area_side(a, b, point);
        if (side == 0 && point.x >= least(a.x, b.x) && point.x <= most(a.x, b.x) &&
            point.y >= least(a.y, b.y) && point.y <= most(a.y, b.y))
            return -1;
        if ((a.y > point.y) != (b.y > point.y) && (side > 0) == (b.y > a.y)) inside = !inside;
    }
    return inside;
}

static bool box_within(const struct area_ring *inner, const struct area_ring *outer)
{
    return inner->west >= outer->west && inner->east <= outer->east &&
           inner->south >= outer->south && inner->north <= outer->north;
}

/* Rings that do not cross are apart or one in the other, and any point off the border tells. */
int area_ring_within(const struct area *area, const struct area_ring *inner,
                     const struct area_ring *outer)
{
    int found = -1;
    if (!box_within(inner, outer)) return 0;
    size_t end = inner->first + inner->count;
    for (size_t i = inner->first; found < 0 && i < end; i++) {
        struct area_point a = area->points[i];
        found = locate(area, outer, (struct area_point){2 * a.x, 2 * a.y});
    }
    for (size_t i = inner->first; found < 0 && i < end; i++) {
        struct area_point a = area->points[i], b = area->points[area_after(inner, i)];
        found = locate(area, outer, (struct area_point){a.x + b.x, a.y + b.y});
    }
    return found;
}

static bool check_holes(const struct area *area, size_t from, size_t end, struct area_fault *fault)
{
    *fault = (struct area_fault){.kind = AREA_HOLE_OUTSIDE};
    for (size_t i = from + 1; i < end; i++) {
        fault->ring = i;
        if (area_ring_within(area, &area->rings[i], &area->rings[from]) != 1) return false;
    }
    fault->kind = AREA_HOLE_IN_HOLE;
    for (size_t i = from + 1; i < end; i++)
        for (size_t k = from + 1; k < end; k++) {
            fault->ring = i;
            if (i != k && area_ring_within(area, &area->rings[i], &area->rings[k]) != 0)
                return false;
        }
    return true;
}

bool area_check(const struct area *area, size_t from, size_t end, struct area_fault *fault)
{
    return check_edges(area, from, end, fault) && check_holes(area, from, end, fault) &&
           area_check_touches(area, from, end, fault);
}
