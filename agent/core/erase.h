/* erase.h: the order to destroy the device's keys. For agent/core only.
 *
 * Saved before anything is destroyed, asked for again at every start until nothing is left, told by
 * hello for as long as the connection holds that was made with the keys. Then the agent ends. The
 * software of the device stays as it is. An update that is switching over comes first: it ends by
 * itself, and the order comes again. */
#ifndef WG_AGENT_CORE_ERASE_H
#define WG_AGENT_CORE_ERASE_H

#include "agent/core/order_check.h"
#include "agent/core/step.h"

/* An order of that kind, whose signature holds. */
WG_MUST_CHECK bool erase_obey(struct core_step *step, const struct wg_order *order,
                              const json_t *envelope, const struct order_judgement *judgement);
/* A start in phase erasing, or with an erasure that was finished. */
WG_MUST_CHECK bool erase_start(struct core_step *step);

#endif
