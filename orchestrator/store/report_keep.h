/* report_keep.h: for how long reports are kept: tables of a month each, made before they are needed
 * and dropped when they are old (migrations/028_report_month.sql). */
#ifndef WG_ORCHESTRATOR_STORE_REPORT_KEEP_H
#define WG_ORCHESTRATOR_STORE_REPORT_KEEP_H

#include "orchestrator/store/db.h"

#define REPORT_DROPPED_TEXT 512

/* kept 0: for ever. dropped: names of the tables that went, "" none. Where they are in use for
 * seconds, or another orchestrator is at it, nothing is done, or it fails: ask again later. */
WG_MUST_CHECK bool report_keep(struct db *db, wg_time now, wg_duration kept,
                               char dropped[REPORT_DROPPED_TEXT], struct wg_error *err);

#endif
