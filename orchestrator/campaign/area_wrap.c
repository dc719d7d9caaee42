/* area_wrap.c: longitudes as people write them around the antimeridian, made continuous. */
#include "orchestrator/campaign/area_shape.h"

#include <stdlib.h>

/* How the edges of one ring are taken. */
struct way {
    bool round;  /* edges of exactly 360 degrees go round the world */
    size_t pole; /* the edge along a pole that is taken as written; none: SIZE_MAX */
};

/* What an edge adds to the longitude. */
static int64_t step(const struct way *way, size_t edge, struct area_point from,
                    struct area_point to)
{
    int64_t written = to.x - from.x, taken = written;
    if (edge == way->pole || (way->round && llabs(written) == AREA_WHOLE)) return written;
    while (taken > AREA_HALF) taken -= AREA_WHOLE;
    while (taken < -AREA_HALF) taken += AREA_WHOLE;
    return taken;
}

/* Goes around the ring once: how far it ends from where it began, and twice its surface. */
static int64_t go_around(const struct area *area, const struct area_ring *ring,
                         const struct way *way, area_wide *surface)
{
    int64_t x = 0;
    *surface = 0;
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        struct area_point from = area->points[i], to = area->points[area_after(ring, i)];
        int64_t next = x + step(way, i, from, to);
        *surface += (area_wide)x * to.y - (area_wide)next * from.y;
        x = next;
    }
    return x;
}

/* A pole is one place, so an edge along it leads to any longitude: the one that closes the ring. */
static bool close_at_pole(const struct area *area, const struct area_ring *ring, struct way *way,
                          int64_t open)
{
    const struct way shortest = {.pole = SIZE_MAX};
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        struct area_point from = area->points[i], to = area->points[area_after(ring, i)];
        bool at_pole = from.y == to.y && (from.y == AREA_POLE || from.y == -AREA_POLE);
        if (!at_pole || (to.x - from.x) - step(&shortest, i, from, to) != -open) continue;
        way->pole = i;
        return true;
    }
    return false;
}

static void rewrite(struct area *area, const struct area_ring *ring, const struct way *way)
{
    struct area_point from = area->points[ring->first];
    int64_t x = from.x;
    for (size_t i = ring->first; i + 1 < ring->first + ring->count; i++) {
        struct area_point to = area->points[i + 1];
        x += step(way, i, from, to);
        area->points[i + 1].x = x;
        from = to;
    }
}

bool area_unwrap(struct area *area, struct area_ring *ring, struct area_fault *fault)
{
    struct way way = {.pole = SIZE_MAX};
    area_wide surface = 0;
    int64_t open = go_around(area, ring, &way, &surface);
    *fault = (struct area_fault){.kind = AREA_AROUND_POLE};
    if (open != 0 && !close_at_pole(area, ring, &way, open)) return false;
    if (open == 0 && surface == 0) way.round = true;
    rewrite(area, ring, &way);
    area_ring_measure(area, ring);
    fault->kind = AREA_TOO_WIDE;
    return ring->east - ring->west <= AREA_WHOLE;
}
