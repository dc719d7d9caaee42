/* area_edge.c: where edges of a polygon meet.
 *
 * Edges are sorted along the axis on which they are shorter, and each is compared with those that
 * begin before it ends: quadratic at worst, and close to linear for borders as they are drawn. */
#include "orchestrator/campaign/area_edge.h"

#include <stdlib.h>

int area_side(struct area_point a, struct area_point b, struct area_point c)
{
    area_wide left = (area_wide)(b.x - a.x) * (c.y - a.y);
    area_wide right = (area_wide)(c.x - a.x) * (b.y - a.y);
    return left > right ? 1 : left < right ? -1 : 0;
}

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

/* Two edges on one line whose boxes meet. */
static enum area_meeting meet_on_line(const struct area_edge *e, const struct area_edge *f,
                                      struct area_point *where)
{
    int64_t width = least(e->east, f->east) - most(e->west, f->west);
    int64_t height = least(e->north, f->north) - most(e->south, f->south);
    if (width > 0 || height > 0) return AREA_MEET_COVER;
    *where = is_same(e->a, f->a) || is_same(e->a, f->b) ? e->a : e->b;
    return AREA_MEET_TOUCH;
}

static enum area_meeting meet(const struct area_edge *e, const struct area_edge *f,
                              struct area_point *where)
{
    if (e->south > f->north || f->south > e->north || e->west > f->east || f->west > e->east)
        return AREA_MEET_APART;
    int fa = area_side(e->a, e->b, f->a), fb = area_side(e->a, e->b, f->b);
    if (fa == 0 && fb == 0) return meet_on_line(e, f, where);
    if (fa * fb > 0) return AREA_MEET_APART;
    int ea = area_side(f->a, f->b, e->a), eb = area_side(f->a, f->b, e->b);
    if (ea * eb > 0) return AREA_MEET_APART;
    if (fa * fb < 0 && ea * eb < 0) return AREA_MEET_CROSS;
    *where = fa == 0 ? f->a : fb == 0 ? f->b : ea == 0 ? e->a : e->b;
    return AREA_MEET_TOUCH;
}

static int by_low(const void *left, const void *right)
{
    const struct area_edge *a = left, *b = right;
    if (a->low != b->low) return a->low < b->low ? -1 : 1;
    return a->point < b->point ? -1 : a->point > b->point;
}

static void sort(struct area_edge *edges, size_t count)
{
    area_wide width = 0, height = 0;
    for (size_t i = 0; i < count; i++) {
        width += edges[i].east - edges[i].west;
        height += edges[i].north - edges[i].south;
    }
    for (size_t i = 0; i < count; i++) {
        edges[i].low = width < height ? edges[i].west : edges[i].south;
        edges[i].high = width < height ? edges[i].east : edges[i].north;
    }
    qsort(edges, count, sizeof *edges, by_low);
}

/* The edges of rings from..end, sorted; the caller frees. NULL: no memory. */
static struct area_edge *edges_of(const struct area *area, size_t from, size_t end, size_t *count)
{
    const struct area_ring *last = &area->rings[end - 1];
    *count = last->first + last->count - area->rings[from].first;
    struct area_edge *edges = calloc(*count, sizeof *edges), *edge = edges;
    if (!edges) return NULL;
    for (size_t r = from; r < end; r++) {
        const struct area_ring *ring = &area->rings[r];
        for (size_t i = ring->first; i < ring->first + ring->count; i++, edge++) {
            struct area_point a = area->points[i], b = area->points[area_after(ring, i)];
            *edge = (struct area_edge){.a = a,
                                       .b = b,
                                       .west = least(a.x, b.x),
                                       .south = least(a.y, b.y),
                                       .east = most(a.x, b.x),
                                       .north = most(a.y, b.y),
                                       .ring = r,
                                       .point = i};
        }
    }
    sort(edges, *count);
    return edges;
}

bool area_meetings(const struct area *area, size_t from, size_t end, area_meeting_fn meeting,
                   void *ctx, bool *memory)
{
    size_t count = 0;
    bool good = true;
    struct area_edge *edges = edges_of(area, from, end, &count);
    *memory = edges != NULL;
    for (size_t i = 0; edges && good && i < count; i++)
        for (size_t k = i + 1; good && k < count && edges[k].low <= edges[i].high; k++) {
            struct area_point where = {0};
            enum area_meeting kind = meet(&edges[i], &edges[k], &where);
            if (kind != AREA_MEET_APART) good = meeting(ctx, kind, &edges[i], &edges[k], where);
        }
    free(edges);
    return good && *memory;
}
