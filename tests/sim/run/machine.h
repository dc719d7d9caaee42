/* machine.h: a simulated device around a real agent core: two slots, a boot loader with a
 * boot-once marker, a disk, a clock that may be wrong, power that may go. It goes through life by
 * events of the agenda, and checks what must never happen on it: a device without a bootable slot,
 * a switch over outside the window of its true zone. */
#ifndef WG_TESTS_SIM_RUN_MACHINE_H
#define WG_TESTS_SIM_RUN_MACHINE_H

#include "agent/core/core.h"
#include "tests/sim/agenda.h"
#include "tests/sim/run/setup.h"

struct sim;

struct machine_slot {
    char version[16];
    char companion[16]; /* version of SETUP_COMPANION; "" it is not there */
    bool whole;         /* written to the end */
};

/* An order that it has heard of. */
struct machine_order {
    char id[WG_ORDER_ID_MAX], campaign[WG_NAME_MAX + 1], version[16], companion[16];
    struct wg_windows windows;
};

#define MACHINE_SAID 64

/* A report as it went out. */
struct machine_said {
    int64_t seq; /* 0: none */
    enum wg_state state;
    enum wg_cause cause;
    char order[WG_ORDER_ID_MAX];
};

struct machine {
    const struct setup_device *setup;
    size_t index;
    struct core_config config;
    struct zone_files *zones; /* borrowed */
    struct core *core;        /* NULL: no power, or on its way up */
    struct wg_buf disk;       /* what the last save made durable */
    uint64_t life;            /* of the process; grows when it ends */
    uint64_t work;            /* of fetch, install, check under way; grows when it is cancelled */
    int64_t link;             /* number of the connection, of this life */
    wg_time up_at;            /* monotonic time is counted from here */
    wg_time wake_at;          /* the tick that is on the agenda */
    bool connected, mute;
    enum core_phase phase; /* as last saved */
    size_t broker;
    char boot[WG_BOOT_MAX];
    unsigned starts;
    char zone[WG_ZONE_MAX + 1]; /* where it truly is, and the agent knows it */
    wg_duration clock_off;
    bool has_clock;
    struct machine_slot slots[2];
    int running, committed;
    bool marker, fetched, installed;
    uint32_t ran; /* versions that it has run for good, a bit each: machine_has_run() */
    struct machine_order order; /* the last that it was told to fetch or install */
    int64_t written, forgotten; /* report numbers: the highest written, and acknowledged */
    struct machine_said said[MACHINE_SAID]; /* the last ones, by number */
    wg_time online_at;                      /* when its session began */
    uint64_t asked;                         /* of draws that are its own */
};

bool machine_init(struct machine *machine, struct sim *sim, size_t index);
void machine_clear(struct machine *machine);
/* Puts its first power and its weather on the agenda. */
void machine_plan(struct machine *machine, struct sim *sim);

/* A message from its broker; as an event of the agenda, because it travels. */
void machine_mail(void *world, const struct event *event);
/* Its broker, or the way to it, is gone. */
void machine_disconnect(struct machine *machine, struct sim *sim, bool will);
/* The end of chaos: power and network for everybody, and whoever hangs is switched off and on. */
void machine_mend(struct machine *machine, struct sim *sim);

/* The new slot is set to boot, or runs, and is not committed: what the campaign has put at risk. */
bool machine_is_exposed(const struct machine *machine);
/* Nothing is left to do or to say. */
bool machine_is_idle(const struct machine *machine);
/* That version was its committed one at some time. */
bool machine_has_run(const struct machine *machine, const char *version);
wg_time machine_wall(const struct machine *machine, const struct sim *sim); /* 0: no clock */

#endif
