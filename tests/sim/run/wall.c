/* wall.c: localtime_r, and the minute of the week. */
#include "tests/sim/run/wall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void read_wall(const char *zone, wg_time at, struct tm *out)
{
    const char *now = getenv("TZ");
    time_t seconds = (time_t)(at / WG_SECOND);
    if (!now || strcmp(now, zone) != 0) {
        (void)setenv("TZ", zone, 1);
        tzset();
    }
    (void)localtime_r(&seconds, out);
}

static bool is_in(const struct wg_window *window, int day, int minute)
{
    int yesterday = (day + WG_DAYS - 1) % WG_DAYS;
    bool today = window->days >> day & 1, before = window->days >> yesterday & 1;
    if (window->from < window->to) return today && minute >= window->from && minute < window->to;
    return (today && minute >= window->from) || (before && minute < window->to);
}

bool wall_is_open(const struct wg_windows *windows, const char *zone, wg_time at)
{
    struct tm wall;
    read_wall(windows->kind == WG_WINDOW_DEVICE ? zone : windows->zone, at, &wall);
    int day = (wall.tm_wday + 6) % WG_DAYS, minute = wall.tm_hour * 60 + wall.tm_min;
    for (size_t i = 0; i < windows->count; i++)
        if (is_in(&windows->items[i], day, minute)) return true;
    return windows->count == 0;
}

void wall_text(const char *zone, wg_time at, char out[WALL_TEXT])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct tm wall;
    read_wall(zone, at, &wall);
    (void)snprintf(out, WALL_TEXT, "%s %02d:%02d %.60s", days[wall.tm_wday], wall.tm_hour,
                   wall.tm_min, zone);
}
