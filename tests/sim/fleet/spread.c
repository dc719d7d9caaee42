/* spread.c: reads and draws durations. */
#include "tests/sim/fleet/spread.h"

#include "common/text.h"
#include "tests/sim/dice.h"

#include <string.h>

bool spread_parse(const char *text, struct spread *out)
{
    char low[32];
    const char *dots = strstr(text, "..");
    size_t len = dots ? (size_t)(dots - text) : strlen(text);
    struct spread found;
    if (!wg_copy_n(low, sizeof low, text, len) || !wg_duration_parse(low, &found.low)) return false;
    found.high = found.low;
    if (dots && (!wg_duration_parse(dots + 2, &found.high) || found.high < found.low)) return false;
    *out = found;
    return true;
}

wg_duration spread_draw(const struct spread *spread, double speed, struct chance *chance)
{
    wg_duration low = spread->low > 0 ? spread->low : 1;
    wg_duration drawn = spread->high > low ? dice_spread(chance, low, spread->high) : low;
    wg_duration time = (wg_duration)((double)drawn / speed);
    return time > 0 ? time : 1;
}
