/* device_import.h: many devices of the registry at once, in one transaction: rows one by one,
 * then the merge, then db_commit. docs/registry.md says whose word counts for what. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_IMPORT_H
#define WG_ORCHESTRATOR_STORE_DEVICE_IMPORT_H

#include "common/message.h"
#include "orchestrator/store/db.h"

enum import_position { IMPORT_POSITION_UNSAID, IMPORT_POSITION_NONE, IMPORT_POSITION_THERE };

struct import_component {
    const char *name;
    const char *version; /* NULL: taken away */
};

/* All borrowed; the caller has checked them. NULL is left as it is, "" is taken away. */
struct import_row {
    int64_t line; /* tells the row from others; an earlier one wins over a later of the same id */
    const char *id, *hardware_model, *hardware_revision, *region, *zone;
    enum import_position position;
    double lat, lon;
    const char *const *tags, *const *groups; /* NULL: unsaid; replace those the device has */
    size_t tag_count, group_count;
    const struct import_component *components;
    size_t component_count;
    const char *attributes; /* a JSON object; NULL: unsaid */
    const char *const *attributes_gone;
    size_t attributes_gone_count;
};

struct device_import;

#define IMPORT_REFUSALS_MAX 100
struct import_refusal {
    int64_t line;
    char reason[256];
};

struct import_result {
    int64_t rows;                /* given */
    int64_t registered, changed; /* the rest was so already */
    int64_t refused;             /* an id again, or too much together with what is there */
    size_t refusal_count;        /* the first, by line */
    struct import_refusal refusals[IMPORT_REFUSALS_MAX];
};

/* Opens the transaction; NULL when it fails. */
struct device_import *device_import_new(struct db *db, struct wg_error *err);
/* Rolls back what was not committed. */
void device_import_free(struct device_import *import);
WG_MUST_CHECK bool device_import_row(struct device_import *import, const struct import_row *row,
                                     struct wg_error *err);
/* scopes: of who imports, a list for wg_in_scopes(), borrowed; rows of devices that lie outside, or
 * would, are refused. NULL: everything. */
void device_import_limit(struct device_import *import, const char *scopes);
/* now: when positions were learnt and devices registered. Then db_commit, or nothing is stored. */
WG_MUST_CHECK bool device_import_merge(struct device_import *import, wg_time now,
                                       struct import_result *out, struct wg_error *err);

#endif
