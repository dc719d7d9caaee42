/* log_shelf.h: log excerpts from devices on their way into the database, beside the reports and
 * never in their way: a shelf of few places, emptied once a second. What finds no place is dropped
 * and counted; devices do not wait for an answer. */
#ifndef WG_ORCHESTRATOR_LINK_LOG_SHELF_H
#define WG_ORCHESTRATOR_LINK_LOG_SHELF_H

#include "orchestrator/store/device_log.h"

#define LOG_SHELF_MAX 32
#define LOG_SHELF_OF_DEVICE 4 /* places that one device may take */
#define LOG_SHELF_EVERY WG_SECOND

struct log_shelf;

struct log_shelf *log_shelf_new(struct wg_error *err);
void log_shelf_free(struct log_shelf *shelf);

/* Decodes one message and takes out secrets that a device did not; what cannot be decoded is kept
 * as refused, with the reason. */
void log_shelf_take(struct log_shelf *shelf, const char *device, const char *bytes, size_t len,
                    wg_time now);
wg_time log_shelf_due(const struct log_shelf *shelf); /* when to put it away; 0: it is empty */
/* Empties the shelf whatever comes of it: logs are not worth a second try. False when the database
 * did not take them. */
WG_MUST_CHECK bool log_shelf_put(struct log_shelf *shelf, struct db *db, wg_time now,
                                 struct wg_error *err);

#endif
