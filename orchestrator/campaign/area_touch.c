/* area_touch.c: the points in which rings of one polygon touch. */
#include "orchestrator/campaign/area_edge.h"

#include <stdlib.h>

/* A ring is at a point, on one of its edges. */
struct touch {
    struct area_point where;
    size_t ring, edge; /* the edge's first point */
    area_wide along;   /* the edge, from there; 0 at that point */
    bool between;      /* the ends of the edge */
};

struct touches {
    struct touch *items;
    size_t count, cap;
    bool memory; /* ran out */
};

static bool is_same(struct area_point a, struct area_point b)
{
    return a.x == b.x && a.y == b.y;
}

static void add_touch(struct touches *touches, const struct area_edge *edge,
                      struct area_point where)
{
    if (touches->count == touches->cap) {
        size_t cap = touches->cap ? touches->cap * 2 : 16;
        struct touch *items = realloc(touches->items, cap * sizeof *items);
        if (!items) {
            touches->memory = true;
            return;
        }
        touches->items = items;
        touches->cap = cap;
    }
    touches->items[touches->count++] =
        (struct touch){.where = where,
                       .ring = edge->ring,
                       .edge = edge->point,
                       .along = (area_wide)(where.x - edge->a.x) * (edge->b.x - edge->a.x) +
                                (area_wide)(where.y - edge->a.y) * (edge->b.y - edge->a.y),
                       .between = !is_same(where, edge->a) && !is_same(where, edge->b)};
}

static bool collect(void *ctx, enum area_meeting kind, const struct area_edge *e,
                    const struct area_edge *f, struct area_point where)
{
    struct touches *touches = ctx;
    if (kind != AREA_MEET_TOUCH || e->ring == f->ring) return true;
    add_touch(touches, e, where);
    add_touch(touches, f, where);
    return !touches->memory;
}

static int by_point(const void *left, const void *right)
{
    const struct touch *a = left, *b = right;
    if (a->where.x != b->where.x) return a->where.x < b->where.x ? -1 : 1;
    if (a->where.y != b->where.y) return a->where.y < b->where.y ? -1 : 1;
    return a->ring < b->ring ? -1 : a->ring > b->ring;
}

static size_t root_of(size_t *parents, size_t ring)
{
    while (parents[ring] != ring) ring = parents[ring] = parents[parents[ring]];
    return ring;
}

/* Rings that touch are joined; what joins two that are joined already closes a chain of them. The
 * ring is told. */
static bool find_chain(const struct touches *touches, size_t *parents, size_t *ring)
{
    const struct touch *item = touches->items;
    for (size_t i = 1; i < touches->count; i++) {
        if (!is_same(item[i].where, item[i - 1].where) || item[i].ring == item[i - 1].ring)
            continue;
        size_t one = root_of(parents, item[i - 1].ring), other = root_of(parents, item[i].ring);
        *ring = item[i].ring;
        if (one == other) return true;
        parents[other] = one;
    }
    return false;
}

bool area_check_touches(const struct area *area, size_t from, size_t end, struct area_fault *fault)
{
    struct touches touches = {0};
    bool memory = false;
    *fault = (struct area_fault){.kind = AREA_NO_MEMORY};
    if (end - from < 2) return true;
    bool good = area_meetings(area, from, end, collect, &touches, &memory);
    size_t *parents = good && touches.items ? calloc(end, sizeof *parents) : NULL;
    if (parents) {
        for (size_t i = 0; i < end; i++) parents[i] = i;
        qsort(touches.items, touches.count, sizeof *touches.items, by_point);
        good = !find_chain(&touches, parents, &fault->ring);
        fault->kind = AREA_PARTED;
    } else if (touches.items) {
        good = false;
    }
    free(parents);
    free(touches.items);
    return good;
}

static int by_place(const void *left, const void *right)
{
    const struct touch *a = left, *b = right;
    if (a->edge != b->edge) return a->edge < b->edge ? -1 : 1;
    return a->along < b->along ? -1 : a->along > b->along;
}

/* The ring's points and those on its edges; next moves on past these. */
static bool add_points(const struct area *from, const struct area_ring *ring,
                       const struct touch **next, const struct touch *end, struct area *out)
{
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        if (!area_add_point(out, from->points[i])) return false;
        for (; *next < end && (*next)->edge == i; (*next)++) {
            bool again = is_same(out->points[out->point_count - 1], (*next)->where);
            if ((*next)->between && !again && !area_add_point(out, (*next)->where)) return false;
        }
    }
    return area_add_ring(out, ring->hole);
}

bool area_mark_touches(struct area *polygon)
{
    struct touches touches = {0};
    struct area marked = {0};
    bool memory = false;
    if (polygon->ring_count < 2) return true;
    bool good = area_meetings(polygon, 0, polygon->ring_count, collect, &touches, &memory);
    if (touches.items) qsort(touches.items, touches.count, sizeof *touches.items, by_place);
    const struct touch *next = touches.items, *end = next ? next + touches.count : next;
    for (size_t i = 0; good && next && i < polygon->ring_count; i++)
        good = add_points(polygon, &polygon->rings[i], &next, end, &marked);
    if (good && touches.items) {
        struct area before = *polygon;
        *polygon = marked;
        marked = before;
    }
    area_clear(&marked);
    free(touches.items);
    return good;
}

/* A corner of a ring: the edge before it ends there, and one begins. */
struct corner {
    struct area_point at, from, to;
    size_t before, edge;
};

static int by_corner(const void *left, const void *right)
{
    const struct corner *a = left, *b = right;
    if (a->at.x != b->at.x) return a->at.x < b->at.x ? -1 : 1;
    if (a->at.y != b->at.y) return a->at.y < b->at.y ? -1 : 1;
    return a->edge < b->edge ? -1 : a->edge > b->edge;
}

/* Whether one comes before other on a clockwise turn at a point, beginning at from. */
static bool turns_before(struct area_point at, struct area_point from, struct area_point one,
                         struct area_point other)
{
    int one_side = area_side(at, from, one), other_side = area_side(at, from, other);
    if (one_side != other_side) return one_side < other_side;
    return area_side(at, one, other) < 0;
}

/* Of the edges that begin in a point, the one next to the surface left of the edge that ends. */
static void link_corners(const struct corner *corners, size_t count, size_t *follow, bool *shared)
{
    for (size_t i = 0; i < count; i++) {
        shared[corners[i].edge] = count > 1;
        const struct corner *in = &corners[i], *best = in;
        for (size_t k = 0; k < count; k++)
            if (turns_before(in->at, in->from, corners[k].to, best->to)) best = &corners[k];
        follow[in->before] = best->edge;
    }
}

bool area_link(const struct area *polygon, size_t *follow, bool *shared)
{
    size_t count = 0;
    struct corner *corners = calloc(polygon->point_count + 1, sizeof *corners);
    if (!corners) return false;
    for (size_t r = 0; r < polygon->ring_count; r++) {
        const struct area_ring *ring = &polygon->rings[r];
        size_t before = ring->first + ring->count - 1;
        for (size_t i = ring->first; i < ring->first + ring->count; before = i++)
            corners[count++] = (struct corner){.at = polygon->points[i],
                                               .from = polygon->points[before],
                                               .to = polygon->points[area_after(ring, i)],
                                               .before = before,
                                               .edge = i};
    }
    qsort(corners, count, sizeof *corners, by_corner);
    for (size_t i = 0, next = 0; i < count; i = next) {
        while (next < count && is_same(corners[next].at, corners[i].at)) next++;
        link_corners(corners + i, next - i, follow, shared);
    }
    free(corners);
    return true;
}
