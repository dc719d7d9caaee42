/* sim.h: one run of one seed: everything that takes part in it. */
#ifndef WG_TESTS_SIM_RUN_SIM_H
#define WG_TESTS_SIM_RUN_SIM_H

#include "common/posix/zone_file.h"
#include "orchestrator/release/director.h"
#include "tests/sim/agenda.h"
#include "tests/sim/run/faults.h"
#include "tests/sim/run/history.h"
#include "tests/sim/run/machine.h"
#include "tests/sim/run/mirror.h"
#include "tests/sim/run/operator.h"
#include "tests/sim/run/post.h"
#include "tests/sim/run/rule.h"
#include "tests/sim/run/server.h"
#include "tests/sim/run/setup.h"

/* Outlives the runs: made once. */
struct ground {
    const char *conninfo;
    struct watch *watch; /* the rules' own connection */
    struct zone_files *zones;
    struct director *director;
    struct wg_identity_public director_key;
    struct core_actions *actions; /* of the machine that is at work */
    int log;                      /* a file: what wg_log wrote */
    uint64_t without;             /* bits of fault kinds that no seed knows */
};

struct sim {
    struct ground *ground;
    struct setup setup;
    wg_time now;
    int64_t step;
    int depth;             /* of stalled orchestrators around the present step */
    wg_time database_back; /* nobody reaches it before */
    wg_time moved_at;      /* a place changed last */
    bool failed;           /* the simulation itself */
    struct agenda agenda;
    struct faults faults;
    struct history history;
    struct machine machines[SETUP_DEVICES_MAX];
    struct server servers[SETUP_SERVERS_MAX];
    struct post post;
    struct operators operators;
    struct mirror mirror;
    struct rules rules;
    struct rule_break broken; /* the first rule that did not hold; rule 0: all do */
    struct wg_error err;      /* what made the simulation itself fail */
};

/* Asks for a fault; it stands in the history when it strikes. */
bool sim_strike(struct sim *sim, enum fault_kind kind, size_t who);
#define sim_tell(sim, who, ...) history_add(&(sim)->history, (sim)->now, who, __VA_ARGS__)
/* The simulation cannot go on: memory, its own database. */
void sim_fail(struct sim *sim, const char *what);
bool sim_goes_on(const struct sim *sim);
/* Lives through what is on the agenda until then. */
void sim_run_until(struct sim *sim, wg_time until);

#endif
