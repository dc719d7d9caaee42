/* ready.h: the update is installed in the idle slot, and the device asks for the word to switch
 * over. Until then everything can be taken back, so nothing is at risk. For agent/core only.
 *
 * The question is a report of state rebooting; an ack that covers it is an answer. The answer to an
 * earlier question says nothing about a later one. */
#ifndef WG_AGENT_CORE_READY_H
#define WG_AGENT_CORE_READY_H

#include "agent/core/step.h"

/* In its window: enters the phase and asks, also once more. Outside: enters it, and puts the order
 * off until it is offered again. */
WG_MUST_CHECK bool ready_ask(struct core_step *step);
/* What is installed stays, and no answer counts until the order is offered again. retry: when that
 * is best; 0: not said. */
WG_MUST_CHECK bool ready_put_off(struct core_step *step, const char *why, wg_duration retry);
/* What an ack of this journal says to a device in that phase. */
WG_MUST_CHECK bool ready_answer(struct core_step *step, const struct wg_ack *ack);

#endif
