/* ring.h: a closed ring of points in the plane, cut by straight lines along the axes. */
#ifndef WG_ORCHESTRATOR_CLI_RING_H
#define WG_ORCHESTRATOR_CLI_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring_point {
    double x, y;
};

struct ring {
    struct ring_point *points; /* owned; the first one is not repeated at the end */
    size_t count, cap;
    bool failed; /* out of memory; adding does nothing from then on */
};

enum ring_side { RING_LEFT_OF, RING_RIGHT_OF, RING_BELOW, RING_ABOVE }; /* below: y smaller */

void ring_clear(struct ring *ring); /* frees; the ring may be used again */
void ring_add(struct ring *ring, double x, double y);
/* Puts the part of from on that side of the line into to, which is emptied before. Where from falls
 * into several parts, they stay joined along the line (Sutherland and Hodgman). */
void ring_cut(const struct ring *from, enum ring_side side, double line, struct ring *to);

#endif
