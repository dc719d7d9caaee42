/* answer.h: one request of the orchestrator, and what is said to it (orchestrator/release/
 * signer_wire.h). */
#ifndef WG_ORCHESTRATOR_SIGNER_ANSWER_H
#define WG_ORCHESTRATOR_SIGNER_ANSWER_H

#include "common/posix/signing_key.h"
#include "orchestrator/signer/judge.h"

/* New reference; NULL without memory. The director's key is borrowed. */
json_t *answer_to(struct judge *judge, struct wg_signing_key *director, const json_t *request,
                  wg_time now, struct wg_error *err);

#endif
