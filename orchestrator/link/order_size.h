/* order_size.h: an order that fits into a message. Pure. */
#ifndef WG_ORCHESTRATOR_LINK_ORDER_SIZE_H
#define WG_ORCHESTRATOR_LINK_ORDER_SIZE_H

#include "common/message.h"

/* Leaves out forms, those that save least first, until what is to be signed has at most so many
 * bytes. WG_E_DENIED: it has more even without any. */
WG_MUST_CHECK bool order_size_fit(struct wg_order *order, const json_t *warrant, size_t most,
                                  struct wg_error *err);

#endif
