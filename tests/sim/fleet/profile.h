/* profile.h: what befalls the fleet as a whole while it runs. Pure. */
#ifndef WG_TESTS_SIM_FLEET_PROFILE_H
#define WG_TESTS_SIM_FLEET_PROFILE_H

#include "common/time.h"
#include "tests/sim/chance.h"

enum profile_kind {
    PROFILE_STEADY,
    PROFILE_FLASH_CROWD,  /* all connections break at once, again and again */
    PROFILE_BAD_NETWORK,  /* messages are lost, late and doubled; connections break */
    PROFILE_DAY_AND_NIGHT /* a share is off while it is night where it stands */
};

struct profile {
    enum profile_kind kind;
    wg_duration storm_every; /* flash crowd */
    /* bad network: of messages, in both directions; connections break after cut_after on average */
    double lost, doubled, late;
    wg_duration late_most, cut_after;
    /* day and night: a day takes so long; the share that sleeps, from 22:00 to 06:00 */
    wg_duration day;
    double sleepers;
};

/* What happens to one message on a bad network. */
struct profile_fate {
    bool lost;
    int copies;        /* 1, or 2 */
    wg_duration delay; /* before it goes on */
};

void profile_init(struct profile *out);
WG_MUST_CHECK bool profile_parse(const char *text, enum profile_kind *out);
struct profile_fate profile_fate(const struct profile *profile, struct chance *chance);
/* How long until the connection breaks; 0: it does not by itself. */
wg_duration profile_cut(const struct profile *profile, struct chance *chance);
/* Is it night for a device whose clock is offset ahead of the fleet's, `elapsed` after the start,
 * which is noon where offset is 0? */
bool profile_is_night(const struct profile *profile, wg_duration elapsed, wg_duration offset);
/* How long until that changes; above 0. */
wg_duration profile_turn(const struct profile *profile, wg_duration elapsed, wg_duration offset);

#endif
