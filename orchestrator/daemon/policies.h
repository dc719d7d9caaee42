/* policies.h: the campaigns under way as their files say, read once from their stored canonical
 * JSON. */
#ifndef WG_ORCHESTRATOR_DAEMON_POLICIES_H
#define WG_ORCHESTRATOR_DAEMON_POLICIES_H

#include "orchestrator/plan/plan.h"

#define POLICIES_MAX 256 /* kept; further campaigns push out the one looked at longest ago */

struct policies;

struct policies *policies_new(struct wg_error *err);
void policies_free(struct policies *policies);
/* Borrowed until the next call. digest: of the revision that is asked for; NULL: any that is kept.
 */
const struct policy *policies_get(struct policies *policies, struct db *db, int64_t campaign,
                                  const char *digest, struct wg_error *err);

/* What is kept of a campaign is read again: a transaction that it was told of came to nothing. */
void policies_forget(struct policies *policies, int64_t campaign);

/* Time-outs of phases and windows, as orders carry them. */
void policies_terms(const struct policy *policy, const char *site_zone, struct wg_order *order);

/* Where the window of a campaign is open. */
struct open_zones {
    char *text; /* PostgreSQL array text, the cache's; NULL: not asked yet */
    wg_time at;
};
/* Borrowed until the next call; NULL on failure. */
struct open_zones *policies_zones(struct policies *policies, struct db *db, int64_t campaign,
                                  const char *digest, struct wg_error *err);

/* For who joins a campaign with continuous membership. */
struct joining {
    const struct plan_query *query;
    wg_time *looked_at,
        *swept_at; /* of the last look at changed devices, and at all; 0: none yet */
    bool *closed;  /* the whole fleet was looked at after the campaign that it rolls back ended */
};
/* Borrowed until the next call. */
WG_MUST_CHECK bool policies_joining(struct policies *policies, struct db *db, int64_t campaign,
                                    const char *digest, struct joining *out, struct wg_error *err);

#endif
