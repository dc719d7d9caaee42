/* health.h: devices that are not well, before their users notice, as JSON (docs/support.md).
 * Threads: any, each with a database connection of its own. */
#ifndef WG_ORCHESTRATOR_SHOW_HEALTH_H
#define WG_ORCHESTRATOR_SHOW_HEALTH_H

#include "orchestrator/store/db.h"

#include <jansson.h>

struct health_query {
    const char *kind; /* of finding, as in "kind" below; NULL: all */
    size_t limit;     /* worst devices named of each; 0: HEALTH_WORST */
    const char
        *scopes; /* a list for wg_in_scopes(), whose devices alone are looked at; NULL: all */
};
#define HEALTH_WORST 5
#define HEALTH_WORST_MAX 1000

/* {"at", "fleet": {"day", "devices", "online"} (as it was written down last) or null,
 *  "compared_with": day or null,
 *  "counts": {"silent": 212, ..},
 *  "findings": [{"kind", "title", "devices", "more": bool, "week_ago", "change",
 *                "trend": "rising", "steady", "falling" or null, "next"}],
 *  "items": [{"device", "finding" (its kind), "words", "since", "trend", "hardware", "region"}]}
 *  (the worst of each kind)
 * kind: crash-looping, silent, alarm, quarantine, wrong-clock, certificate-ending, never-updated,
 * behind, unused; each is there, also with 0 devices. "devices" is counted up to HEALTH_COUNT_MAX,
 * then "more" is true. week_ago and change: null while nothing is known of that day; these, trend,
 * fleet and compared_with are always null with scopes, as days are kept of the fleet as a whole.
 * New reference; NULL on failure. WG_E_USAGE: an unknown kind. */
#define HEALTH_COUNT_MAX 100000
json_t *health_document(struct db *db, const struct health_query *query, wg_time now,
                        struct wg_error *err);

/* Versions and presence over time, a point a day, oldest first (days 0: HEALTH_DAYS):
 * {"component", "days": [{"day", "devices", "online", "versions": {"1.0.0": 12}}]}.
 * component NULL: that of the newest release. */
#define HEALTH_DAYS 90
#define HEALTH_DAYS_MAX 1000
json_t *versions_document(struct db *db, const char *component, size_t days, struct wg_error *err);

#endif
