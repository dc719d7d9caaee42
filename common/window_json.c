/* window_json.c: windows to JSON and back. */
#include "common/window_json.h"

#include "common/json.h"

#include <string.h>

#define CLOCK 6 /* bytes that hold "02:00", with NUL */

static json_t *days_json(unsigned days)
{
    json_t *list = json_array();
    for (int day = 0; list && day < WG_DAYS; day++) {
        if (!(days >> day & 1)) continue;
        if (json_array_append_new(list, json_string(wg_day_text(day))) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *window_json(const struct wg_window *window)
{
    char text[WG_WINDOW_TEXT];
    wg_window_text_daily(window, text);
    return json_pack("{s:s%, s:s, s:o}", "from", text, (size_t)CLOCK - 1, "to", text + CLOCK,
                     "days", days_json(window->days));
}

json_t *wg_windows_json(const struct wg_windows *windows)
{
    const char *zone = windows->kind == WG_WINDOW_DEVICE ? "device" : windows->zone;
    if (windows->count == 0 || !*zone) return NULL;
    json_t *daily = json_array();
    for (size_t i = 0; daily && i < windows->count; i++) {
        if (json_array_append_new(daily, window_json(&windows->items[i])) == 0) continue;
        json_decref(daily);
        return NULL;
    }
    return json_pack("{s:s, s:o}", "in", zone, "daily", daily);
}

static bool read_days(const json_t *list, unsigned *out, struct wg_error *err)
{
    unsigned days = 0;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        int day;
        const char *text = json_string_value(item);
        if (!text || !wg_day_parse(text, &day))
            return wg_fail(err, WG_E_BAD_INPUT, "days: expected mon, tue, wed, thu, fri, sat, sun");
        if (days >> day & 1) return wg_fail(err, WG_E_BAD_INPUT, "days: %s stands twice", text);
        days |= 1U << day;
    }
    if (days == 0) return wg_fail(err, WG_E_BAD_INPUT, "days: expected one or more, found none");
    *out = days;
    return true;
}

static bool read_window(const json_t *json, struct wg_window *out, struct wg_error *err)
{
    static const char *const keys[] = {"from", "to", "days", NULL};
    char from[CLOCK], to[CLOCK], text[WG_WINDOW_TEXT];
    json_t *days;
    if (!json_is_object(json)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    if (!wg_json_only_keys(json, keys, err) ||
        !wg_json_text(json, "from", from, sizeof from, err) ||
        !wg_json_text(json, "to", to, sizeof to, err) || !wg_json_array(json, "days", &days, err))
        return false;
    if (!wg_format(text, sizeof text, "%s-%s", from, to) || !wg_window_parse_daily(text, out))
        return wg_fail(err, WG_E_BAD_INPUT, "expected times as 02:00 and 05:00, found %s and %s",
                       from, to);
    return read_days(days, &out->days, err);
}

static bool read_daily(const json_t *list, struct wg_windows *windows, struct wg_error *err)
{
    size_t i, count = json_array_size(list);
    const json_t *item;
    if (count == 0 || count > WG_WINDOWS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "daily: expected 1 to %d windows, found %zu",
                       WG_WINDOWS_MAX, count);
    json_array_foreach(list, i, item)
    {
        if (!read_window(item, &windows->items[i], err)) return wg_context(err, "daily[%zu]", i);
    }
    windows->count = count;
    return true;
}

static bool read_zone(struct wg_windows *windows, struct wg_error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (strcmp(windows->zone, "device") == 0) {
        windows->kind = WG_WINDOW_DEVICE;
        windows->zone[0] = '\0';
        return true;
    }
    /* "site" is a word of campaigns; an order names the zone */
    size_t len = strlen(windows->zone);
    if (len == 0 || strspn(windows->zone, allowed) != len || strcmp(windows->zone, "site") == 0)
        return wg_fail(err, WG_E_BAD_INPUT, "in: expected device or the name of a time zone");
    windows->kind = WG_WINDOW_NAMED;
    return true;
}

bool wg_windows_from_json(const json_t *json, struct wg_windows *out, struct wg_error *err)
{
    static const char *const keys[] = {"in", "daily", NULL};
    struct wg_windows windows = {0};
    json_t *daily;
    if (!json_is_object(json)) return wg_fail(err, WG_E_BAD_INPUT, "windows: expected an object");
    if (!wg_json_only_keys(json, keys, err) ||
        !wg_json_text(json, "in", windows.zone, sizeof windows.zone, err) ||
        !wg_json_array(json, "daily", &daily, err) || !read_zone(&windows, err) ||
        !read_daily(daily, &windows, err))
        return wg_context(err, "windows");
    *out = windows;
    return true;
}
