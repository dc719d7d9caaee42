/* ending.h: the ways in which an order ends. For agent/core only. */
#ifndef WG_AGENT_CORE_ENDING_H
#define WG_AGENT_CORE_ENDING_H

#include "agent/core/step.h"

/* A component and its version, with NUL. */
#define ENDING_LACKS (WG_NAME_MAX + WG_VERSION_MAX + 2)

/* The order in hand has ended: final report, phase idle. detail is cleaned and cut. */
WG_MUST_CHECK bool ending_finish(struct core_step *step, enum wg_state state, enum wg_cause cause,
                                 const char *detail);
/* Ends it as failed before the new slot was set to boot, and lets go of what was made. */
WG_MUST_CHECK bool ending_abandon(struct core_step *step, enum wg_cause cause, const char *detail);
/* Ends it as withdrawn, in the same way. */
WG_MUST_CHECK bool ending_withdraw(struct core_step *step, const char *detail);
/* Puts it off before the new slot was set to boot: the device forgets it, and it may come again as
 * if for the first time. retry: when that is best; 0: not said. */
WG_MUST_CHECK bool ending_put_off(struct core_step *step, const char *detail, wg_duration retry);
/* The trial has failed: remembers why and reboots; the start in the old slot reports it. */
WG_MUST_CHECK bool ending_revert(struct core_step *step, enum wg_cause cause, const char *detail);

/* Answers an order that is not in hand. The same answer is not journaled twice while the first one
 * waits for its acknowledgement: it is published again. */
WG_MUST_CHECK bool ending_answer(struct core_step *step, const struct wg_order *order,
                                 enum wg_state state, enum wg_cause cause, const char *detail);
/* Says once more how the last order ended. */
WG_MUST_CHECK bool ending_repeat(struct core_step *step);

/* The version of the component that runs; "" when it is not known. Borrowed. */
const char *ending_running(const struct core_step *step, const char *component);
/* Does the device run what the order brings, its companions too? */
bool ending_is_running(const struct core_step *step, const struct wg_order *order);
/* Or does it not? Then out, of ENDING_LACKS bytes, names the first that it lacks, with its version.
 */
bool ending_lacks(const struct core_step *step, const struct wg_order *order, char *out,
                  size_t size);

#endif
