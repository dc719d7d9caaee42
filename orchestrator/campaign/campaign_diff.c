/* campaign_diff.c: two canonical forms side by side. */
#include "orchestrator/campaign/campaign_diff.h"

#include "common/json.h"
#include "orchestrator/campaign/policy_json.h"
#include "orchestrator/campaign/selector_json.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <stdlib.h>
#include <string.h>

#define PATH_TEXT 512
#define SHOWN_MAX 120 /* characters of a value that a line shows */
#define BEFORE_MAX 20 /* of what two long values share, shown before they differ */

/* The caller's to free; NULL without memory. */
static char *value_text(const json_t *value)
{
    if (json_is_string(value)) return strdup(json_string_value(value));
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
}

static void put_text(const char *text, size_t from, struct wg_buf *out)
{
    char shown[SHOWN_MAX];
    bool whole = wg_copy(shown, sizeof shown, text + from);
    wg_buf_printf(out, "%s%s%s", from ? "..." : "", shown, whole ? "" : "...");
}

/* Where to begin, so that the first difference of two long texts is among what is shown. */
static size_t first_shown(const char *from, const char *to)
{
    size_t at = 0;
    while (from[at] && from[at] == to[at]) at++;
    if (at < SHOWN_MAX - BEFORE_MAX) return 0;
    at -= BEFORE_MAX;
    while (at > 0 && ((unsigned char)from[at] & 0xc0) == 0x80) at--;
    return at;
}

static void put_change(const char *path, const json_t *from, const json_t *to, struct wg_buf *out)
{
    char *old = from ? value_text(from) : NULL, *new = to ? value_text(to) : NULL;
    if ((from && !old) || (to && !new)) {
        out->failed = true;
    } else if (from && to) {
        size_t begin = first_shown(old, new);
        wg_buf_printf(out, "%s: ", path);
        put_text(old, begin, out);
        wg_buf_text(out, " -> ");
        put_text(new, begin, out);
    } else {
        wg_buf_printf(out, "%s %s: ", to ? "+" : "-", path);
        put_text(to ? new : old, 0, out);
    }
    wg_buf_char(out, '\n');
    free(old);
    free(new);
}

static void put_path(char path[PATH_TEXT], const char *before, const char *name)
{
    (void)wg_format(path, PATH_TEXT, "%s%s%s", before, before[0] ? "." : "", name);
}

static void compare(const char *path, const json_t *from, const json_t *to, struct wg_buf *out);

static void compare_objects(const char *path, const json_t *from, const json_t *to,
                            struct wg_buf *out)
{
    const char *key;
    json_t *value;
    char below[PATH_TEXT];
    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        put_path(below, path, key);
        compare(below, value, json_object_get(to, key), out);
    }
    json_object_foreach((json_t *)(uintptr_t)to, key, value)
    {
        if (json_object_get(from, key)) continue;
        put_path(below, path, key);
        compare(below, NULL, value, out);
    }
}

/* Lists whose items have names are compared by name. */
static bool is_named(const json_t *list)
{
    return json_is_array(list) && json_object_get(json_array_get(list, 0), "name") != NULL;
}

static const json_t *named(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *own = json_string_value(json_object_get(item, "name"));
        if (own && strcmp(own, name) == 0) return item;
    }
    return NULL;
}

static void compare_named(const char *path, const json_t *from, const json_t *to,
                          struct wg_buf *out)
{
    char below[PATH_TEXT];
    for (size_t i = 0; i < json_array_size(from); i++) {
        const json_t *item = json_array_get(from, i);
        const char *name = json_string_value(json_object_get(item, "name"));
        put_path(below, path, name);
        compare(below, item, named(to, name), out);
    }
    for (size_t i = 0; i < json_array_size(to); i++) {
        const json_t *item = json_array_get(to, i);
        const char *name = json_string_value(json_object_get(item, "name"));
        put_path(below, path, name);
        if (!named(from, name)) compare(below, NULL, item, out);
    }
}

static const char *name_of(const json_t *list, size_t i)
{
    return json_string_value(json_object_get(json_array_get(list, i), "name"));
}

/* Of those that are in both. */
static bool same_order(const json_t *from, const json_t *to)
{
    size_t next = 0;
    for (size_t i = 0; i < json_array_size(from); i++) {
        if (!named(to, name_of(from, i))) continue;
        while (!named(from, name_of(to, next))) next++;
        if (strcmp(name_of(from, i), name_of(to, next++)) != 0) return false;
    }
    return true;
}

/* ---- the conditions of a target or wave, each an object of one key, side by side ---- */

static const char *kind_of(const json_t *condition)
{
    return json_object_iter_key(json_object_iter((json_t *)(uintptr_t)condition));
}

static bool is_in(const json_t *list, const json_t *condition)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), condition)) return true;
    return false;
}

