/* draw.h: what a seed means, in words, without running it: to find one that has what is looked for.
 */
#ifndef WG_TESTS_SIM_RUN_DRAW_H
#define WG_TESTS_SIM_RUN_DRAW_H

#include "tests/sim/run/run.h"

/* Fleet, services, faults with their rates, campaigns, commands. */
WG_MUST_CHECK bool draw_print(uint64_t seed, const struct run_mask *mask, uint64_t without,
                              FILE *out, struct wg_error *err);

#endif
