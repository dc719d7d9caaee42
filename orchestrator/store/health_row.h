/* health_row.h: devices that are not well, found by index; and the fleet day by day, which trends
 * are held against. What the kinds mean: docs/support.md. */
#ifndef WG_ORCHESTRATOR_STORE_HEALTH_ROW_H
#define WG_ORCHESTRATOR_STORE_HEALTH_ROW_H

#include "common/text.h"
#include "common/time.h"
#include "orchestrator/store/db.h"

#define HEALTH_KINDS 9
const char *health_kind_text(size_t kind); /* "never-updated"; "" past the last */

struct health_row {
    char device[WG_NAME_MAX + 1];
    char hardware_model[WG_NAME_MAX + 1], hardware_revision[WG_NAME_MAX + 1];
    char region[WG_NAME_MAX + 1];
    wg_time since;
    int64_t number[2]; /* of the kind's own: support/finding.h */
    char text[256];
};
/* The worst first, at most limit (1..); *devices: how many there are, counted up to most. scopes: a
 * list for wg_in_scopes(), whose devices alone are looked at; NULL: all. Allocates *out. */
WG_MUST_CHECK bool health_row_find(struct db *db, size_t kind, const char *scopes, wg_time now,
                                   int64_t most, size_t limit, struct health_row **out,
                                   size_t *count, int64_t *devices, struct wg_error *err);

/* Writes today (UTC) down unless somebody has: devices, presence, versions, and each kind counted
 * up to most. Own transaction. *made: it was this call. Costs a count of the fleet, once a day. */
WG_MUST_CHECK bool health_row_snapshot(struct db *db, wg_time now, int64_t most, bool *made,
                                       struct wg_error *err);

#define HEALTH_DAY_TEXT 16
struct health_past {
    char day[HEALTH_DAY_TEXT];      /* the newest that is written; "" none is */
    int64_t devices, online;        /* then */
    char week_ago[HEALTH_DAY_TEXT]; /* a week before now, or up to another week before; "" none */
    int64_t then[HEALTH_KINDS];     /* devices; below 0: not written */
};
WG_MUST_CHECK bool health_row_past(struct db *db, wg_time now, struct health_past *out,
                                   struct wg_error *err);

struct fleet_day_row {
    char day[HEALTH_DAY_TEXT];
    int64_t devices, online;
    char *versions; /* JSON: version -> devices; owned */
};
/* The newest `limit` days, oldest first. fleet_day_free() *out. */
WG_MUST_CHECK bool fleet_day_list(struct db *db, const char *component, size_t limit,
                                  struct fleet_day_row **out, size_t *count, struct wg_error *err);
void fleet_day_free(struct fleet_day_row *rows, size_t count);
/* The component of the newest release; "" there is none. */
WG_MUST_CHECK bool fleet_day_component(struct db *db, char out[WG_NAME_MAX + 1],
                                       struct wg_error *err);

#endif
