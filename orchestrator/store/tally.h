/* tally.h: what a transaction counts: devices of waves that came into a state and left one, and
 * when the last of a wave finished. Summed up while it runs and written when it commits, behind all
 * else it wants: everybody wants these few rows, so nobody waits for others while holding them, and
 * they are held for the shortest time. What the transaction itself reads of them is of before.
 * Internal to the room.
 */
#ifndef WG_ORCHESTRATOR_STORE_TALLY_H
#define WG_ORCHESTRATOR_STORE_TALLY_H

#include "common/message.h"
#include "orchestrator/store/db.h"

/* Both fail outside a transaction. devices: so many more; causes are told apart where a device has
 * ended. */
WG_MUST_CHECK bool tally_count(struct db *db, int64_t campaign, int64_t wave, enum wg_state state,
                               enum wg_cause cause, int64_t devices, struct wg_error *err);
WG_MUST_CHECK bool tally_finish(struct db *db, int64_t campaign, int64_t wave, wg_time at,
                                struct wg_error *err);

#endif
