/* parent.h: starts the processes of the fleet, sums them up, shows how they do, and obeys who
 * speaks to it: by signals, or on the control socket. */
#ifndef WG_TESTS_SIM_FLEET_PARENT_H
#define WG_TESTS_SIM_FLEET_PARENT_H

#include "tests/sim/fleet/control.h"
#include "tests/sim/fleet/settings.h"
#include "tests/sim/fleet/tally.h"
#include "tests/sim/fleet/view.h"

#include <sys/types.h>

struct parent_child {
    pid_t pid; /* 0: it has ended */
    int socket;
    bool answered; /* the present question */
};

struct parent {
    const struct fleet_settings *settings;
    struct parent_child children[FLEET_PROCESSES_MAX];
    size_t count;
    struct control control;
    struct view view;
    int signals;
    uint64_t began; /* microseconds */
    wg_time view_at, storm_at;
    uint32_t request; /* number of the last question to the children */
    bool asking;      /* it is not answered by all */
    bool ending, ended;
    struct tally sum, heard;
};

/* Large: keep it off the stack. Zero it before. */
WG_MUST_CHECK bool parent_run(struct parent *parent, const struct fleet_settings *settings,
                              struct wg_error *err);

#endif
