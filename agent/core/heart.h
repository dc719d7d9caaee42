/* heart.h: may the watchdog be fed? While the agent's loop turns it may, except where only a reset
 * helps: a trial boot in which health has not said yes for too long, and a reboot that was asked
 * for and does not come. The time that work with the slots takes, within its limit, counts for
 * neither; beyond it only a reset helps too. Then the timer runs out, the device starts again, and
 * the slot that was confirmed last boots. Pure. */
#ifndef WG_AGENT_CORE_HEART_H
#define WG_AGENT_CORE_HEART_H

#include "agent/core/core.h"

#define HEART_REBOOT_PATIENCE (3 * WG_MINUTE) /* several times asked for by then */

struct heart {
    wg_duration patience; /* of a trial boot, between two checks that said yes */
    enum core_phase phase;
    wg_time well_at;   /* monotonic: the last yes, or the start */
    wg_time reboot_at; /* since when a reboot is asked for; 0: none is */
    wg_time busy_at;   /* since when a call to the slots runs; 0: none does */
    wg_duration busy_limit;
};

/* check: how long one check may take. */
void heart_init(struct heart *heart, wg_duration check, wg_duration health_every, wg_time now);
/* What the core is doing now; also after every event. */
void heart_look(struct heart *heart, enum core_phase phase, wg_time now);
/* A boot or health check has said yes. */
void heart_well(struct heart *heart, wg_time now);
/* since: when the call to the slots that runs began, 0: none does; limit: how long it may take.
 * Also before each heart_beats(). */
void heart_busy(struct heart *heart, wg_time since, wg_duration limit, wg_time now);
bool heart_beats(const struct heart *heart, wg_time now);

#endif
