/* plan_row.h: who a campaign would hit. One transaction: plan_begin, plan_count (one pass over the
 * fleet: who is left out and why, how many match), plan_assign (members with their waves, in a
 * temporary table), then questions about them; plan_insert or plan_revise makes them places.
 * Nothing of it lasts after a rollback, which is how `plan` ends. */
#ifndef WG_ORCHESTRATOR_STORE_PLAN_ROW_H
#define WG_ORCHESTRATOR_STORE_PLAN_ROW_H

#include "orchestrator/store/campaign_row.h"

#define PLAN_CODES_MAX 112
#define PLAN_SPREAD_MAX 8

/* Why a device is left out: the target's clauses (index 0..), the first that does not hold; then
 * these, in this order. */
enum plan_reason {
    PLAN_MATCHED = -1,
    PLAN_NO_POSITION = 1000, /* a clause asks where it is, and that is not known */
    PLAN_REVOKED,
    PLAN_QUARANTINED,  /* looks cloned */
    PLAN_ON_RELEASE,   /* runs this version of the component already */
    PLAN_INCOMPATIBLE, /* the release does not fit its hardware model */
    PLAN_NO_PATH,      /* the release cannot be installed over what it runs */
    PLAN_EXCLUDED,     /* has a place in a campaign that this one excludes */
    PLAN_UNREGISTERED, /* there is no such device */
    PLAN_UNFIT = 1500, /* + i: what is installed together does not fit: query's fits[i] */
    PLAN_LISTED = 2000 /* + wave: matches, and this wave names it */
};

struct plan_query { /* borrowed */
    size_t clause_count;
    const char *const *clauses; /* SQL conditions over "device d", parameters $1.. in common */
    const bool *clause_places;  /* null for a device without position */
    const bool *clause_release; /* leaves out whoever runs the release */
    const char *const
        *clause_joined; /* the same over device_software r, of the release's component,
                           which these queries join anyway; NULL: it asks for others */
    size_t param_count;
    const char *const *params;
    const char *component, *version, *hardware_model;
    const char *path; /* SQL, " and .." over device_software r: can be installed over; or NULL */
    size_t fit_count;
    const char *const *fits; /* SQL conditions over "device d": what comes along fits too */
    const char *excludes;    /* PostgreSQL array text of campaign names; or NULL */
    const char *seed;
    size_t wave_count;
    const char *const *wave_conditions; /* for each wave: SQL over "device d", or NULL */
    size_t spread_count;
    const char *const *spread; /* SQL text expressions over "device d", never null */
    int64_t revises;           /* campaign; 0: a new one */
    size_t kept_waves;         /* of it: the first so many have opened */
};

struct plan_code {
    int code; /* clause index or enum plan_reason */
    int64_t devices;
};

/* Devices of the pool (matched, in no list) that have the same values of all spread attributes. */
struct plan_cell {
    char *key; /* values, each ended by the unit separator; owned */
    int64_t devices;
};

struct plan_counts {
    int64_t fleet, matched; /* matched: without those that are kept */
    int64_t kept[WAVE_ROWS_MAX];
    int64_t listed[WAVE_ROWS_MAX]; /* matched devices that wave i names, no earlier wave does */
    size_t left_out_count;
    struct plan_code left_out[PLAN_CODES_MAX];
    size_t cell_count;
    struct plan_cell *cells; /* owned; one without a key when nothing is spread */
};

#define PLAN_CELLS_MAX 20000

WG_MUST_CHECK bool plan_begin(struct db *db, struct wg_error *err);
WG_MUST_CHECK bool plan_count(struct db *db, const struct plan_query *query,
                              struct plan_counts *out, struct wg_error *err);
void plan_counts_clear(struct plan_counts *counts);

/* share[wave * cell_count + cell]: how many of a cell's devices each wave gets, in the order of
 * sha256(seed || device id); what no wave gets is in none. */
WG_MUST_CHECK bool plan_assign(struct db *db, const struct plan_query *query,
                               const struct plan_counts *counts, const int64_t *share,
                               struct wg_error *err);

struct plan_share {
    size_t wave;
    char what[16]; /* "region", "hardware", "version" */
    char value[WG_NAME_MAX * 2 + 2];
    int64_t devices;
};
struct plan_device {
    char id[WG_NAME_MAX + 1];
    int code; /* PLAN_MATCHED or why it is left out */
    int wave; /* -1: none */
};
/* Members of one wave, or with wave -1 of all; in id order, bounded by limit. Allocates. */
WG_MUST_CHECK bool plan_members_list(struct db *db, int wave, int64_t limit,
                                     struct plan_device **out, size_t *count, struct wg_error *err);
