/* faults.h: what goes wrong in a run. Each time something could go wrong it is asked here; the
 * answer hangs on the seed, the kind, who asks, and how often it has asked before. What struck is
 * remembered under a number that means the same in a replay, so that a replay can leave it out. */
#ifndef WG_TESTS_SIM_RUN_FAULTS_H
#define WG_TESTS_SIM_RUN_FAULTS_H

#include "common/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
    FAULT_LOSE_UP, /* a message of a device */
    FAULT_LOSE_DOWN,
    FAULT_DOUBLE,     /* a message either way */
    FAULT_DELAY,      /* it comes late: overtaken by others */
    FAULT_NONSENSE,   /* a device sends bytes that are no message */
    FAULT_DISCONNECT, /* the broker leaves a Last Will, sooner or later */
    FAULT_LATE_WILL,  /* it comes when the device is long back */
    FAULT_BREAK,      /* the same, while it publishes */
    FAULT_POWER,      /* before an action: the device boots again */
    FAULT_CRASH,      /* before an action: the agent starts again */
    FAULT_OFF,        /* a device without power for long */
    FAULT_STUCK,      /* a reboot that was asked for does not happen */
    FAULT_DISK_FULL,
    FAULT_BAD_BLOCK, /* what was fetched does not verify */
    FAULT_STUTTER,   /* a download breaks off */
    FAULT_SLOW,      /* a phase takes longer than it may */
    FAULT_INSTALL,
    FAULT_ACTIVATE,
    FAULT_NO_BOOT,   /* the new slot does not come up */
    FAULT_BOOT_SAID, /* it comes up, and its boot check says no */
    FAULT_MUTE,      /* it comes up and is not heard of for days */
    FAULT_UNHEALTHY,
    FAULT_COMMIT,
    FAULT_CLOCK,    /* a life with a wrong clock */
    FAULT_NO_CLOCK, /* a life without one */
    FAULT_MOVE,     /* to another zone */
    FAULT_REFUSAL,  /* a gate's hook says no, or does not answer */
    FAULT_BROKER,   /* a broker away */
    FAULT_KILL,     /* an orchestrator dies before a statement */
    FAULT_MUTED,    /* an orchestrator dies before it publishes */
    FAULT_STALL,    /* an orchestrator stands still before a statement */
    FAULT_CUT,      /* its connection to the database breaks before a statement */
    FAULT_DATABASE, /* the database is away for a while */
    FAULT_OPERATOR, /* a person's command, as drawn */
    FAULT_KINDS
};

const char *fault_text(enum fault_kind kind); /* "lose-up" */

#define FAULT_WHO_MAX 1024 /* devices, servers, brokers, each counted from 0 */

struct fault_strike {
    uint64_t number; /* kind, who and how often it had asked */
    wg_time at;
    int64_t step;
};

/* A replay: only these faults happen. */
struct fault_mask {
    bool on;
    size_t count;
    const uint64_t *allowed; /* sorted; borrowed */
};

struct faults {
    uint64_t seed;
    bool calm; /* nothing goes wrong any more */
    double rate[FAULT_KINDS];
    uint32_t asked[FAULT_KINDS][FAULT_WHO_MAX];
    struct fault_mask mask;
    size_t count, room;
    struct fault_strike *strikes; /* owned */
};

/* Draws which kinds this seed knows and how often they are; never those of a bit set in without. */
void faults_init(struct faults *faults, uint64_t seed, const struct fault_mask *mask,
                 uint64_t without);
bool fault_parse(const char *text, enum fault_kind *out);
void faults_clear(struct faults *faults);
bool faults_strike(struct faults *faults, enum fault_kind kind, size_t who, wg_time now,
                   int64_t step);
/* For what is surely drawn, unless it is masked: commands of people. */
bool faults_happen(struct faults *faults, enum fault_kind kind, size_t who, uint32_t ordinal,
                   wg_time now, int64_t step);

/* Parts of a number. */
enum fault_kind fault_kind_of(uint64_t number);
size_t fault_who_of(uint64_t number);
uint32_t fault_ordinal_of(uint64_t number);

#endif
