/* visit.h: a connection to one of our servers: its struct begins with what is watched of it. */
#ifndef WG_ORCHESTRATOR_HTTP_VISIT_H
#define WG_ORCHESTRATOR_HTTP_VISIT_H

#include "orchestrator/http/watch.h"

#include <microhttpd.h>

/* The visit of a request's connection; NULL: there was no memory for one. Borrowed. */
void *http_visit_of(struct MHD_Connection *connection);
/* As libmicrohttpd says that a connection begins or ends: makes a visit of so many bytes, zeroed
 * and watched, or lets go of it. The new one, or NULL. */
void *http_visit_turn(struct watch *watch, size_t size, struct MHD_Connection *connection,
                      void **place, enum MHD_ConnectionNotificationCode what);

#endif
