/* identify.h: who makes a request: by token, session or certificate, in this order. */
#ifndef WG_ORCHESTRATOR_API_IDENTIFY_H
#define WG_ORCHESTRATOR_API_IDENTIFY_H

#include "orchestrator/api/call.h"
#include "orchestrator/plan/signature.h"

#define API_COOKIE "__Host-wavegate"

struct authority; /* of operators: whose certificates are believed */

struct authority *authority_new(const struct settings *settings, struct wg_error *err);
void authority_free(struct authority *authority);
/* Reads root and list again; what was there before holds on when that fails. Any thread. */
WG_MUST_CHECK bool authority_reload(struct authority *authority, struct wg_error *err);
/* Has a file of it become another one since it was read last, or tried to? One thread's. */
bool authority_is_old(struct authority *authority);
/* What it says, to be given back by the same thread. */
struct signature_authority authority_lend(struct authority *authority);
void authority_give_back(struct authority *authority);

/* Fills call->who; nobody is fine. WG_E_DENIED: a certificate was shown, and does not hold. A
 * session or token that does not is a problem (401), so is a session's write without its second
 * value (403).
 */
WG_MUST_CHECK bool api_identify(struct api_call *call, struct authority *authority,
                                struct wg_error *err);

#endif