/* The conditions of one kind that only list has, and not other: how many stand before end. */
static size_t count_own(const json_t *list, const json_t *other, const char *kind, size_t end)
{
    size_t count = 0;
    for (size_t i = 0; i < end; i++) {
        const json_t *condition = json_array_get(list, i);
        count += strcmp(kind_of(condition), kind) == 0 && !is_in(other, condition);
    }
    return count;
}

/* The one of them with so many before it; NULL when there are fewer. */
static const json_t *own_at(const json_t *list, const json_t *other, const char *kind, size_t place)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (count_own(list, other, kind, i) == place && count_own(list, other, kind, i + 1) > place)
            return json_object_get(json_array_get(list, i), kind);
    return NULL;
}

/* A condition that changed is the one of the same kind that is only there now. */
static void compare_conditions(const char *path, const json_t *from, const json_t *to,
                               struct wg_buf *out)
{
    char below[PATH_TEXT];
    size_t told = out->len;
    for (size_t i = 0; i < json_array_size(from); i++) {
        const json_t *old = json_array_get(from, i);
        const char *kind = kind_of(old);
        if (is_in(to, old)) continue;
        put_path(below, path, kind);
        compare(below, json_object_get(old, kind),
                own_at(to, from, kind, count_own(from, to, kind, i)), out);
    }
    for (size_t i = 0; i < json_array_size(to); i++) {
        const json_t *new = json_array_get(to, i);
        const char *kind = kind_of(new);
        size_t before = count_own(from, to, kind, json_array_size(from));
        if (is_in(from, new) || count_own(to, from, kind, i) < before) continue;
        put_path(below, path, kind);
        put_change(below, NULL, json_object_get(new, kind), out);
    }
    if (out->len == told) wg_buf_printf(out, "%s: in another order\n", path);
}

/* {"all": [..]}, as a target and a wave's select are written. */
static const json_t *conditions_of(const json_t *value)
{
    const json_t *all = json_object_size(value) == 1 ? json_object_get(value, "all") : NULL;
    return json_is_object(json_array_get(all, 0)) ? all : NULL; /* no component of that name */
}

static void compare(const char *path, const json_t *from, const json_t *to, struct wg_buf *out)
{
    if (from && to && json_equal(from, to)) return;
    if (conditions_of(from) && conditions_of(to)) {
        compare_conditions(path, conditions_of(from), conditions_of(to), out);
    } else if (json_is_object(from) && json_is_object(to)) {
        compare_objects(path, from, to, out);
    } else if (is_named(from) && is_named(to)) {
        compare_named(path, from, to, out);
        if (!same_order(from, to)) wg_buf_printf(out, "%s: in another order\n", path);
    } else {
        put_change(path, from, to, out);
    }
}

static json_t *canonical_json(const struct campaign *campaign, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, YAML_DOC_BYTES_MAX);
    json_t *json = campaign_canonical(campaign, &text, err)
                       ? wg_json_parse(wg_buf_str(&text), text.len, YAML_DOC_BYTES_MAX, err)
                       : NULL;
    wg_buf_clear(&text);
    return json;
}

bool campaign_diff(const struct campaign *from, const struct campaign *to, struct wg_buf *out,
                   struct wg_error *err)
{
    json_t *old = canonical_json(from, err);
    json_t *new = old ? canonical_json(to, err) : NULL;
    if (new) compare("", old, new, out);
    json_decref(old);
    json_decref(new);
    return new &&wg_buf_check(out, err, "the changes");
}

static bool same_selector(const struct selector *a, const struct selector *b)
{
    json_t *left = a ? selector_json(a) : json_null(), *right = b ? selector_json(b) : json_null();
    bool same = left && right && json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

static bool same_list(const struct text_list *a, const struct text_list *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0) return false;
    return true;
}

static bool same_spread(const struct campaign_wave *a, const struct campaign_wave *b)
{
    if (a->spread_count != b->spread_count) return false;
    for (size_t i = 0; i < a->spread_count; i++)
        if (strcmp(a->spread[i], b->spread[i]) != 0) return false;
    return true;
}

bool campaign_wave_same_members(const struct campaign *a, const struct campaign *b, size_t i)
{
    const struct campaign_wave *x = &a->waves[i], *y = &b->waves[i];
    return strcmp(x->name, y->name) == 0 && x->kind == y->kind &&
           x->percent_ppm == y->percent_ppm && x->count == y->count && same_spread(x, y) &&
           same_list(&x->devices, &y->devices) && same_selector(x->select, y->select);
}

bool campaign_wave_same_gate(const struct campaign *a, const struct campaign *b, size_t i)
{
    json_t *left = policy_gate_json(&a->policy.gates[i]);
    json_t *right = policy_gate_json(&b->policy.gates[i]);
    bool same = left && right && json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}
