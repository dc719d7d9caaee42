/* gate_row.h: what a gate asks beyond counters: the answer of its hook, and pairs of devices that
 * its health condition compares. All in the caller's transaction. */
#ifndef WG_ORCHESTRATOR_STORE_GATE_ROW_H
#define WG_ORCHESTRATOR_STORE_GATE_ROW_H

#include "orchestrator/store/db.h"

/* state: "running" "pass" "hold" "fail". Counts only under the lease of that token: *kept is false
 * when another orchestrator has taken the campaign over since. */
WG_MUST_CHECK bool gate_row_hook(struct db *db, int64_t campaign, size_t wave, const char *state,
                                 const char *words, int64_t token, wg_time now, bool *kept,
                                 struct wg_error *err);

/* Compares more updated devices of the wave, each with one that was never offered the update. */
WG_MUST_CHECK bool gate_row_pair(struct db *db, int64_t campaign, size_t wave, const char *metric,
                                 bool lower_is_worse, wg_duration settle, wg_time now,
                                 int64_t *pairs, struct wg_error *err);
/* What was compared counts no more: a revision asks for something else. */
WG_MUST_CHECK bool gate_row_forget_pairs(struct db *db, int64_t campaign, size_t wave,
                                         struct wg_error *err);

#endif
