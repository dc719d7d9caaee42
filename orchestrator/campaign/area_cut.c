/* area_cut.c: cuts a polygon at the antimeridian, as RFC 7946 section 3.1.9 wants it.
 *
 * Each side is made alone, the eastern one as its mirror image. The border is walked with the
 * surface on its left. Just west of the meridian the places where it crosses are, from south to
 * north, by turns the lower and the upper end of a stretch of surface: so where a walk arrives at
 * the meridian, at the lower end of one, it goes on with the edge that comes back at its upper end.
 * Corners on the meridian count as beyond it, on both sides, which leaves no special cases. */
#include "orchestrator/campaign/area_shape.h"

#include <stdlib.h>

#define NOWHERE SIZE_MAX

struct crossing {
    struct area_point west, beyond; /* the ends of the edge */
    size_t edge;                    /* its first point */
    bool comes;                     /* from beyond */
};

struct side {
    const struct area *polygon;
    size_t *follow; /* of each edge, the next */
    size_t *place;  /* of each edge that crosses, its crossing */
    bool *shared;   /* of each corner: several rings have it */
    bool *done;     /* of each edge */
    struct crossing *crossings;
    size_t crossing_count;
    struct area path;   /* points of the ring that is being walked */
    struct area pieces; /* rings that were finished, in any order */
};

static bool fail(struct area_fault *fault, enum area_fault_kind kind)
{
    *fault = (struct area_fault){.kind = kind};
    return false;
}

static bool is_same(struct area_point a, struct area_point b)
{
    return a.x == b.x && a.y == b.y;
}

static bool is_west(struct area_point point)
{
    return point.x < AREA_HALF;
}

/* Latitude of the crossing, times the width of its edge. */
static area_wide height(const struct crossing *at)
{
    return (area_wide)at->west.y * (at->beyond.x - at->west.x) +
           (area_wide)(AREA_HALF - at->west.x) * (at->beyond.y - at->west.y);
}

/* Rounded to the nearest step, the half upwards. */
static struct area_point crossing_point(const struct crossing *at)
{
    area_wide width = at->beyond.x - at->west.x, twice = 2 * height(at) + width;
    area_wide y = twice / (2 * width);
    if (twice % (2 * width) < 0) y--;
    return (struct area_point){AREA_HALF, (int64_t)y};
}

/* By latitude on the meridian; of edges that meet there, by latitude just west of it. */
static int by_height(const void *left, const void *right)
{
    const struct crossing *a = left, *b = right;
    int64_t a_width = a->beyond.x - a->west.x, b_width = b->beyond.x - b->west.x;
    area_wide a_at = height(a) * b_width, b_at = height(b) * a_width;
    if (a_at != b_at) return a_at < b_at ? -1 : 1;
    area_wide a_slope = (area_wide)(a->beyond.y - a->west.y) * b_width;
    area_wide b_slope = (area_wide)(b->beyond.y - b->west.y) * a_width;
    return a_slope > b_slope ? -1 : a_slope < b_slope;
}

static struct area_point end_of(const struct side *side, size_t edge)
{
    return side->polygon->points[side->follow[edge]];
}

static void find_crossings(struct side *side)
{
    const struct area *polygon = side->polygon;
    for (size_t i = 0; i < polygon->point_count; i++) {
        struct area_point from = polygon->points[i], to = end_of(side, i);
        if (is_west(from) == is_west(to)) continue;
        side->crossings[side->crossing_count++] = is_west(to)
                                                      ? (struct crossing){to, from, i, true}
                                                      : (struct crossing){from, to, i, false};
    }
    qsort(side->crossings, side->crossing_count, sizeof *side->crossings, by_height);
    for (size_t i = 0; i < side->crossing_count; i++) side->place[side->crossings[i].edge] = i;
}

