/* policy.h: what a campaign file says about how to roll out, in the engine's terms. The campaign
 * room fills it from YAML; the engine decides by it. Plain data, no pointers. */
#ifndef WG_ORCHESTRATOR_ENGINE_POLICY_H
#define WG_ORCHESTRATOR_ENGINE_POLICY_H

#include "common/state.h"
#include "common/text.h"
#include "common/time.h"
#include "common/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_WAVES_MAX 32
#define POLICY_PPM 1000000 /* 100% */
#define POLICY_PER_MAX 4   /* attributes with a cap of their own */
#define POLICY_URL_MAX 512
#define POLICY_REASON_MAX 256

/* So many devices, or a share of the members in parts per million. */
struct policy_amount {
    bool is_share;
    int64_t value;
};

/* A program or a web service that is asked; "" and "": none. */
struct policy_hook {
    char run[WG_NAME_MAX + 1]; /* a file name in the orchestrator's folder of hooks */
    char url[POLICY_URL_MAX];
    wg_duration timeout;
    wg_duration every; /* between two questions while the answer is "hold" */
};

/* A metric of updated devices against those not yet updated (health.h). */
struct policy_health {
    char metric[WG_NAME_MAX + 1]; /* "": not asked */
    bool lower_is_worse;
    int64_t margin_ppm, alpha_ppm, beta_ppm;
    wg_duration settle; /* a device's metric counts when it is from so long after its success */
};

struct policy_gate {
    int64_t success_ppm; /* succeeded / (succeeded + faults) must reach this; 0: not asked */
    struct policy_amount sample; /* so many of the wave's members must have finished first */
    wg_duration soak;            /* since the wave's last finish */
    char approval_role[WG_NAME_MAX + 1];
    int64_t approval_count;       /* 0: no approval asked */
    wg_duration approval_expires; /* an approval counts for so long; 0: for ever */
    struct policy_hook hook;
    struct policy_health health;
};

/* Approvals that a campaign needs before it starts. */
struct policy_approvals {
    char role[WG_NAME_MAX + 1];
    int64_t count;       /* 0: none */
    wg_duration expires; /* 0: never */
};

enum policy_on_exceeded { POLICY_PAUSE, POLICY_ABORT, POLICY_ROLLBACK };

struct policy_budget {
    struct policy_amount failures; /* so many faults are tolerated; one more exceeds */
    int64_t at_least; /* the tolerated number is never below this: the least sample of a share */
    bool class_limited[WG_CAUSES];           /* fault classes with a limit of their own, besides */
    struct policy_amount classes[WG_CAUSES]; /* so many faults of the class are tolerated */
    enum policy_on_exceeded on_exceeded;
};

struct policy_retry_class {
    int64_t attempts; /* that may be spent by faults, in all; 1: no retry */
    wg_duration backoff;
};

struct policy_retry {
    int64_t attempts; /* in all; 1: no retry */
    wg_duration backoff;
    int64_t jitter_ppm; /* of the back-off, either way */
    bool class_set[WG_CAUSES];
    struct policy_retry_class classes[WG_CAUSES]; /* where class_set; attempts 0: as the default */
};

/* At most so many devices with the same value of an inventory attribute have an update in hand. */
struct policy_per {
    char attribute[WG_NAME_MAX + 1];
    int64_t most;
};

/* Devices offered in any minute. */
struct policy_rate {
    int64_t start; /* 0: no limit */
    int64_t factor_ppm;
    int64_t max; /* 0: it grows without bound */
};

enum policy_at_end { POLICY_END_PAUSE, POLICY_END_ABORT, POLICY_END_FINISH_STARTED };

struct policy_schedule {
    wg_time start, end; /* 0: none */
    enum policy_at_end at_end;
};

struct policy_emergency {
    wg_duration length; /* from its start; 0: no emergency */
    char reason[POLICY_REASON_MAX];
};

struct policy_timeout {
    wg_duration offer; /* an order that nobody accepts gives its slot back */
    wg_duration download, install, probation;
    wg_duration silent; /* after reboot, without a word */
};

struct policy {
    bool continuous; /* who comes to match later joins: the last wave stays open */
    bool supersedes; /* it takes its devices out of other campaigns */
    size_t wave_count;
    struct policy_gate gates[POLICY_WAVES_MAX]; /* of each wave; already merged with the default */
    bool overlap[POLICY_WAVES_MAX];             /* the wave opens with the one before it */
    int64_t in_flight;
    size_t per_count;
    struct policy_per per[POLICY_PER_MAX];
    struct policy_rate rate;
    struct policy_budget budget;
    struct policy_retry retry;
    struct policy_timeout timeout;
    struct wg_windows window; /* count 0: always */
    struct policy_schedule schedule;
    struct policy_approvals start;
    struct policy_emergency emergency;
};

const char *policy_at_end_text(enum policy_at_end at_end);
bool policy_at_end_parse(const char *text, enum policy_at_end *out);
const char *policy_on_exceeded_text(enum policy_on_exceeded on_exceeded);
bool policy_on_exceeded_parse(const char *text, enum policy_on_exceeded *out);

/* The amount as devices of total; shares round up, so that 1% of 50 is 1. */
int64_t policy_amount_of(const struct policy_amount *amount, int64_t total);
/* Faults that the budget tolerates in a campaign of so many members (shares round down). */
int64_t policy_budget_tolerates(const struct policy_budget *budget, int64_t members);
/* Devices that can be harmed at worst: tolerated faults plus what is in flight, never above
 * members. */
int64_t policy_worst_harm(const struct policy *policy, int64_t members);

/* Attempts that may be spent, and the back-off before jitter, of a failure of this class. */
struct policy_retry_class policy_retry_of(const struct policy_retry *retry, enum wg_cause cause);
/* Faults of the class that are tolerated; -1: the class has no limit of its own. */
int64_t policy_class_tolerates(const struct policy_budget *budget, enum wg_cause cause,
                               int64_t members);
/* Devices that may be offered in a minute when so many have succeeded; -1: no limit. It is start,
 * multiplied by factor each time as many have succeeded as one full minute at each rate so far
 * allows, and never above max. */
int64_t policy_rate_of(const struct policy_rate *rate, int64_t succeeded);

#endif
