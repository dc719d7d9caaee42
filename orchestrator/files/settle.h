/* settle.h: what nginx was allowed to send and did not. Each admitted request is kept under the id
 * that nginx gave it until nginx's access log says how much was sent; the rest is given back. One
 * that is never heard of stays spent. */
#ifndef WG_ORCHESTRATOR_FILES_SETTLE_H
#define WG_ORCHESTRATOR_FILES_SETTLE_H

#include "orchestrator/files/ledger.h"

#define SETTLE_ID_DIGITS 32 /* nginx's $request_id */

struct settle;

/* The ledger is borrowed. */
struct settle *settle_new(struct ledger *ledger, struct wg_error *err);
void settle_free(struct settle *settle);
/* request: NULL, or no id of nginx: it is not kept. Thread-safe, as settle_log. */
void settle_expect(struct settle *settle, const char *request, const struct ledger_id *id,
                   int64_t bytes, wg_time now);
/* One line of the log: whatever stands before ": ", then REQUEST STATUS BYTES. False: no such
 * line, or nothing was expected. */
bool settle_log(struct settle *settle, const char *line, size_t len);
/* Reads all lines that wait at the datagram socket. */
void settle_read(struct settle *settle, int fd);

#endif
