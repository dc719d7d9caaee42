/* heart.h: may the watchdog be fed? While the agent's loop turns it may, except where only a reset
 * helps: a trial boot in which health has not said yes for too long, and a reboot that was asked
 * for and does not come. Then the timer runs out, the device starts again, and the slot that was
 * confirmed last boots. Pure. */
#ifndef WG_AGENT_CORE_HEART_H
#define WG_AGENT_CORE_HEART_H

#include "agent/core/core.h"

#define HEART_REBOOT_PATIENCE (3 * WG_MINUTE) /* several times asked for by then */

struct heart {
    wg_duration patience; /* of a trial boot, between two checks that said yes */
    enum core_phase phase;
    wg_time well_at;   /* monotonic: the last yes, or the start */
    wg_time reboot_at; /* since when a reboot is asked for; 0: none is */
};

/* check: how long one check may take. */
void heart_init(struct heart *heart, wg_duration check, wg_duration health_every, wg_time now);
/* What the core is doing now; also after every event. */
void heart_look(struct heart *heart, enum core_phase phase, wg_time now);
/* A boot or health check has said yes. */
void heart_well(struct heart *heart, wg_time now);
bool heart_beats(const struct heart *heart, wg_time now);

#endif
