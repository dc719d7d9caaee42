/* window_parse.c: when a device may be updated, by the clock on the wall. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/zone.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[] = {[WG_WINDOW_DEVICE] = "device", [WG_WINDOW_SITE] = "site", NULL};

/* "saturday", "Sat": the day that begins so. */
static void hint_day(struct parse *parse, const char *text)
{
    char begin[4];
    int day = 0;
    (void)wg_copy(begin, sizeof begin, text);
    for (char *c = begin; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    if (wg_day_parse(begin, &day)) yaml_doc_hint(&parse->doc, "did you mean \"%s\"?", begin);
}

static void add_day(struct parse *parse, const struct yaml_value *at, unsigned *days)
{
    char text[WG_NAME_MAX + 1];
    int day = 0;
    if (!yaml_read_text(&parse->doc, at, "days", text, sizeof text)) return;
    if (!wg_day_parse(text, &day)) {
        yaml_doc_problem(&parse->doc, at,
                         "days: expected mon, tue, wed, thu, fri, sat or sun, got \"%s\"", text);
        hint_day(parse, text);
    } else if (*days & 1U << day) {
        yaml_doc_problem(&parse->doc, at, "days: \"%s\" stands here twice", text);
    } else {
        *days |= 1U << day;
    }
}

static unsigned read_days(struct parse *parse, const struct yaml_value *at)
{
    unsigned days = 0;
    if (!at) return WG_DAYS_ALL;
    if (at->kind == YAML_MAP || (at->kind == YAML_LIST && at->count == 0))
        yaml_doc_problem(&parse->doc, at, "days: expected a list of days like [sat, sun], got %s",
                         at->kind == YAML_MAP ? yaml_kind_text(at) : "none");
    else if (at->kind == YAML_TEXT)
        add_day(parse, at, &days);
    for (size_t i = 0; at->kind == YAML_LIST && i < at->count; i++)
        add_day(parse, at->items[i], &days);
    return days ? days : WG_DAYS_ALL;
}

static bool same_window(const struct wg_window *a, const struct wg_window *b)
{
    return a->days == b->days && a->from == b->from && a->to == b->to;
}

/* False when there are too many: then the rest need not be read. */
static bool add_window(struct parse *parse, const struct yaml_value *at,
                       const struct wg_window *window)
{
    struct wg_windows *out = &parse->campaign->policy.window;
    for (size_t i = 0; i < out->count; i++)
        if (same_window(&out->items[i], window)) return true;
    if (out->count == WG_WINDOWS_MAX) {
        yaml_doc_problem(&parse->doc, at, "window: more than %d windows", WG_WINDOWS_MAX);
        return false;
    }
    out->items[out->count++] = *window;
    return true;
}

/* "2:00 - 5:00" has what is asked for, spelt otherwise. */
static void hint_daily(struct parse *parse, const char *text)
{
    char spelt[WG_WINDOW_TEXT + 2] = "";
    size_t len = 0;
    struct wg_window window;
    for (const char *c = text; *c && len + 2 < sizeof spelt; c++) {
        bool begins = len == 0 || spelt[len - 1] == '-';
        if (*c == ' ') continue;
        if (begins && c[1] == ':') spelt[len++] = '0';
        spelt[len++] = *c;
        spelt[len] = '\0';
    }
    if (wg_window_parse_daily(spelt, &window))
        yaml_doc_hint(&parse->doc, "did you mean \"%s\"?", spelt);
}

static bool read_daily(struct parse *parse, const struct yaml_value *at, unsigned days)
{
    char text[WG_NAME_MAX + 1];
    struct wg_window window = {0};
    if (!yaml_read_text(&parse->doc, at, "daily", text, sizeof text)) return true;
    if (wg_window_parse_daily(text, &window)) {
        window.days = days;
        return add_window(parse, at, &window);
    }
    const char *dash = strchr(text, '-');
    if (dash && strlen(dash) == 6 && dash - text == 5 && strncmp(text, dash + 1, 5) == 0) {
        yaml_doc_problem(&parse->doc, at, "daily: the window \"%s\" has no length", text);
        yaml_doc_hint(&parse->doc, "the whole day is \"00:00-24:00\"");
    } else {
        yaml_doc_problem(&parse->doc, at,
                         "daily: expected a window like \"02:00-05:00\", got \"%s\"", text);
        hint_daily(parse, text);
    }
    return true;
}

/* False when there are too many windows. */
static bool read_dailies(struct parse *parse, const struct yaml_value *at, unsigned days)
{
    if (at->kind == YAML_TEXT) return read_daily(parse, at, days);
    if (at->kind == YAML_MAP || at->count == 0)
        yaml_doc_problem(&parse->doc, at,
                         "daily: expected a window like \"02:00-05:00\", or a list of them, got %s",
                         at->kind == YAML_MAP ? yaml_kind_text(at) : "none");
    for (size_t i = 0; i < at->count && at->kind == YAML_LIST; i++)
        if (!read_daily(parse, at->items[i], days)) return false;
    return true;
}

static void bad_zone(struct parse *parse, const struct yaml_value *at, const char *text)
{
    char guess[ZONE_TEXT];
    yaml_doc_problem(&parse->doc, at,
                     "zone: expected device, site or an IANA time zone like Europe/Berlin, got "
                     "\"%s\"",
                     text);
    if (!strpbrk(text, "*?") && zone_nearest(text, guess))
        yaml_doc_hint(&parse->doc, "did you mean \"%s\"?", guess);
    else
        (void)yaml_doc_hint_nearest(&parse->doc, text, words);
}

static bool read_zone(struct parse *parse, const struct yaml_value *at, struct wg_windows *out)
{
    char text[ZONE_TEXT] = "device";
    if (!yaml_read_text(&parse->doc, at, "zone", text, sizeof text)) return false;
    out->zone[0] = '\0';
    for (size_t i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            out->kind = (enum wg_window_zone)i;
            return true;
        }
    if (zone_is_known(text)) {
        out->kind = WG_WINDOW_NAMED;
        return wg_copy(out->zone, sizeof out->zone, text);
    }
    bad_zone(parse, at, text);
    return false;
}

static void check_zone(struct parse *parse, const struct yaml_value *at, bool first)
{
    struct wg_windows *out = &parse->campaign->policy.window, read = {0};
    const struct yaml_value *zone = yaml_get(at, "zone");
    if (!read_zone(parse, zone, &read)) return;
    if (!first && (read.kind != out->kind || strcmp(read.zone, out->zone) != 0)) {
        yaml_doc_problem(&parse->doc, zone ? zone : at,
                         "zone: the windows of a campaign are all in one zone");
        return;
    }
    out->kind = read.kind;
    memcpy(out->zone, read.zone, sizeof out->zone);
}

/* False when there are too many windows. */
static bool read_window(struct parse *parse, const struct yaml_value *at, bool first)
{
    static const char *const known[] = {"daily", "zone", "days", NULL};
    if (!parse_is_map(parse, at, "window")) {
        struct wg_window window;
        if (at->kind == YAML_TEXT && wg_window_parse_daily(at->text, &window))
            yaml_doc_hint(&parse->doc, "did you mean {daily: \"%s\"}?", at->text);
        return true;
    }
    yaml_check_keys(&parse->doc, at, "window", known);
    check_zone(parse, at, first);
    unsigned days = read_days(parse, yaml_get(at, "days"));
    const struct yaml_value *daily = yaml_get(at, "daily");
    if (daily) return read_dailies(parse, daily, days);
    yaml_doc_problem(&parse->doc, at, "window: the key \"daily\" is missing");
    yaml_doc_hint(&parse->doc, "the whole day is \"00:00-24:00\"");
    return true;
}

static int by_days_and_time(const void *left, const void *right)
{
    const struct wg_window *a = left, *b = right;
    if (a->days != b->days) return a->days < b->days ? -1 : 1;
    return a->from != b->from ? a->from - b->from : a->to - b->to;
}

void parse_window(struct parse *parse, const struct yaml_value *at)
{
    struct wg_windows *out = &parse->campaign->policy.window;
    if (!at) return;
    if (at->kind == YAML_LIST && at->count == 0)
        yaml_doc_problem(&parse->doc, at, "window: expected at least one window, got none");
    if (at->kind != YAML_LIST) (void)read_window(parse, at, true);
    for (size_t i = 0; at->kind == YAML_LIST && i < at->count; i++)
        if (!read_window(parse, at->items[i], i == 0)) break;
    qsort(out->items, out->count, sizeof out->items[0], by_days_and_time);
}
