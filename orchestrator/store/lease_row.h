/* lease_row.h: which orchestrator ticks a campaign, or hears a broker. A lease is renewed by every
 * tick; when its holder dies or stalls it runs out and another one takes it, with a greater token;
 * a revision of the campaign makes it greater too. What is written on behalf of a lease names its
 * token (gate_row.h). Times are the caller's: clocks of orchestrators that differ make a take-over
 * early or late, never unsafe, for a tick also holds the campaign's row. */
#ifndef WG_ORCHESTRATOR_STORE_LEASE_ROW_H
#define WG_ORCHESTRATOR_STORE_LEASE_ROW_H

#include "orchestrator/store/db.h"

/* In the transaction that holds the campaign's row. *token 0: another one holds it. */
WG_MUST_CHECK bool lease_row_take(struct db *db, int64_t campaign, const char *holder,
                                  wg_duration length, wg_time now, int64_t *token,
                                  struct wg_error *err);
/* Of a broker that one orchestrator alone hears. */
WG_MUST_CHECK bool lease_row_take_broker(struct db *db, const char *broker, const char *holder,
                                         wg_duration length, wg_time now, bool *mine,
                                         struct wg_error *err);
/* Gives all leases of the holder back, when it stops in good order. */
WG_MUST_CHECK bool lease_row_release(struct db *db, const char *holder, struct wg_error *err);

struct lease_row {
    char holder[128]; /* "" none */
    int64_t token;
    wg_time until;
};
WG_MUST_CHECK bool lease_row_get(struct db *db, int64_t campaign, struct lease_row *out,
                                 struct wg_error *err);

#endif
