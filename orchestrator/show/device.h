/* device.h: a device as JSON: in a list, and all that is known of one. Threads: any, each with a
 * database connection of its own. */
#ifndef WG_ORCHESTRATOR_SHOW_DEVICE_H
#define WG_ORCHESTRATOR_SHOW_DEVICE_H

#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/erasure_row.h"

#include <jansson.h>

/* Each a new reference. */
json_t *show_device(const struct device_row *row);                        /* a row of a list */
json_t *show_reports(const struct device_report_row *rows, size_t count); /* oldest first */
json_t *show_places(const struct device_place_row *rows, size_t count);   /* newest first */
json_t *show_alarms(const struct alarm_row *rows, size_t count);          /* newest first */
json_t *show_erasure(const struct erasure_row *row); /* null: it was never asked for */

/* All of it: what show_device() says, and
 *   "groups", "identity": {"enrolled", "age_recipient" or null}, "revoked_at", "revoked_why",
 *   "updated_at", "held_why" (of a quarantine by a person, or null),
 *   "slots": [{"name", "active", "component", "version", "state"}] (of the one that runs),
 *   "certificate": {"subject", "not_after", ..} or null,
 *   "presence": {"online", "since", "seen_at", "due_at", "absences", "usually_away_seconds",
 *                "boot_at", "boots_in_a_row", "clock_off_minutes"},
 *   "campaigns": its places, "reports" (the last DEVICE_REPORTS), "alarm_list" (cleared ones too),
 *   "logs": {"count", "newest"}, "log_list": [{"received", "at", "campaign", "attempt", "order",
 *            "source", "cut", "bytes"}] (newest first), "erasure".
 * New reference; NULL on failure, WG_E_NOT_FOUND. now is not in it: what has not changed is the
 * same. */
#define DEVICE_REPORTS 200
#define DEVICE_ALARMS 50
json_t *device_document(struct db *db, const char *id, wg_time now, struct wg_error *err);

#endif
