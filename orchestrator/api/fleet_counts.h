/* fleet_counts.h: counts of the whole fleet, kept for a while: however many ask, and however large
 * it is, no more than a twentieth of the time of one database connection goes into counting for one
 * scope. */
#ifndef WG_ORCHESTRATOR_API_FLEET_COUNTS_H
#define WG_ORCHESTRATOR_API_FLEET_COUNTS_H

#include "common/json.h"
#include "orchestrator/store/db.h"

struct fleet_counts;

struct fleet_counts *fleet_counts_new(struct wg_error *err);
void fleet_counts_free(struct fleet_counts *counts); /* nobody asks any more */

/* What device_fleet() counts, and when it was counted: "as_of". scopes: a list for wg_in_scopes();
 * NULL: everything. Any thread. While somebody counts the same others get what was counted
 * before, or wait when that is nothing. New reference. */
json_t *fleet_counts_get(struct fleet_counts *counts, struct db *db, const char *scopes,
                         struct wg_error *err);

#endif
