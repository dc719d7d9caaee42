/* server.h: artifacts over HTTPS, by threads of its own (libmicrohttpd, GnuTLS). */
#ifndef WG_ORCHESTRATOR_FILES_SERVER_H
#define WG_ORCHESTRATOR_FILES_SERVER_H

#include "orchestrator/files/admission.h"
#include "orchestrator/files/options.h"

struct server;

/* admission and ledger are borrowed. Serves when it has returned. */
struct server *server_new(const struct options *options, struct admission *admission,
                          struct ledger *ledger, struct wg_error *err);
void server_free(struct server *server); /* ends all connections */
/* Certificate and key for new connections, authorities and revocation list are read again; the old
 * ones stay if that fails. */
WG_MUST_CHECK bool server_reload(struct server *server, struct wg_error *err);
/* Now and then: ends connections that are too slow. */
void server_look(struct server *server);

#endif
