/* window.c: windows by the clock on the wall. A time is taken to local milliseconds, compared
 * there, and taken back; where the zone changes its offset, the look starts anew. */
#include "common/window.h"

#include <stdio.h>
#include <string.h>

static const char *const day_names[WG_DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* Milliseconds since 1970-01-01T00:00 by the clock on the wall. */
typedef int64_t local_time;

static int64_t day_of(local_time local)
{
    return local / WG_DAY - (local % WG_DAY < 0);
}

/* 0 Monday .. 6 Sunday */
static int weekday(int64_t day)
{
    int64_t since = (day + 3) % WG_DAYS; /* 1970-01-01 was a Thursday */
    return (int)(since < 0 ? since + WG_DAYS : since);
}

static bool begins_on(const struct wg_window *window, int64_t day)
{
    return window->days >> weekday(day) & 1;
}

/* When the window that begins on that day ends, if local is in it; else local itself. */
static local_time end_of(const struct wg_window *window, int64_t day, local_time local)
{
    int64_t last = day + (window->to <= window->from);
    local_time from = day * WG_DAY + window->from * WG_MINUTE;
    local_time to = last * WG_DAY + window->to * WG_MINUTE;
    return begins_on(window, day) && from <= local && local < to ? to : local;
}

/* The latest end of the windows that local is in; local itself if it is in none. */
static local_time latest_end(const struct wg_windows *windows, local_time local)
{
    local_time latest = local;
    int64_t today = day_of(local);
    for (size_t i = 0; i < windows->count; i++) {
        for (int64_t day = today - 1; day <= today; day++) {
            local_time end = end_of(&windows->items[i], day, local);
            if (end > latest) latest = end;
        }
    }
    return latest;
}

/* The first beginning after local; INT64_MAX when no window has a day. */
static local_time next_beginning(const struct wg_windows *windows, local_time local)
{
    local_time first = INT64_MAX;
    int64_t today = day_of(local);
    for (size_t i = 0; i < windows->count; i++) {
        for (int64_t day = today; day <= today + WG_DAYS; day++) {
            local_time from = day * WG_DAY + windows->items[i].from * WG_MINUTE;
            if (begins_on(&windows->items[i], day) && from > local && from < first) first = from;
        }
    }
    return first;
}

bool wg_windows_open(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now)
{
    local_time local = now + wg_tz_offset(tz, now);
    return windows->count == 0 || latest_end(windows, local) > local;
}

/* The end of the stretch from at on in which the offset stays as it is. */
static wg_time same_offset_until(const struct wg_tz *tz, wg_time at, wg_time limit)
{
    wg_time change = wg_tz_next_change(tz, at);
    return change > 0 && change < limit ? change : limit;
}

wg_time wg_windows_next(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now)
{
    wg_time limit = now + WG_WINDOWS_HORIZON;
    if (wg_windows_open(windows, tz, now)) return now;
    for (wg_time at = now; at < limit;) {
        wg_time until = same_offset_until(tz, at, limit);
        wg_duration offset = wg_tz_offset(tz, at);
        local_time begins = next_beginning(windows, at + offset);
        if (begins < until + offset) return begins - offset;
        if (wg_windows_open(windows, tz, until)) return until;
        at = until;
    }
    return 0;
}

wg_time wg_windows_closes(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now)
{
    wg_time limit = now + WG_WINDOWS_HORIZON;
    if (windows->count == 0 || !wg_windows_open(windows, tz, now)) return 0;
    for (wg_time at = now; at < limit;) {
        wg_time until = same_offset_until(tz, at, limit);
        wg_duration offset = wg_tz_offset(tz, at);
        local_time local = at + offset, end = latest_end(windows, local);
        while (end > local && end < until + offset) {
            local = end;
            end = latest_end(windows, local);
        }
        if (end < until + offset) return end - offset;
        at = until; /* if the clock leaves the window there, the next turn ends at once */
    }
    return 0;
}

/* "Sun 2026-11-22 02:00 +01:00" */
static void local_text(const struct wg_tz *tz, wg_time at, char *out, size_t size)
{
    char text[WG_TIME_TEXT];
    wg_duration offset = wg_tz_offset(tz, at);
    long long minutes = (offset < 0 ? -offset : offset) / WG_MINUTE;
    local_time local = at + offset;
    const char *name = wg_day_text(weekday(day_of(local)));
    wg_time_text(local, text);
    (void)wg_format(out, size, "%c%s %.10s %.5s %c%02lld:%02lld", name[0] - 'a' + 'A', name + 1,
                    text, text + 11, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void wg_windows_words(const struct wg_windows *windows, const struct wg_tz *tz, wg_time now,
                      char out[WG_WINDOWS_WORDS])
{
    char when[64];
    bool open = wg_windows_open(windows, tz, now);
    wg_time at = open ? wg_windows_closes(windows, tz, now) : wg_windows_next(windows, tz, now);
    const char *zone = windows->zone;
    if (!*zone) zone = windows->kind == WG_WINDOW_SITE ? "site time" : "device time";
    if (at == 0) {
        (void)wg_copy(out, WG_WINDOWS_WORDS, open ? "always open" : "never opens");
        return;
    }
    local_text(tz, at, when, sizeof when);
    (void)wg_format(out, WG_WINDOWS_WORDS, "%s %s (%s)", open ? "open until" : "opens", when, zone);
}

static bool two_digits(const char *text, int *out)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return false;
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

/* "02:00" to "24:00" */
static bool parse_clock(const char *text, int *minutes)
{
    int hour, minute;
    if (!two_digits(text, &hour) || text[2] != ':' || !two_digits(text + 3, &minute)) return false;
    *minutes = hour * 60 + minute;
    return minute < 60 && *minutes <= WG_MINUTES_OF_DAY;
}

bool wg_window_parse_daily(const char *text, struct wg_window *out)
{
    int from, to;
    if (strlen(text) != WG_WINDOW_TEXT - 1 || text[5] != '-' || !parse_clock(text, &from) ||
        !parse_clock(text + 6, &to))
        return false;
    /* "02:00-02:00" could be a whole day or nothing */
    if (from == WG_MINUTES_OF_DAY || from == to) return false;
    *out = (struct wg_window){
        .days = WG_DAYS_ALL, .from = from, .to = to == 0 ? WG_MINUTES_OF_DAY : to};
    return true;
}

void wg_window_text_daily(const struct wg_window *window, char out[WG_WINDOW_TEXT])
{
    (void)wg_format(out, WG_WINDOW_TEXT, "%02d:%02d-%02d:%02d", window->from / 60,
                    window->from % 60, window->to / 60, window->to % 60);
}

bool wg_day_parse(const char *text, int *day)
{
    for (int i = 0; i < WG_DAYS; i++) {
        if (strcmp(text, day_names[i]) == 0) {
            *day = i;
            return true;
        }
    }
    return false;
}

const char *wg_day_text(int day)
{
    return day >= 0 && day < WG_DAYS ? day_names[day] : "?";
}
