/* change_row.h: what happened when, for streams of events and webhooks. Rows of what people and the
 * engine do are written by triggers (migrations/023_change.sql), those of devices by intake, those
 * of campaigns whose places move beside the counters. A row is read once it is sure that none can
 * come before it: while a transaction is under way, whatever began behind it waits. */
#ifndef WG_ORCHESTRATOR_STORE_CHANGE_ROW_H
#define WG_ORCHESTRATOR_STORE_CHANGE_ROW_H

#include "common/text.h"
#include "orchestrator/store/db.h"

#define CHANGE_KEPT (10 * WG_MINUTE)
#define CHANGE_DEVICES_MAX 20 /* rows of one batch; else one without a subject stands for all */
#define CHANGE_SUBJECT_MAX 160
#define CHANGE_ID_MAX 44 /* "XID-ID" */

/* Where a reader is: behind this row. Zeroed: before all. */
struct change_place {
    int64_t xid, id;
};
struct change_row {
    struct change_place place;
    wg_time at;
    char kind[16];
    char subject[CHANGE_SUBJECT_MAX]; /* "" several */
    int64_t audit;                    /* number of the row of the audit log; 0: none */
};

int change_place_compare(struct change_place left, struct change_place right); /* as strcmp() */
void change_place_text(struct change_place place, char out[CHANGE_ID_MAX]);
WG_MUST_CHECK bool change_place_parse(const char *text, struct change_place *out); /* strictly */

/* In the batch's transaction; devices: an array literal. */
WG_MUST_CHECK bool change_row_devices(struct db *db, const char *devices, struct wg_error *err);

/* The next ones behind that place, at most limit, oldest first. */
WG_MUST_CHECK bool change_row_page(struct db *db, struct change_place after, size_t limit,
                                   struct change_row *out, size_t *count, struct wg_error *err);
/* The newest, oldest of them first. */
WG_MUST_CHECK bool change_row_newest(struct db *db, size_t limit, struct change_row *out,
                                     size_t *count, struct wg_error *err);
/* Deletes some of what is older than CHANGE_KEPT, and of changes of software that nobody looks for
 * any more; *more: at once again. */
WG_MUST_CHECK bool change_row_sweep(struct db *db, bool *more, struct wg_error *err);

#endif