/* Turns the path from its point on into a ring, and takes it off the path but for that point. */
static bool close_loop(struct side *side, size_t from)
{
    struct area *path = &side->path;
    struct area_ring loop = {.first = from, .count = path->point_count - from};
    area_wide surface = loop.count >= 3 ? area_ring_surface(path, &loop) : 0;
    path->point_count = from + 1;
    if (surface == 0) return true;
    for (size_t i = 0; i < loop.count; i++)
        if (!area_add_point(&side->pieces, path->points[from + i])) return false;
    return area_add_ring(&side->pieces, surface < 0);
}

/* Where the path comes back to a point, a loop is done: clockwise, it is a hole that touches the
 * border there; otherwise it is surface that hangs together with the rest in that point only. */
static bool walk_again(struct side *side, struct area_point point)
{
    const struct area *path = &side->path;
    for (size_t i = path->point_count; i-- > 0;)
        if (is_same(path->points[i], point)) return close_loop(side, i);
    return area_add_point(&side->path, point);
}

static bool walk_corner(struct side *side, size_t corner)
{
    struct area_point point = side->polygon->points[corner];
    return side->shared[corner] ? walk_again(side, point) : area_add_point(&side->path, point);
}

/* Only crossings that are neighbours can, rounded, be the same. */
static bool walk_meridian(struct side *side, size_t place)
{
    const struct crossing *at = &side->crossings[place];
    struct area_point point = crossing_point(at);
    bool again = (place > 0 && is_same(crossing_point(at - 1), point)) ||
                 (place + 1 < side->crossing_count && is_same(crossing_point(at + 1), point));
    return again ? walk_again(side, point) : area_add_point(&side->path, point);
}

/* From the meridian to the meridian: the edge that comes, and those that follow. What it arrives
 * at there is the place of the crossing. */
static bool walk_west(struct side *side, size_t edge, size_t *place)
{
    if (!walk_meridian(side, side->place[edge])) return false;
    do {
        side->done[edge] = true;
        edge = side->follow[edge];
        if (!walk_corner(side, edge)) return false;
    } while (is_west(end_of(side, edge)) && !side->done[edge]);
    side->done[edge] = true;
    *place = side->place[edge];
    return walk_meridian(side, *place);
}

static bool walk_across(struct side *side, size_t edge, struct area_fault *fault)
{
    side->path.point_count = 0;
    while (!side->done[edge]) {
        size_t place = 0;
        if (!walk_west(side, edge, &place)) return fail(fault, AREA_NO_MEMORY);
        const struct crossing *upper = &side->crossings[place ^ 1];
        if (!upper->comes) return fail(fault, AREA_UNCUTTABLE);
        edge = upper->edge;
    }
    return close_loop(side, 0) || fail(fault, AREA_NO_MEMORY);
}

/* A ring that stays west. */
static bool walk_round(struct side *side, size_t edge, struct area_fault *fault)
{
    side->path.point_count = 0;
    for (; !side->done[edge]; edge = side->follow[edge]) {
        side->done[edge] = true;
        if (!walk_corner(side, edge)) return fail(fault, AREA_NO_MEMORY);
    }
    return close_loop(side, 0) || fail(fault, AREA_NO_MEMORY);
}

static bool prepare(struct side *side, size_t count)
{
    side->follow = calloc(count + 1, sizeof *side->follow);
    side->place = calloc(count + 1, sizeof *side->place);
    side->shared = calloc(count + 1, sizeof *side->shared);
    side->done = calloc(count + 1, sizeof *side->done);
    side->crossings = calloc(count + 1, sizeof *side->crossings);
    return side->follow && side->place && side->shared && side->done && side->crossings &&
           area_link(side->polygon, side->follow, side->shared);
}

static bool cut_side(struct side *side, struct area_fault *fault)
{
    size_t count = side->polygon->point_count;
    if (!prepare(side, count)) return fail(fault, AREA_NO_MEMORY);
    find_crossings(side);
    for (size_t i = 0; i < side->crossing_count; i++) {
        const struct crossing *crossing = &side->crossings[i];
        if (crossing->comes && !side->done[crossing->edge] &&
            !walk_across(side, crossing->edge, fault))
            return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!side->done[i] && is_west(side->polygon->points[i]) && !walk_round(side, i, fault))
            return false;
    return true;
}

