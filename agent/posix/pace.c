/* pace.c: at most so fast, and at least. */
#include "agent/posix/pace.h"

#define AHEAD 4 /* a quarter of a second's bytes may come at once */

void pace_limit_init(struct pace_limit *limit, int64_t rate, wg_time now)
{
    *limit = (struct pace_limit){.rate = rate, .at = now};
}

wg_duration pace_limit_take(struct pace_limit *limit, size_t bytes, wg_time now)
{
    if (limit->rate <= 0) return 0;
    int64_t most = limit->rate * WG_SECOND / AHEAD, passed = now - limit->at;
    int64_t needed = (most - limit->saved) / limit->rate + 1; /* to be full again */
    if (passed > 0) limit->saved = passed >= needed ? most : limit->saved + passed * limit->rate;
    limit->at = now;
    limit->saved -= (int64_t)bytes * WG_SECOND;
    return limit->saved >= 0 ? 0 : (-limit->saved + limit->rate - 1) / limit->rate;
}

size_t pace_limit_piece(const struct pace_limit *limit, size_t most)
{
    int64_t piece = limit->rate / 20; /* waits of a twentieth of a second */
    if (limit->rate <= 0 || piece >= (int64_t)most) return most;
    return piece > 64 ? (size_t)piece : 64;
}

void pace_floor_init(struct pace_floor *floor, int64_t slowest, wg_duration over, wg_time now)
{
    *floor = (struct pace_floor){.slowest = slowest, .over = over, .from = now};
}

void pace_floor_add(struct pace_floor *floor, size_t bytes)
{
    floor->bytes += (int64_t)bytes;
}

void pace_floor_pause(struct pace_floor *floor, wg_duration waited)
{
    floor->from += waited;
}

wg_time pace_floor_end(const struct pace_floor *floor)
{
    return floor->from + floor->over;
}

bool pace_floor_holds(struct pace_floor *floor, wg_time now)
{
    if (now < pace_floor_end(floor)) return true;
    bool holds = floor->bytes > 0 && floor->bytes >= floor->slowest * floor->over / WG_SECOND;
    floor->from = now;
    floor->bytes = 0;
    return holds;
}
