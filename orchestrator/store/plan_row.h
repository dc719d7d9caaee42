/* plan_row.h: who a campaign would hit. plan_match and plan_divide fill temporary tables in the
 * transaction at hand; plan_insert makes them the places of a new campaign. Nothing of it lasts
 * after a rollback, which is how `plan` ends. */
#ifndef WG_ORCHESTRATOR_STORE_PLAN_ROW_H
#define WG_ORCHESTRATOR_STORE_PLAN_ROW_H

#include "orchestrator/store/campaign_row.h"

#define PLAN_REASONS_MAX 48

/* Why a device is left out, in this order: the target's clauses (index 0..), then these. */
enum plan_reason {
    PLAN_MATCHED = -1,
    PLAN_ON_RELEASE = 1000, /* runs this version of the component already */
    PLAN_INCOMPATIBLE,      /* the release does not fit its hardware model */
    PLAN_REVOKED,
    PLAN_OTHER_CAMPAIGN /* has an unfinished place in an active campaign */
};

struct plan_query { /* borrowed */
    size_t clause_count;
    const char *const *clauses; /* SQL conditions over "device d", parameters $1.. in common */
    size_t param_count;
    const char *const *params;
    const char *component, *version, *hardware_model;
    size_t wave_count;
    const char *const *wave_lists; /* for each wave: PostgreSQL array text of named ids, or NULL */
};

struct plan_left_out {
    int reason; /* clause index or enum plan_reason */
    int64_t devices;
};

struct plan_counts {
    int64_t fleet, matched;
    int64_t listed[WAVE_ROWS_MAX]; /* matched devices that wave i names, no earlier wave does */
    size_t left_out_count;
    struct plan_left_out left_out[PLAN_REASONS_MAX];
};

WG_MUST_CHECK bool plan_match(struct db *db, const struct plan_query *query,
                              struct plan_counts *out, struct wg_error *err);
/* size[i]: members of wave i (campaign/partition.h). Waves that are lists have theirs already; the
 * others take the next size[i] of the pool, in the order of sha256(seed || device id). */
WG_MUST_CHECK bool plan_divide(struct db *db, const char *seed, size_t wave_count,
                               const bool *is_list, const int64_t *size, struct wg_error *err);

struct plan_share {
    size_t wave;
    char what[16]; /* "region", "hardware", "version" */
    char value[WG_NAME_MAX * 2 + 2];
    int64_t devices;
};
/* Shares by region, hardware (model and revision) and current version of the component; allocates.
 */
WG_MUST_CHECK bool plan_shares(struct db *db, const char *component, struct plan_share **out,
                               size_t *count, struct wg_error *err);

struct plan_device {
    char id[WG_NAME_MAX + 1];
    int reason; /* PLAN_MATCHED or why it is left out */
    int wave;   /* -1: none */
};
/* wave -1: every device of the fleet; bounded by limit; in id order. Allocates. */
WG_MUST_CHECK bool plan_devices(struct db *db, int wave, int64_t limit, struct plan_device **out,
                                size_t *count, struct wg_error *err);

/* Stores campaign, waves, counters and places from the divided plan. Devices in no wave are not
 * stored. WG_E_CONFLICT when the name is taken; WG_E_NOT_FOUND when the release is not there. */
WG_MUST_CHECK bool plan_insert(struct db *db, const struct campaign_new *campaign, wg_time now,
                               int64_t *id, struct wg_error *err);

#endif