/* The outer ring that each hole lies in. */
static bool find_owners(const struct area *pieces, size_t *owners)
{
    for (size_t i = 0; i < pieces->ring_count; i++) {
        owners[i] = NOWHERE;
        for (size_t k = 0; pieces->rings[i].hole && k < pieces->ring_count; k++)
            if (!pieces->rings[k].hole &&
                area_ring_within(pieces, &pieces->rings[i], &pieces->rings[k]) == 1)
                owners[i] = k;
        if (pieces->rings[i].hole && owners[i] == NOWHERE) return false;
    }
    return true;
}

static bool add_ring(const struct area *from, const struct area_ring *ring, bool mirrored,
                     struct area *out)
{
    for (size_t i = ring->first; i < ring->first + ring->count; i++) {
        struct area_point point = from->points[i];
        if (mirrored) point.x = -point.x; /* of 360 - x, and back by 360 */
        if (!area_add_point(out, point)) return false;
    }
    if (!area_add_ring(out, ring->hole)) return false;
    if (mirrored) area_ring_reverse(out, &out->rings[out->ring_count - 1]);
    return true;
}

/* Each outer ring, followed by its holes; what they make is checked again, for corners on the
 * meridian were rounded. */
static bool gather(const struct area *pieces, bool mirrored, struct area *out,
                   struct area_fault *fault)
{
    size_t *owners = calloc(pieces->ring_count + 1, sizeof *owners);
    bool memory = owners != NULL, good = memory && find_owners(pieces, owners);
    for (size_t i = 0; good && memory && i < pieces->ring_count; i++) {
        if (pieces->rings[i].hole) continue;
        size_t first = out->ring_count;
        memory = add_ring(pieces, &pieces->rings[i], mirrored, out);
        for (size_t k = 0; memory && k < pieces->ring_count; k++)
            if (owners[k] == i) memory = add_ring(pieces, &pieces->rings[k], mirrored, out);
        if (memory) good = area_check(out, first, out->ring_count, fault);
    }
    free(owners);
    if (!memory || (!good && fault->kind == AREA_NO_MEMORY)) return fail(fault, AREA_NO_MEMORY);
    return good || fail(fault, AREA_UNCUTTABLE);
}

static bool add_side(const struct area *polygon, bool mirrored, struct area *out,
                     struct area_fault *fault)
{
    struct side side = {.polygon = polygon};
    *fault = (struct area_fault){.kind = AREA_UNCUTTABLE};
    bool good = cut_side(&side, fault) && gather(&side.pieces, mirrored, out, fault);
    free(side.follow);
    free(side.place);
    free(side.shared);
    free(side.done);
    free(side.crossings);
    area_clear(&side.path);
    area_clear(&side.pieces);
    return good;
}

static bool add_mirrored(const struct area *polygon, struct area *out, struct area_fault *fault)
{
    struct area mirror = {0};
    bool good = true;
    for (size_t i = 0; good && i < polygon->ring_count; i++)
        good = add_ring(polygon, &polygon->rings[i], true, &mirror);
    for (size_t i = 0; i < mirror.ring_count; i++)
        area_ring_shift(&mirror, &mirror.rings[i], AREA_WHOLE);
    good = good ? add_side(&mirror, true, out, fault) : fail(fault, AREA_NO_MEMORY);
    area_clear(&mirror);
    return good;
}

bool area_cut(struct area *polygon, struct area *out, struct area_fault *fault)
{
    bool crosses = polygon->rings[0].east > AREA_HALF;
    if (crosses && !area_mark_touches(polygon)) return fail(fault, AREA_NO_MEMORY);
    if (crosses) return add_side(polygon, false, out, fault) && add_mirrored(polygon, out, fault);
    for (size_t i = 0; i < polygon->ring_count; i++)
        if (!add_ring(polygon, &polygon->rings[i], false, out)) return fail(fault, AREA_NO_MEMORY);
    return true;
}
