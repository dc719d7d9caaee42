/* gate_hand.h: a person's hand on the gate of a wave. */
#ifndef WG_ORCHESTRATOR_STEERING_GATE_HAND_H
#define WG_ORCHESTRATOR_STEERING_GATE_HAND_H

#include "orchestrator/show/steered.h"
#include "orchestrator/steering/steer.h"

/* Advances, holds or (ENGINE_MANUAL_NONE) lets go, and commits. wave: NULL is the only one that is
 * at work, or held. out borrows from the steer. WG_E_CONFLICT, WG_E_NOT_FOUND. */
WG_MUST_CHECK bool gate_hand(struct steer *steer, enum engine_manual manual, const char *wave,
                             struct steered_gate *out, struct wg_error *err);

#endif
