/* earth.h: what is land, by counting; for tests of the outline and of the maps drawn from it. */
#ifndef WG_TESTS_UNIT_CLI_EARTH_H
#define WG_TESTS_UNIT_CLI_EARTH_H

#include "orchestrator/cli/land.h"

#include <math.h>

/* How often rings cross the meridian north of a place: odd on land, even at sea and in lakes. */
static inline bool earth_is_land(double lat, double lon)
{
    struct land_cursor line;
    bool odd = false;
    for (size_t i = 0; land_line(i, &line); i++) {
        double lat1, lon1, lat2, lon2;
        if (line.kind != LAND_RING || !land_next(&line, &lat1, &lon1)) continue;
        for (; land_next(&line, &lat2, &lon2); lat1 = lat2, lon1 = lon2) {
            double a = remainder(lon1 - lon, 360), b = a + lon2 - lon1;
            if ((a < 0) == (b < 0)) continue;
            if (lat1 + (lat2 - lat1) * a / (a - b) > lat) odd = !odd;
        }
    }
    return odd;
}

#endif
