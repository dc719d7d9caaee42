/* certificate_row.h: when certificates end that orchestrators show, or are shown. */
#ifndef WG_ORCHESTRATOR_STORE_CERTIFICATE_ROW_H
#define WG_ORCHESTRATOR_STORE_CERTIFICATE_ROW_H

#include "orchestrator/store/db.h"

#define CERTIFICATE_KEPT (2 * WG_DAY) /* without being seen again; metrics.sql says the same */

WG_MUST_CHECK bool certificate_row_seen(struct db *db, const char *kind, const char *name,
                                        wg_time end, wg_time now, struct wg_error *err);
/* What was not seen for so long. */
WG_MUST_CHECK bool certificate_row_forget(struct db *db, wg_time now, struct wg_error *err);

#endif
