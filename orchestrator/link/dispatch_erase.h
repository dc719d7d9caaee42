/* dispatch_erase.h: orders that tell devices to destroy their keys. */
#ifndef WG_ORCHESTRATOR_LINK_DISPATCH_ERASE_H
#define WG_ORCHESTRATOR_LINK_DISPATCH_ERASE_H

#include "orchestrator/link/dispatch.h"

/* Has every one that is due signed, and sends it. What the signer refuses is tried again later, as
 * orders are. */
WG_MUST_CHECK bool dispatch_erasures(const struct dispatch *dispatch, wg_time now,
                                     struct wg_error *err);

#endif
