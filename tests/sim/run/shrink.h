/* shrink.h: what of a failed run is needed to fail: faults, devices, campaigns are left out as long
 * as the same rule is broken. */
#ifndef WG_TESTS_SIM_RUN_SHRINK_H
#define WG_TESTS_SIM_RUN_SHRINK_H

#include "tests/sim/run/run.h"

/* Replaces *run, which has failed under that mask, by the smallest run that was found in so long.
 */
WG_MUST_CHECK bool shrink(struct ground *ground, struct run *run, const struct run_mask *mask,
                          wg_duration most, struct wg_error *err);

#endif
