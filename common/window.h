/* window.h: maintenance windows: when a device may be updated, by the clock on the wall in its
 * zone. The orchestrator offers and the agent installs by the same functions. Pure.
 *
 * Open means: the local time is inside a window. So the hour that autumn repeats counts twice, and
 * of a window in the hour that spring leaves out there is nothing on that day. A zone of NULL is
 * UTC; who does not know the zone must not ask. */
#ifndef WG_COMMON_WINDOW_H
#define WG_COMMON_WINDOW_H

#include "common/text.h"
#include "common/time.h"
#include "common/tz.h"

#include <stdbool.h>
#include <stddef.h>

#define WG_WINDOWS_MAX 16
#define WG_DAYS 7
#define WG_DAYS_ALL 0x7fU
#define WG_MINUTES_OF_DAY (24 * 60)
#define WG_WINDOWS_HORIZON (400 * WG_DAY) /* how far next and closes look */

#define WG_WINDOW_TEXT 12    /* bytes that hold "02:00-05:00", with NUL */
#define WG_WINDOWS_WORDS 160 /* bytes that hold what wg_windows_words() writes, with NUL */

struct wg_window {
    unsigned days; /* bit 0 Monday .. 6 Sunday, of the day it begins; never 0 */
    int from, to;  /* minutes of the local day: 0..1439, 1..1440; to <= from: crosses midnight */
};

enum wg_window_zone {
    WG_WINDOW_DEVICE, /* the device's own zone; zone is "" */
    WG_WINDOW_SITE,   /* that of the place where it stands; zone is its name, or "" in a campaign */
    WG_WINDOW_NAMED   /* zone is its name */
};

struct wg_windows {
    size_t count; /* 0: always open */
    struct wg_window items[WG_WINDOWS_MAX];
    enum wg_window_zone kind;
    char zone[WG_ZONE_MAX + 1]; /* IANA */
};

bool wg_windows_open(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now);
/* When they open: now itself when they are open, else the next time they do; 0: not within the
 * horizon. */
wg_time wg_windows_next(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now);
/* When the present opening ends, over windows that join; 0: not within the horizon, or now closed.
 */
wg_time wg_windows_closes(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now);
/* For a person: "open until Sun 2026-11-22 05:00 +01:00 (Europe/Berlin)", "opens ..", "always
 * open", "never opens". */
void wg_windows_words(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now,
                      char out[WG_WINDOWS_WORDS]);

/* "02:00-05:00", "22:00-05:00" (crosses midnight), "00:00-24:00"; two digits each, and 00:00 at the
 * end is 24:00. Beginning and end must differ. Sets days to all; false: out as it was. */
WG_MUST_CHECK bool wg_window_parse_daily(const char *text, struct wg_window *out);
void wg_window_text_daily(const struct wg_window *window, char out[WG_WINDOW_TEXT]);

/* "mon".."sun" and 0..6, the bit's number. */
WG_MUST_CHECK bool wg_day_parse(const char *text, int *day);
const char *wg_day_text(int day); /* "?" for a number that is no day's */

#endif
