/* target_words.c: selectors for people. */
#include "orchestrator/campaign/compiler.h"

#include <stdlib.h>
#include <string.h>

#define LISTED 4

static void list_words(const char *what, const struct selector *selector, struct wg_buf *out)
{
    size_t count = selector->values.count, all = count + selector->globs.count;
    wg_buf_printf(out, "%s ", what);
    for (size_t i = 0; i < all && i < LISTED; i++)
        wg_buf_printf(out, "%s%s", i ? ", " : "",
                      i < count ? selector->values.items[i] : selector->globs.items[i - count]);
    if (all > LISTED) wg_buf_printf(out, " and %zu more", all - LISTED);
}

static void degrees_words(int64_t value, const char *plus, const char *minus, struct wg_buf *out)
{
    wg_buf_printf(out, "%lld.%02lld %s", (long long)(llabs(value) / CAMPAIGN_DEGREE),
                  (long long)(llabs(value) % CAMPAIGN_DEGREE / (CAMPAIGN_DEGREE / 100)),
                  value < 0 ? minus : plus);
}

static void within_words(const struct selector *selector, struct wg_buf *out)
{
    wg_buf_printf(out, "within %lld", (long long)(selector->meters / 1000));
    if (selector->meters % 1000)
        wg_buf_printf(out, ".%03lld", (long long)(selector->meters % 1000));
    wg_buf_text(out, " km of ");
    degrees_words(selector->place[0], "N", "S", out);
    wg_buf_char(out, ' ');
    degrees_words(selector->place[1], "E", "W", out);
}

static void bbox_words(const struct selector *selector, struct wg_buf *out)
{
    wg_buf_text(out, "in the box ");
    for (int i = 0; i < 4; i++) {
        if (i) wg_buf_text(out, i == 2 ? " to " : " ");
        degrees_words(selector->place[i], i % 2 ? "N" : "E", i % 2 ? "S" : "W", out);
    }
}

static void attribute_words(const struct selector *selector, struct wg_buf *out)
{
    static const char *const signs[] = {
        [COMPARE_EQUAL] = "=",       [COMPARE_NOT_EQUAL] = "!=", [COMPARE_LESS] = "<",
        [COMPARE_LESS_EQUAL] = "<=", [COMPARE_GREATER] = ">",    [COMPARE_GREATER_EQUAL] = ">="};
    if (selector->compare == COMPARE_EXISTS)
        wg_buf_printf(out, "has attribute %s", selector->name);
    else if (selector->compare == COMPARE_EXISTS_NOT)
        wg_buf_printf(out, "has no attribute %s", selector->name);
    else {
        wg_buf_printf(out, "attribute %s ", selector->name);
        list_words(signs[selector->compare], selector, out);
    }
}

static void software_words(const struct selector *selector, struct wg_buf *out)
{
    if (selector->scheme == WG_SCHEME_OPAQUE) {
        wg_buf_printf(out, "software %s ", selector->name);
        list_words("version", selector, out);
        return;
    }
    wg_buf_printf(out, "software %s %s", selector->name,
                  selector->range_text[0] ? selector->range_text : "*");
    if (selector->scheme != WG_SCHEME_SEMVER)
        wg_buf_printf(out, " (%s)", wg_scheme_text(selector->scheme));
}

static void last_seen_words(const struct selector *selector, struct wg_buf *out)
{
    char text[WG_TIME_TEXT];
    wg_duration_text(selector->duration, text);
    wg_buf_printf(out, selector->compare == COMPARE_LESS ? "seen within %s" : "not seen for %s",
                  text);
}

static void leaf_words(const struct selector *selector, struct wg_buf *out)
{
    static const char *const lists[] = {[SELECT_DEVICE] = "device",
                                        [SELECT_TAG] = "tag",
                                        [SELECT_GROUP] = "group",
                                        [SELECT_REGION] = "region",
                                        [SELECT_TIMEZONE] = "time zone",
                                        [SELECT_INSTALLED] = "installed",
                                        [SELECT_NOT_INSTALLED] = "not installed",
                                        [SELECT_FAILED_IN] = "failed in",
                                        [SELECT_SUCCEEDED_IN] = "succeeded in"};
    switch (selector->kind) {
    case SELECT_HARDWARE:
        wg_buf_printf(out, "hardware %s%s%s", selector->name,
                      selector->range_text[0] ? " revision " : "", selector->range_text);
        break;
    case SELECT_SOFTWARE:
        software_words(selector, out);
        break;
    case SELECT_ATTRIBUTE:
        attribute_words(selector, out);
        break;
    case SELECT_WITHIN:
        within_words(selector, out);
        break;
    case SELECT_INSIDE:
        wg_buf_text(out, "inside the area");
        break;
    case SELECT_BBOX:
        bbox_words(selector, out);
        break;
    case SELECT_LAST_SEEN:
        last_seen_words(selector, out);
        break;
    default:
        list_words(lists[selector->kind], selector, out);
        break;
    }
}

static void words(const struct selector *selector, bool nested, struct wg_buf *out)
{
    if (selector->kind == SELECT_NOT) { /* its one child is an "all" */
        wg_buf_text(out, "not ");
        words(selector->children[0], true, out);
        return;
    }
    if (selector->kind != SELECT_ALL && selector->kind != SELECT_ANY) {
        leaf_words(selector, out);
        return;
    }
    /* in brackets where "and" and "or" could be taken for each other */
    bool brackets = nested && selector->child_count > 1;
    bool inner = selector->child_count > 1 || nested;
    if (brackets) wg_buf_char(out, '(');
    for (size_t i = 0; i < selector->child_count; i++) {
        if (i) wg_buf_text(out, selector->kind == SELECT_ANY ? " or " : " and ");
        words(selector->children[i], inner, out);
    }
    if (brackets) wg_buf_char(out, ')');
}

void selector_words(const struct selector *selector, struct wg_buf *out)
{
    words(selector, false, out);
}
