/* place_move.h: moves of places, written together with the counters, the orders and the times that
 * depend on them. The one way a place changes its state after it was offered. Internal to the room.
 */
#ifndef WG_ORCHESTRATOR_STORE_PLACE_MOVE_H
#define WG_ORCHESTRATOR_STORE_PLACE_MOVE_H

#include "common/message.h"
#include "orchestrator/store/db.h"

struct place_move {
    int64_t campaign;
    char device[WG_NAME_MAX + 1];
    int64_t wave;
    enum wg_state from;
    enum wg_cause from_cause;
    enum wg_state ended_in; /* it passed through last, when it ends; waiting: from, as stored */
    enum wg_state to;
    enum wg_cause to_cause;
    char detail[WG_DETAIL_MAX + 1];
    wg_time retry_at; /* 0: none */
    wg_time ready_at; /* since then it waits for the word to switch over; 0: it does not */
    int64_t spent;    /* attempts, now */
    wg_time at;
    int64_t bytes, bytes_total;
};

/* Offered to probation, deferred too: a device has one such place at most. */
bool place_is_in_hand(enum wg_state state);

/* At most one move a place, held by the caller. Waves and counters follow when the transaction
 * commits (tally.h). */
WG_MUST_CHECK bool place_moves_write(struct db *db, const struct place_move *moves, size_t count,
                                     struct wg_error *err);

#endif
