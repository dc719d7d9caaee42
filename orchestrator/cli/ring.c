/* ring.c: growing and cutting rings. */
#include "orchestrator/cli/ring.h"

#include <stdlib.h>

void ring_clear(struct ring *ring)
{
    free(ring->points);
    *ring = (struct ring){0};
}

void ring_add(struct ring *ring, double x, double y)
{
    if (ring->failed) return;
    if (ring->count == ring->cap) {
        size_t cap = ring->cap ? 2 * ring->cap : 64;
        struct ring_point *points = realloc(ring->points, cap * sizeof *points);
        if (!points) {
            ring->failed = true;
            return;
        }
        ring->points = points;
        ring->cap = cap;
    }
    ring->points[ring->count++] = (struct ring_point){x, y};
}

/* How far inside a point is; negative outside. */
static double inside(struct ring_point point, enum ring_side side, double line)
{
    double at = side == RING_LEFT_OF || side == RING_RIGHT_OF ? point.x : point.y;
    return side == RING_LEFT_OF || side == RING_BELOW ? line - at : at - line;
}

void ring_cut(const struct ring *from, enum ring_side side, double line, struct ring *to)
{
    to->count = 0;
    to->failed = to->failed || from->failed;
    for (size_t i = 0; i < from->count; i++) {
        struct ring_point a = from->points[i], b = from->points[(i + 1) % from->count];
        double in_a = inside(a, side, line), in_b = inside(b, side, line);
        if (in_a >= 0) ring_add(to, a.x, a.y);
        if ((in_a < 0) == (in_b < 0)) continue;
        double part = in_a / (in_a - in_b);
        ring_add(to, a.x + part * (b.x - a.x), a.y + part * (b.y - a.y));
    }
}
