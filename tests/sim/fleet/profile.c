/* profile.c: storms, bad networks, nights. */
#include "tests/sim/fleet/profile.h"

#include <math.h>
#include <string.h>

#define NIGHT_BEGINS (22.0 / 24)
#define NIGHT_ENDS (6.0 / 24)
#define NOON 0.5

void profile_init(struct profile *out)
{
    *out = (struct profile){.kind = PROFILE_STEADY,
                            .storm_every = WG_MINUTE,
                            .lost = 0.02,
                            .doubled = 0.05,
                            .late = 0.2,
                            .late_most = 2 * WG_SECOND,
                            .cut_after = 2 * WG_MINUTE,
                            .day = 10 * WG_MINUTE,
                            .sleepers = 0.5};
}

bool profile_parse(const char *text, enum profile_kind *out)
{
    static const char *const texts[] = {"steady", "flash-crowd", "bad-network", "day-and-night"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(text, texts[i]) != 0) continue;
        *out = (enum profile_kind)i;
        return true;
    }
    return false;
}

struct profile_fate profile_fate(const struct profile *profile, struct chance *chance)
{
    struct profile_fate fate = {.copies = 1};
    if (profile->kind != PROFILE_BAD_NETWORK) return fate;
    fate.lost = chance_of(chance, profile->lost);
    fate.copies = chance_of(chance, profile->doubled) ? 2 : 1;
    if (chance_of(chance, profile->late))
        fate.delay = 1 + (wg_duration)(chance_unit(chance) * (double)profile->late_most);
    return fate;
}

wg_duration profile_cut(const struct profile *profile, struct chance *chance)
{
    if (profile->kind != PROFILE_BAD_NETWORK) return 0;
    double drawn = -log(1 - chance_unit(chance)) * (double)profile->cut_after;
    return drawn < 1 ? 1 : (wg_duration)drawn;
}

/* 0..1 of the device's day. */
static double hour(const struct profile *profile, wg_duration elapsed, wg_duration offset)
{
    double at = NOON + (double)elapsed / (double)profile->day + (double)offset / (double)WG_DAY;
    return at - floor(at);
}

bool profile_is_night(const struct profile *profile, wg_duration elapsed, wg_duration offset)
{
    double at = hour(profile, elapsed, offset);
    return at >= NIGHT_BEGINS || at < NIGHT_ENDS;
}

wg_duration profile_turn(const struct profile *profile, wg_duration elapsed, wg_duration offset)
{
    double at = hour(profile, elapsed, offset);
    double next = NIGHT_BEGINS - at;
    if (at >= NIGHT_BEGINS)
        next = 1 + NIGHT_ENDS - at;
    else if (at < NIGHT_ENDS)
        next = NIGHT_ENDS - at;
    return (wg_duration)ceil(next * (double)profile->day) + 1;
}
