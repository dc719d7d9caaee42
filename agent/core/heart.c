/* heart.c: two clocks: one since the last good word of a trial boot, one since a reboot was asked
 * for. Both stand still while the slots are worked with, which has a clock of its own. */
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

static wg_time later(wg_time at, wg_duration by, wg_time most)
{
    return at + by < most ? at + by : most;
}

void heart_busy(struct heart *heart, wg_time since, wg_duration limit, wg_time now)
{
    if (since != heart->busy_at && heart->busy_at != 0) {
        wg_duration took = now - heart->busy_at;
        heart->well_at = later(heart->well_at, took, now);
        if (heart->reboot_at != 0) heart->reboot_at = later(heart->reboot_at, took, now);
    }
    heart->busy_at = since;
    heart->busy_limit = limit;
}

bool heart_beats(const struct heart *heart, wg_time now)
{
    if (heart->busy_at != 0) return now - heart->busy_at < heart->busy_limit + MARGIN;
    if (is_trial(heart->phase)) return now - heart->well_at < heart->patience;
    return heart->reboot_at == 0 || now - heart->reboot_at < HEART_REBOOT_PATIENCE;
}
