/* restored.h: a database that was restored from a backup begins to be used (docs/operations.md). */
#ifndef WG_ORCHESTRATOR_STORE_RESTORED_H
#define WG_ORCHESTRATOR_STORE_RESTORED_H

#include "orchestrator/store/db.h"

/* In one transaction, with a row of the audit log. devices: who was there when it was backed up. */
WG_MUST_CHECK bool restored(struct db *db, int64_t *devices, struct wg_error *err);

#endif
