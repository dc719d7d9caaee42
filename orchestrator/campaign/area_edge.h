/* area_edge.h: where edges of a polygon meet. Internal to area_*.c. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_AREA_EDGE_H
#define WG_ORCHESTRATOR_CAMPAIGN_AREA_EDGE_H

#include "orchestrator/campaign/area_shape.h"

struct area_edge {
    struct area_point a, b;
    int64_t west, south, east, north;
    int64_t low, high;  /* on the axis that is searched along */
    size_t ring, point; /* a is the point */
};

enum area_meeting {
    AREA_MEET_APART,
    AREA_MEET_CROSS, /* in a point that is no end of either */
    AREA_MEET_TOUCH, /* in one point, an end of one of them or of both */
    AREA_MEET_COVER  /* on one line, in more than a point */
};

/* Told of two edges that are not apart; where: they touch. False ends the search. */
typedef bool (*area_meeting_fn)(void *ctx, enum area_meeting kind, const struct area_edge *e,
                                const struct area_edge *f, struct area_point where);

/* All pairs of edges of rings from..end that meet, neighbours too. False if the search was ended,
 * or without memory. */
WG_MUST_CHECK bool area_meetings(const struct area *area, size_t from, size_t end,
                                 area_meeting_fn meeting, void *ctx, bool *memory);

#endif
