/* mirror.h: the database as it stands after the last commit, for the rules to look at, beside what
 * it was before. */
#ifndef WG_TESTS_SIM_RUN_MIRROR_H
#define WG_TESTS_SIM_RUN_MIRROR_H

#include "orchestrator/engine/engine.h"
#include "tests/sim/run/setup.h"

struct sim;

#define MIRROR_CAMPAIGNS_MAX 16 /* those of the setup, and those that send devices back */
#define MIRROR_WAVES_MAX 8
#define MIRROR_CHANGES_MAX 4096

struct mirror_place {
    bool there;
    size_t wave;
    enum wg_state state;
    enum wg_cause cause;
    int64_t attempt, spent;
    char order[WG_ORDER_ID_MAX];
    wg_time state_at, retry_at, ready_at;
};

struct mirror_wave {
    char name[16];
    enum wave_state state;
    wg_time state_at, last_finish;
    int64_t members;
    char manual[16];
    int64_t count[WG_STATES][WG_CAUSES];
};

struct mirror_campaign {
    int64_t id; /* 0: none */
    char name[WG_NAME_MAX + 1];
    enum campaign_state state;
    wg_time state_at;
    char digest[WG_SHA256_HEX];
    char cause[128];
    int64_t revision, members;
    bool held;
    wg_time started_at;
    char stop[24];
    struct policy policy; /* of the digest */
    struct campaign *file;
    const struct setup_campaign *setup; /* NULL: it sends another one's devices back */
    size_t wave_count;
    struct mirror_wave waves[MIRROR_WAVES_MAX];
    struct mirror_place places[SETUP_DEVICES_MAX];
    int64_t in_flight, faults, harm; /* harm: in flight and faults, at the last look */
};

struct mirror_device {
    bool there, online;
    char zone[WG_ZONE_MAX + 1];
    char boot[WG_BOOT_MAX];
    int64_t order_counter, report_seq;
    wg_time revoked_at, settled_at;
};

/* A place that is not as it was. */
struct mirror_change {
    size_t campaign, device;
    struct mirror_place before;
};

struct mirror {
    size_t campaign_count;
    struct mirror_campaign campaigns[MIRROR_CAMPAIGNS_MAX];
    struct mirror_device devices[SETUP_DEVICES_MAX];
    int64_t places;  /* in the database */
    int64_t changes; /* rows that were not as before, since the start */
    size_t change_count;
    struct mirror_change change[MIRROR_CHANGES_MAX]; /* of the last look */
    /* waves and campaigns as they were before the last look */
    enum wave_state wave_before[MIRROR_CAMPAIGNS_MAX][MIRROR_WAVES_MAX];
    enum campaign_state campaign_before[MIRROR_CAMPAIGNS_MAX];
};

void mirror_init(struct mirror *mirror);
void mirror_clear(struct mirror *mirror);
/* Reads what was committed since the last look, and holds every rule against it. */
void mirror_look(struct sim *sim);
/* Some campaign has not ended. */
bool mirror_is_active(const struct mirror *mirror);
/* NULL: none of that name. */
struct mirror_campaign *mirror_campaign(struct mirror *mirror, const char *name);

#endif
