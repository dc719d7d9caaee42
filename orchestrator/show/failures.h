/* failures.h: what the failed devices of a campaign have in common, as JSON (docs/support.md).
 * Threads: any, each with a database connection of its own. */
#ifndef WG_ORCHESTRATOR_SHOW_FAILURES_H
#define WG_ORCHESTRATOR_SHOW_FAILURES_H

#include "orchestrator/store/db.h"

#include <jansson.h>

struct failures_query {
    size_t groups;      /* at most so many, the largest first; 0: FAILURES_GROUPS */
    size_t examples;    /* devices named in each; 0: FAILURES_EXAMPLES */
    const char *wave;   /* only of this wave; NULL: of all */
    const char *scopes; /* a list for wg_in_scopes(), whose devices alone are told of; NULL: all */
};
#define FAILURES_GROUPS 20
#define FAILURES_GROUPS_MAX 1000
#define FAILURES_EXAMPLES 3
#define FAILURES_EXAMPLES_MAX 100

/* {"campaign", "state", "component", "version", "wave" or null, "failed", "succeeded" (of the whole
 *  campaign), "read", "complete", "test": {"method", "correction", "alpha", "comparisons"},
 *  "left_out" (groups),
 *  "groups": [{"signature" ("" without words), "cause", "phase", "devices", "states",
 *    "first_at", "last_at",
 *    "model": {"brake": 20}, "hardware": {"brake/C": 20}, "region": {}, "from": {} (the largest),
 *    "over": [{"field", "value", "failed", "of_failed", "succeeded", "of_succeeded",
 *              "times" (null: only here), "p" (corrected), "p_alone"}],
 *    "sample": ["dev-1"], "examples": [{"device", "at", "state", "detail", "hardware", "region",
 *    "from", "wave"}], "next": ["wavegate device explain ..."]}]}
 * New reference; NULL on failure. WG_E_NOT_FOUND: no such campaign, no such wave. What it costs
 * does not grow with the fleet: at most FAILURES_READ failed devices are read, the newest
 * ("complete" says whether that is all), and successes are counted as they happen. In a
 * transaction of the caller's, or in none. */
#define FAILURES_READ 20000
/* With scopes, everything is of the devices within. So many that failed, the newest, and so many
 * that succeeded are looked through for them; "complete" says whether these are all. */
#define FAILURES_LOOKED 100000
json_t *failures_document(struct db *db, const char *campaign, const struct failures_query *query,
                          struct wg_error *err);

#endif
