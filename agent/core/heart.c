/* heart.c: two clocks: one since the last good word of a trial boot, one since a reboot was asked
 * for. */
#include "agent/core/heart.h"

#define MARGIN (30 * WG_SECOND)

static bool is_trial(enum core_phase phase)
{
    return phase == CORE_BOOTING || phase == CORE_PROBATION || phase == CORE_COMMITTING;
}

static bool is_reboot(enum core_phase phase)
{
    return phase == CORE_REBOOTING || phase == CORE_REVERTING;
}

void heart_init(struct heart *heart, wg_duration check, wg_duration health_every, wg_time now)
{
    *heart = (struct heart){
        .patience = check + health_every + MARGIN, .phase = CORE_IDLE, .well_at = now};
}

void heart_look(struct heart *heart, enum core_phase phase, wg_time now)
{
    if (is_trial(phase) && !is_trial(heart->phase)) heart->well_at = now;
    if (!is_reboot(phase))
        heart->reboot_at = 0;
    else if (heart->reboot_at == 0)
        heart->reboot_at = now;
    heart->phase = phase;
}

void heart_well(struct heart *heart, wg_time now)
{
    heart->well_at = now;
}

bool heart_beats(const struct heart *heart, wg_time now)
{
    if (is_trial(heart->phase)) return now - heart->well_at < heart->patience;
    return heart->reboot_at == 0 || now - heart->reboot_at < HEART_REBOOT_PATIENCE;
}
