/* peer.h: who is at the other end: the name in a device's certificate. Certificates come from TLS
 * here (GnuTLS), or from a server in front that has checked them. */
#ifndef WG_ORCHESTRATOR_FILES_PEER_H
#define WG_ORCHESTRATOR_FILES_PEER_H

#include "common/text.h"

#include <gnutls/gnutls.h>

struct peers; /* the authorities whose certificates are believed, and what they revoked */

/* Files in PEM; crl_file NULL: none. */
struct peers *peers_new(const char *ca_file, const char *crl_file, struct wg_error *err);
void peers_free(struct peers *peers);
/* The certificate of this session must hold now, for a TLS client. WG_E_VERIFY says why not. Only
 * reads, so several threads may. */
WG_MUST_CHECK bool peers_check(const struct peers *peers, gnutls_session_t session,
                               char name[WG_NAME_MAX + 1], struct wg_error *err);

/* The same for a certificate in PEM with its signs escaped as in URLs (nginx's
 * $ssl_client_escaped_cert), whose owner has shown nginx that he has its key. WG_E_BAD_INPUT,
 * WG_E_LIMIT: it is none. */
WG_MUST_CHECK bool peers_check_escaped(const struct peers *peers, const char *pem,
                                       char name[WG_NAME_MAX + 1], struct wg_error *err);

#endif
