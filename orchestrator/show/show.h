/* show.h: small things that all documents share. */
#ifndef WG_ORCHESTRATOR_SHOW_SHOW_H
#define WG_ORCHESTRATOR_SHOW_SHOW_H

#include "common/json.h"
#include "common/time.h"

/* RFC 3339, UTC; null for 0. New reference. */
json_t *show_time(wg_time time);
json_t *show_text(const char *text); /* null for "" */
/* Three decimals, for shares of 0 to 1: what is JSON alone is not written with seventeen digits. */
json_t *show_share(double share);

/* Takes the document over and hands it on; a NULL becomes the error "no memory". */
json_t *show_made(json_t *document, const char *what, struct wg_error *err);

#endif
