/* policy.h: what a campaign file says about how to roll out, in the engine's terms. The campaign
 * room fills it from YAML; the engine decides by it. Plain data, no pointers. */
#ifndef WG_ORCHESTRATOR_ENGINE_POLICY_H
#define WG_ORCHESTRATOR_ENGINE_POLICY_H

#include "common/text.h"
#include "common/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_WAVES_MAX 32
#define POLICY_PPM 1000000 /* 100% */

/* So many devices, or a share of the members in parts per million. */
struct policy_amount {
    bool is_share;
    int64_t value;
};

struct policy_gate {
    int64_t success_ppm; /* succeeded / (succeeded + faults) must reach this; 0: not asked */
    struct policy_amount sample; /* so many of the wave's members must have finished first */
    wg_duration soak;            /* since the wave's last finish */
    char approval_role[WG_NAME_MAX + 1];
    int64_t approval_count; /* 0: no approval asked */
};

enum policy_on_exceeded { POLICY_PAUSE, POLICY_ABORT };

struct policy_budget {
    struct policy_amount failures; /* so many faults are tolerated; one more exceeds */
    int64_t at_least;              /* the tolerated number is never below this */
    enum policy_on_exceeded on_exceeded;
};

struct policy_retry {
    int64_t attempts; /* in all; 1: no retry */
    wg_duration backoff;
};

struct policy_timeout {
    wg_duration offer; /* an order that nobody accepts gives its slot back */
    wg_duration download, install, probation;
    wg_duration silent; /* after reboot, without a word */
};

struct policy {
    bool continuous; /* who comes to match later joins: the last wave stays open */
    size_t wave_count;
    struct policy_gate gates[POLICY_WAVES_MAX]; /* of each wave; already merged with the default */
    int64_t in_flight;
    struct policy_budget budget;
    struct policy_retry retry;
    struct policy_timeout timeout;
};

const char *policy_on_exceeded_text(enum policy_on_exceeded on_exceeded);
bool policy_on_exceeded_parse(const char *text, enum policy_on_exceeded *out);

/* The amount as devices of total; shares round up, so that 1% of 50 is 1. */
int64_t policy_amount_of(const struct policy_amount *amount, int64_t total);
/* Faults that the budget tolerates in a campaign of so many members (shares round down). */
int64_t policy_budget_tolerates(const struct policy_budget *budget, int64_t members);
/* Devices that can be harmed at worst: tolerated faults plus what is in flight, never above
 * members. */
int64_t policy_worst_harm(const struct policy *policy, int64_t members);

#endif
