/* fill.h: the synthetic fleet into a database that has the schema: all of it or nothing. */
#ifndef WG_TESTS_SIM_FILL_H
#define WG_TESTS_SIM_FILL_H

#include "tests/sim/device.h"

struct fill_counts {
    int64_t devices, software, tags, groups;
};

/* One transaction: devices 1..count, then statistics for the planner. WG_E_CONFLICT when one of the
 * devices is there already; WG_E_NOT_FOUND when the tables are not. */
WG_MUST_CHECK bool fill_database(const struct fleet *fleet, uint64_t count, const char *conninfo,
                                 struct fill_counts *out, struct wg_error *err);

#endif
