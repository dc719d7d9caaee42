/* spread.h: how long a piece of work takes, as "20s" or "5s..2m": each order of magnitude between
 * the two is as likely. Pure. */
#ifndef WG_TESTS_SIM_FLEET_SPREAD_H
#define WG_TESTS_SIM_FLEET_SPREAD_H

#include "common/time.h"
#include "tests/sim/chance.h"

struct spread {
    wg_duration low, high;
};

WG_MUST_CHECK bool spread_parse(const char *text, struct spread *out);
/* Divided by speed, which is above 0; at least 1 ms. */
wg_duration spread_draw(const struct spread *spread, double speed, struct chance *chance);

#endif
