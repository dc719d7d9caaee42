/* device.h: one device of the synthetic fleet, made from the fleet's seed and its number alone: the
 * same in a fleet of ten and of a million. Pure. */
#ifndef WG_TESTS_SIM_DEVICE_H
#define WG_TESTS_SIM_DEVICE_H

#include "common/message.h"
#include "tests/sim/catalogue.h"
#include "tests/sim/city.h"

#define DEVICE_NUMBER_MAX 9999999
#define DEVICE_GROUPS_MAX 2

struct fleet {
    uint64_t seed;
    wg_time now; /* what "seen an hour ago" counts from */
    struct catalogue catalogue;
    struct chance_table city_weights, model_weights;
    struct chance_table revision_weights[4]; /* by model */
};

WG_MUST_CHECK bool fleet_init(struct fleet *out, const char *seed, wg_time now,
                              struct wg_error *err);

struct device_software {
    const char *component;
    const struct catalogue_version *version;
};

struct device {
    /* 0: never */
    wg_time registered_at, seen_at, presence_at, changed_at, position_at, revoked_at;
    const struct catalogue_model *model;
    const char *revision_key;
    const char *region, *zone;   /* "" not known */
    const char *position_source; /* "hello" or "registry" */
    double lat, lon;             /* degrees, five decimals */
    const char *channel, *agent;
    size_t software_count, tag_count, group_count;
    struct device_software software[CATALOGUE_COMPONENTS];
    const char *tags[CATALOGUE_TAGS];
    int ram_mb;
    bool has_position, online;
    char revision[2]; /* "A" */
    char id[WG_NAME_MAX + 1];
    char groups[DEVICE_GROUPS_MAX][WG_NAME_MAX + 1];
    char site[WG_NAME_MAX + 1], customer[WG_NAME_MAX + 1];
    char boot[WG_BOOT_MAX], journal[WG_JOURNAL_MAX];
};

/* number: 1..DEVICE_NUMBER_MAX. Pointers go to the fleet and to tables that live on. */
void device_make(const struct fleet *fleet, uint64_t number, struct device *out);

#endif
