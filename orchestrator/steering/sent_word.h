/* sent_word.h: a statement that a person signed on their own machine and sent along. It has to hold
 * as the operator's own command would have made it. Pure but for reading certificates. */
#ifndef WG_ORCHESTRATOR_STEERING_SENT_WORD_H
#define WG_ORCHESTRATOR_STEERING_SENT_WORD_H

#include "common/json.h"
#include "orchestrator/plan/signature.h"
#include "orchestrator/steering/signing.h"

#define SENT_WORD_AGE WG_DAY /* what was signed longer ago is refused */

/* Large: on the heap. */
struct sent_word {
    struct operator_identity who;
    struct wg_buf envelope; /* canonical JSON */
    wg_time now;
};

/* chain: PEM of the operator's certificate and its authority, up to the operators' root; it must
 * name the person (WG_E_DENIED). envelope: {"signed", "signatures"}, borrowed; its signature is
 * checked when something is to be signed. sent_word_clear() afterwards, also when it fails. */
WG_MUST_CHECK bool sent_word_init(struct sent_word *word, const json_t *envelope, const char *chain,
                                  const char *person, const struct signature_authority *authority,
                                  wg_time now, struct wg_error *err);
void sent_word_clear(struct sent_word *word);

/* To be used as a signing: WG_E_VERIFY when the signature does not hold or the statement is about
 * something else, WG_E_CONFLICT when waves have other sizes by now, or it is too old. */
struct signing sent_word_signing(struct sent_word *word);

#endif
