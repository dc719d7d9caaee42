/* run.h: `wavegate-fleet run`. */
#ifndef WG_TESTS_SIM_FLEET_RUN_H
#define WG_TESTS_SIM_FLEET_RUN_H

#include "common/args.h"

extern const struct flag run_flags[];
WG_MUST_CHECK bool run_run(const struct args *args, struct wg_error *err);

#endif
