/* clock.h: what a phase waits for, and until when. For agent/core only. */
#ifndef WG_AGENT_CORE_CLOCK_H
#define WG_AGENT_CORE_CLOCK_H

#include "agent/core/step.h"

/* Changes the phase, sets its timers and saves. */
WG_MUST_CHECK bool clock_enter(struct core_step *step, enum core_phase phase);
/* Sets the back-off before the next try of the download. */
void clock_wait_fetch(struct core_step *step);
/* Asks for the reboot, and again after a while if it does not happen. */
WG_MUST_CHECK bool clock_reboot(struct core_step *step);

/* The earliest of all that is waited for; 0: nothing. */
wg_time clock_wake(const struct core_config *config, const struct core_state *state);

#endif
