/* run.h: one seed, from the first power to the last word. */
#ifndef WG_TESTS_SIM_RUN_RUN_H
#define WG_TESTS_SIM_RUN_RUN_H

#include "tests/sim/run/sim.h"

#define RUN_DAYS 60 /* virtual, at most */

struct run_mask {
    struct fault_mask faults;
    struct setup_mask setup;
};

/* What a run leaves behind. run_clear() it. */
struct run {
    uint64_t seed;
    struct rule_break broken;
    int64_t steps;
    wg_duration lasted;
    size_t devices, campaigns;
    size_t strike_count;
    struct fault_strike *strikes; /* owned */
    struct history history;       /* owned */
    int64_t finished[WG_STATES];  /* places by their end */
    int64_t gates, looks, statements, batches, ticks;
};

/* False: the simulation itself failed. */
WG_MUST_CHECK bool run_seed(struct ground *ground, uint64_t seed, const struct run_mask *mask,
                            struct run *out, struct wg_error *err);
void run_clear(struct run *run);

#endif
