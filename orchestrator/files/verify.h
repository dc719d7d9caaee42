/* verify.h: answers nginx's auth_request over a Unix socket: 204, or 403 with the status and the
 * words for the client in X-Wavegate-Status and X-Wavegate-Text. nginx says in headers what it was
 * asked (deploy/nginx/wavegate-files.conf). */
#ifndef WG_ORCHESTRATOR_FILES_VERIFY_H
#define WG_ORCHESTRATOR_FILES_VERIFY_H

#include "orchestrator/files/admission.h"
#include "orchestrator/files/options.h"
#include "orchestrator/files/settle.h"

struct verify;

/* admission, ledger and settle are borrowed. Answers when it has returned. */
struct verify *verify_new(const struct options *options, struct admission *admission,
                          struct ledger *ledger, struct settle *settle, struct wg_error *err);
void verify_free(struct verify *verify);
/* Authorities and revocation list are read again; the old ones stay if that fails. */
WG_MUST_CHECK bool verify_reload(struct verify *verify, struct wg_error *err);

#endif
