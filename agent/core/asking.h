/* asking.h: the device's own programs are asked before a step of the update, and after it. What has
 * no hooks goes on at once. For agent/core only. */
#ifndef WG_AGENT_CORE_ASKING_H
#define WG_AGENT_CORE_ASKING_H

#include "agent/core/step.h"

/* Asks those of the phase in hand and the moment; the answer carries the update on from there. The
 * phase was entered before. */
WG_MUST_CHECK bool asking_begin(struct core_step *step, enum core_hook_moment moment);
/* The order in hand has come again: what a hook has put off is asked anew. */
WG_MUST_CHECK bool asking_resume(struct core_step *step);
/* Not now: what is done stays where it can, until the order is offered again. */
WG_MUST_CHECK bool asking_put_off(struct core_step *step, const char *why, wg_duration retry);
/* A check of the new slot: its hooks are told what they are asked about. */
WG_MUST_CHECK bool asking_check(struct core_step *step, enum core_action_kind kind);
/* Of the order in hand, for asking_tell, before it is forgotten. */
void asking_error(const struct core_step *step, const struct core_ending *ending,
                  struct core_hook *out);
/* Has the hooks told that an order has failed or was rolled back. */
WG_MUST_CHECK bool asking_tell(struct core_step *step, const struct core_hook *error);

#endif
