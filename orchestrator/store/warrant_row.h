/* warrant_row.h: the signed statements that entitle the orders of a campaign (common/trust). */
#ifndef WG_ORCHESTRATOR_STORE_WARRANT_ROW_H
#define WG_ORCHESTRATOR_STORE_WARRANT_ROW_H

#include "common/json.h"
#include "orchestrator/store/db.h"

/* New reference to a list of envelopes, the author's first; what is no JSON is left out. NULL on
 * failure. */
json_t *warrant_row_statements(struct db *db, int64_t campaign, struct wg_error *err);
/* The approvals of the gates before that wave: the signer asks for them, a device does not. */
json_t *warrant_row_gates(struct db *db, int64_t campaign, const char *wave, struct wg_error *err);

#endif