/* Those left out, each with its reason. Allocates. */
WG_MUST_CHECK bool plan_left_out_list(struct db *db, const struct plan_query *query, int64_t limit,
                                      struct plan_device **out, size_t *count,
                                      struct wg_error *err);

/* The reason of one device, as plan_count has it. WG_E_NOT_FOUND: there is no such device. */
WG_MUST_CHECK bool plan_code_of(struct db *db, const struct plan_query *query, const char *device,
                                int *code, struct wg_error *err);

/* Members that an unfinished campaign has too. */
struct plan_overlap {
    char campaign[WG_NAME_MAX + 1];
    char state[24];
    int64_t priority, id, devices;
};
WG_MUST_CHECK bool plan_overlaps(struct db *db, int64_t revises, struct plan_overlap **out,
                                 size_t *count, struct wg_error *err);

#define PLAN_SEEN 5
#define PLAN_CAPS_MAX 4

/* Of a wave's members. */
struct plan_presence {
    int64_t
        seen[PLAN_SEEN]; /* online; away, last seen within 1 h, 1 d, 7 d, before that or never */
    int64_t unseen_week; /* online or away */
    int64_t without_position;
    int64_t crowd[PLAN_CAPS_MAX]; /* the most that share one value of the attribute */
};

/* What is known of the members' habits. Times in milliseconds; 0 where nothing is known. */
struct plan_habits {
    struct plan_presence waves[WAVE_ROWS_MAX];
    wg_duration typical_update; /* median of past updates of the component: offered to success */
    int64_t past_updates;
};
/* Shares by region, hardware (model and revision) and current version of the component; allocates.
 * The same pass adds to habits how the members check in; it and *count are 0 before. */
WG_MUST_CHECK bool plan_shares(struct db *db, wg_time now, struct plan_share **out, size_t *count,
                               struct plan_habits *habits, struct wg_error *err);
/* Fills in what past updates tell. */
WG_MUST_CHECK bool plan_habits(struct db *db, const char *component, struct plan_habits *out,
                               struct wg_error *err);
/* Fills crowd of each wave, for attribute number attribute; of those that have it. */
WG_MUST_CHECK bool plan_crowds(struct db *db, const char *name, size_t attribute,
                               struct plan_habits *out, struct wg_error *err);

/* Ids of an array text that no wave names and no opened wave has: with why they are left out, those
 * that are not registered with PLAN_UNREGISTERED. In id order.
 * Allocates. */
WG_MUST_CHECK bool plan_strays(struct db *db, const struct plan_query *query, const char *ids,
                               struct plan_device **out, size_t *count, struct wg_error *err);

/* Members on a grid of half a degree. */
struct plan_spot {
    size_t wave;
    double lat, lon;
    int64_t devices;
};
WG_MUST_CHECK bool plan_spots(struct db *db, struct plan_spot **out, size_t *count,
                              struct wg_error *err);

/* Members that are not in the same wave in a list of before: ids and wave names as PostgreSQL array
 * texts. drift: how many differ, either way. */
WG_MUST_CHECK bool plan_drift(struct db *db, const char *ids, const char *waves, int64_t *drift,
                              struct wg_error *err);

/* Stores campaign, first revision, waves, counters and places. WG_E_CONFLICT when the name is
 * taken; WG_E_NOT_FOUND when the release is not there. */
WG_MUST_CHECK bool plan_insert(struct db *db, const struct campaign_new *campaign, wg_time now,
                               int64_t *id, struct wg_error *err);
/* Another revision: waves from kept_waves on, their counters and places are made anew; changes:
 * what it changes, for people. */
WG_MUST_CHECK bool plan_revise(struct db *db, int64_t id, size_t kept_waves,
                               const struct campaign_new *campaign, const char *changes,
                               wg_time now, struct wg_error *err);

/* Devices that match by now and have no place get one in this wave, at most limit; since: only
 * those that changed after this time, 0: all; devices: of these alone, PostgreSQL array text,
 * NULL: of all. Counters and members go with it. */
WG_MUST_CHECK bool plan_join(struct db *db, const struct plan_query *query, size_t wave,
                             int64_t limit, wg_time since, const char *devices, int64_t *joined,
                             struct wg_error *err);

#endif
