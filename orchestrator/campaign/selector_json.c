/* selector_json.c: selectors as JSON. Numbers with decimals travel as text: canonical JSON has
 * none. */
#include "orchestrator/campaign/selector_json.h"

#include "orchestrator/campaign/area.h"
#include "orchestrator/campaign/parse.h"

#include <stdio.h>
#include <string.h>

static bool add_texts(json_t *array, const struct text_list *list)
{
    for (size_t i = 0; array && i < list->count; i++)
        if (json_array_append_new(array, json_string(list->items[i])) != 0) return false;
    return array != NULL;
}

json_t *text_list_json(const struct text_list *list)
{
    json_t *array = json_array();
    if (add_texts(array, list)) return array;
    json_decref(array);
    return NULL;
}

static json_t *values_json(const struct selector *selector)
{
    json_t *array = json_array();
    if (add_texts(array, &selector->values) && add_texts(array, &selector->globs)) return array;
    json_decref(array);
    return NULL;
}

json_t *decimal_json(int64_t value, int decimals)
{
    int64_t one = 1;
    char text[40];
    for (int i = 0; i < decimals; i++) one *= 10;
    int64_t size = value < 0 ? -value : value;
    int len = snprintf(text, sizeof text, "%s%lld.%0*lld", value < 0 ? "-" : "",
                       (long long)(size / one), decimals, (long long)(size % one));
    if (len < 0 || (size_t)len >= sizeof text) return NULL;
    while (text[len - 1] == '0') text[--len] = '\0';
    if (text[len - 1] == '.') text[len - 1] = '\0';
    return json_string(text);
}

static json_t *children_json(const struct selector *selector)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < selector->child_count; i++)
        if (json_array_append_new(array, selector_json(selector->children[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *hardware_json(const struct selector *selector)
{
    if (!selector->range_text[0]) return json_pack("{s:s}", "model", selector->name);
    return json_pack("{s:s,s:s}", "model", selector->name, "revision", selector->range_text);
}

static json_t *software_json(const struct selector *selector)
{
    const char *range = selector->range_text[0] ? selector->range_text : "*";
    if (selector->scheme == WG_SCHEME_SEMVER) return json_pack("{s:s}", selector->name, range);
    return json_pack("{s:{s:s,s:o}}", selector->name, "scheme", wg_scheme_text(selector->scheme),
                     "version",
                     selector->scheme == WG_SCHEME_OPAQUE ? text_list_json(&selector->values)
                                                          : json_string(range));
}

static json_t *attribute_json(const struct selector *selector)
{
    static const char *const signs[] = {[COMPARE_NOT_EQUAL] = "!= ",
                                        [COMPARE_LESS] = "< ",
                                        [COMPARE_LESS_EQUAL] = "<= ",
                                        [COMPARE_GREATER] = "> ",
                                        [COMPARE_GREATER_EQUAL] = ">= "};
    const char *name = selector->name;
    if (selector->compare == COMPARE_EQUAL)
        return json_pack("{s:o}", name, text_list_json(&selector->values));
    if (selector->compare == COMPARE_EXISTS || selector->compare == COMPARE_EXISTS_NOT)
        return json_pack("{s:{s:b}}", name, "exists", selector->compare == COMPARE_EXISTS);
    return json_pack("{s:o}", name,
                     json_sprintf("%s%s", signs[selector->compare], selector->values.items[0]));
}

static json_t *within_json(const struct selector *selector)
{
    return json_pack("{s:o,s:o,s:o}", "lat", decimal_json(selector->place[0], 7), "lon",
                     decimal_json(selector->place[1], 7), "km", decimal_json(selector->meters, 3));
}

static json_t *bbox_json(const struct selector *selector)
{
    return json_pack("{s:o,s:o,s:o,s:o}", "west", decimal_json(selector->place[0], 7), "south",
                     decimal_json(selector->place[1], 7), "east",
                     decimal_json(selector->place[2], 7), "north",
                     decimal_json(selector->place[3], 7));
}

static json_t *inside_json(const struct selector *selector)
{
    struct wg_buf text;
    wg_buf_init(&text, AREA_TEXT_MAX);
    json_t *out = area_wkt(selector->area, &text, NULL) ? json_string(wg_buf_str(&text)) : NULL;
    wg_buf_clear(&text);
    return out;
}

static json_t *last_seen_json(const struct selector *selector)
{
    char text[WG_TIME_TEXT];
    wg_duration_text(selector->duration, text);
    return json_pack("{s:s}", selector->compare == COMPARE_LESS ? "within" : "before", text);
}

/* Its one child is an "all". */
static json_t *not_json(const struct selector *selector)
{
    const struct selector *all = selector->children[0];
    return json_pack("[o]", selector_json(all->child_count == 1 ? all->children[0] : all));
}

static const struct {
    const char *key;
    json_t *(*write)(const struct selector *selector);
} kinds[] = {[SELECT_ALL] = {"all", children_json},
             [SELECT_ANY] = {"any", children_json},
             [SELECT_NOT] = {"not", not_json},
             [SELECT_DEVICE] = {"device", values_json},
             [SELECT_HARDWARE] = {"hardware", hardware_json},
             [SELECT_SOFTWARE] = {"software", software_json},
             [SELECT_ATTRIBUTE] = {"attribute", attribute_json},
             [SELECT_TAG] = {"tag", values_json},
             [SELECT_GROUP] = {"group", values_json},
             [SELECT_REGION] = {"region", values_json},
             [SELECT_TIMEZONE] = {"timezone", values_json},
             [SELECT_WITHIN] = {"within", within_json},
             [SELECT_INSIDE] = {"inside", inside_json},
             [SELECT_BBOX] = {"bbox", bbox_json},
             [SELECT_LAST_SEEN] = {"last_seen", last_seen_json},
             [SELECT_INSTALLED] = {"installed", values_json},
             [SELECT_NOT_INSTALLED] = {"not_installed", values_json},
             [SELECT_FAILED_IN] = {"failed_in", values_json},
             [SELECT_SUCCEEDED_IN] = {"succeeded_in", values_json}};

json_t *selector_json(const struct selector *selector)
{
    return json_pack("{s:o}", kinds[selector->kind].key, kinds[selector->kind].write(selector));
}
