/* plan_map.h: the waves of a campaign on a map: one SVG file without scripts and without anything
 * from outside, light or dark as the reader's screen is. A place is a circle whose area tells how
 * many devices are there; of several waves the earliest is its core and each later one a ring
 * around it. Pure: the same plan gives the same bytes, in whatever order its cells come.
 */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_MAP_H
#define WG_ORCHESTRATOR_CLI_PLAN_MAP_H

#include "common/buf.h"

#include <stdint.h>

/* The most bytes a map has: what the caller's buffer should allow. */
#define PLAN_MAP_BYTES_MAX ((size_t)4 << 20)
/* Every half degree of the earth's land, with many waves in each. */
#define PLAN_MAP_CELLS_MAX ((size_t)4000000)
/* Of one wave or cell; sums of these stay far from the end of int64_t. */
#define PLAN_MAP_DEVICES_MAX ((int64_t)1000000000)

struct plan_map_wave { /* borrowed */
    const char *name;
    int64_t devices;
    int64_t placed; /* of these, with a position */
};

/* Devices of a wave that are near each other: a cell of half a degree or so. */
struct plan_map_cell {
    double lat, lon; /* degrees, -90..90 and -180..180 */
    size_t wave;     /* index into waves */
    int64_t devices;
};

struct plan_map { /* all borrowed */
    const char *campaign, *release, *digest;
    size_t wave_count; /* 1..POLICY_WAVES_MAX */
    const struct plan_map_wave *waves;
    size_t cell_count;
    const struct plan_map_cell *cells;
    int64_t no_position; /* devices in a wave, but in no cell */
    int64_t total;       /* devices in a wave */
};

/* Appends the file to out. WG_E_BAD_INPUT for counts, positions or waves that cannot be, WG_E_LIMIT
 * for more cells than PLAN_MAP_CELLS_MAX or more bytes than out may hold. Many cells are gathered
 * into fewer places, so that no plan within these bounds needs more than PLAN_MAP_BYTES_MAX. */
WG_MUST_CHECK bool plan_map_svg(const struct plan_map *map, struct wg_buf *out,
                                struct wg_error *err);

#endif
