/* campaign_act.h: what writes to campaigns have in common: whose devices they touch, and the word
 * that a person signed on their own machine. */
#ifndef WG_ORCHESTRATOR_API_CAMPAIGN_ACT_H
#define WG_ORCHESTRATOR_API_CAMPAIGN_ACT_H

#include "orchestrator/api/call.h"
#include "orchestrator/steering/follow.h"
#include "orchestrator/steering/sent_word.h"

/* Are all devices of that campaign, those of the plan in this transaction, within what they may?
 * 403 tells how many are not. Who may on a part of the fleet alone takes no devices that come
 * later: they might lie outside. */
WG_MUST_CHECK bool campaign_may_act(struct api_call *call, enum permission permission,
                                    const char *campaign, struct wg_error *err);
WG_MUST_CHECK bool campaign_may_plan(struct api_call *call, enum permission permission,
                                     const struct plan *plan, struct wg_error *err);

/* A statement with the call's person's name and the time of now, to be signed. New reference. */
json_t *campaign_to_sign(const struct api_call *call, struct statement *say, struct wg_error *err);

/* "statement" and "chain" of the body, in the name of who asks; the certificate's role must be one
 * that has the permission. Without a statement: *word is NULL, and the signing fails with what is
 * missing. campaign_word_free() afterwards, also when it fails. */
WG_MUST_CHECK bool campaign_word(struct api_call *call, enum permission permission,
                                 const struct signature_authority *authority,
                                 struct sent_word **word, struct signing *signing,
                                 struct wg_error *err);
void campaign_word_free(struct sent_word *word);

/* Applies a campaign that follows from another one, signed by who asks; answers what was made. */
WG_MUST_CHECK bool campaign_make(struct api_call *call, const struct follow *follow,
                                 struct apply_source source, struct wg_error *err);

/* The body's text under that key; NULL: it is not there, or null. WG_E_BAD_INPUT: no text. */
WG_MUST_CHECK bool campaign_text(const struct api_call *call, const char *key, const char **out,
                                 struct wg_error *err);

#endif
