/* window_list_json.c: windows with the same days stand in one map. */
#include "orchestrator/campaign/window_list_json.h"

static json_t *days_json(unsigned days)
{
    json_t *out = json_array();
    for (int day = 0; day < WG_DAYS; day++)
        if (days & 1U << day) (void)json_array_append_new(out, json_string(wg_day_text(day)));
    return out;
}

/* Those from `from` on that have its days; *next is the first that has others. */
static json_t *daily_json(const struct wg_windows *windows, size_t from, size_t *next)
{
    json_t *out = json_array();
    unsigned days = windows->items[from].days;
    char text[WG_WINDOW_TEXT];
    for (*next = from; *next < windows->count && windows->items[*next].days == days; ++*next) {
        wg_window_text_daily(&windows->items[*next], text);
        (void)json_array_append_new(out, json_string(text));
    }
    return out;
}

static const char *zone_text(const struct wg_windows *windows)
{
    if (windows->kind == WG_WINDOW_NAMED) return windows->zone;
    return windows->kind == WG_WINDOW_SITE ? "site" : "device";
}

json_t *window_list_json(const struct wg_windows *windows)
{
    json_t *list = json_array();
    for (size_t i = 0, next = 0; list && i < windows->count; i = next) {
        json_t *daily = daily_json(windows, i, &next);
        json_t *map = json_pack("{s:o,s:o,s:s}", "daily", daily, "days",
                                days_json(windows->items[i].days), "zone", zone_text(windows));
        if (json_array_append_new(list, map) == 0) continue;
        json_decref(list);
        return NULL;
    }
    if (json_array_size(list) != 1) return list;
    json_t *only = json_incref(json_array_get(list, 0));
    json_decref(list);
    return only;
}
