/* control.h: start, pause, resume, abort. Each checks, moves and commits; out borrows from the
 * steer. WG_E_CONFLICT says why it cannot be done now. */
#ifndef WG_ORCHESTRATOR_STEERING_CONTROL_H
#define WG_ORCHESTRATOR_STEERING_CONTROL_H

#include "orchestrator/show/steered.h"
#include "orchestrator/steering/steer.h"

WG_MUST_CHECK bool control_start(struct steer *steer, struct steered *out, struct wg_error *err);
/* hold: updates in hand do not switch over, either. */
WG_MUST_CHECK bool control_pause(struct steer *steer, bool hold, struct steered *out,
                                 struct wg_error *err);
WG_MUST_CHECK bool control_resume(struct steer *steer, struct steered *out, struct wg_error *err);
WG_MUST_CHECK bool control_abort(struct steer *steer, struct steered *out, struct wg_error *err);

#endif
