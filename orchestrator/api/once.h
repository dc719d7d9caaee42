/* once.h: writes that carry an Idempotency-Key are done once: repeated within a day they get the
 * first answer. */
#ifndef WG_ORCHESTRATOR_API_ONCE_H
#define WG_ORCHESTRATOR_API_ONCE_H

#include "orchestrator/api/call.h"

/* Handles the call, or answers with what was answered before. Without a key: just handles it. */
WG_MUST_CHECK bool once_handle(struct api_call *call,
                               bool (*handle)(struct api_call *call, struct wg_error *err),
                               struct wg_error *err);

#endif
