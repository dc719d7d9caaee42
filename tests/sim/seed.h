/* seed.h: `wavegate-fleet seed`. */
#ifndef WG_TESTS_SIM_SEED_H
#define WG_TESTS_SIM_SEED_H

#include "common/args.h"

extern const struct flag seed_flags[];
WG_MUST_CHECK bool seed_run(const struct args *args, struct wg_error *err);

#endif
