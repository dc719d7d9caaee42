/* csv.h: the synthetic fleet as the CSV that `wavegate device import` reads. */
#ifndef WG_TESTS_SIM_CSV_H
#define WG_TESTS_SIM_CSV_H

#include "tests/sim/device.h"

#include <stdio.h>

/* A header, then a line for each of the devices 1..count (RFC 4180, lines end in LF). Several tags
 * or groups of a device stand in one field, separated by semicolons. */
WG_MUST_CHECK bool csv_write(const struct fleet *fleet, uint64_t count, FILE *out,
                             struct wg_error *err);

#endif
