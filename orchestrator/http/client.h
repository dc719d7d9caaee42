/* client.h: who is at the other end of a connection, as TLS and the socket know it. */
#ifndef WG_ORCHESTRATOR_HTTP_CLIENT_H
#define WG_ORCHESTRATOR_HTTP_CLIENT_H

#include "orchestrator/http/server.h"

#include <microhttpd.h>

/* The certificates that the client showed, as PEM, leaf first; "" none, or too many. The handshake
 * has seen that it has the leaf's key; nothing else is checked here. */
void client_chain(struct MHD_Connection *connection, char *out, size_t size);
void client_address(struct MHD_Connection *connection, char out[HTTP_ADDRESS_MAX]);

#endif
