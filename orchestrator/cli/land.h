/* land.h: the outline of the land and the borders between countries, as data/land.txt has them.
 * The text is compiled in; a cursor reads it without memory of its own. */
#ifndef WG_ORCHESTRATOR_CLI_LAND_H
#define WG_ORCHESTRATOR_CLI_LAND_H

#include <stdbool.h>
#include <stddef.h>

enum land_kind {
    LAND_RING,  /* land, or a lake in it; its first point is repeated at its end */
    LAND_BORDER /* an open line */
};

struct land_cursor {
    enum land_kind kind;
    const char *at;
    long lat, lon; /* hundredths of a degree */
};

/* The line of that number, from 0; false behind the last one. */
bool land_line(size_t number, struct land_cursor *cursor);
/* The next point of the line, in degrees; false behind its last one. lon goes on beyond 180 where
 * the line crosses the antimeridian. */
bool land_next(struct land_cursor *cursor, double *lat, double *lon);

#endif
