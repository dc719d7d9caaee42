/* scope.c: scopes in, out, and against each other. */
#include "orchestrator/people/scope.h"

#include "orchestrator/people/shown.h"

#include <stdlib.h>
#include <string.h>

#define COUNTRY 2
#define SUBDIVISION_MAX 3

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_region(const char *text)
{
    if (!is_capital(text[0]) || !is_capital(text[1])) return false;
    if (!text[COUNTRY]) return true;
    const char *part = text + COUNTRY + 1;
    size_t len = strspn(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return text[COUNTRY] == '-' && len >= 1 && len <= SUBDIVISION_MAX && !part[len];
}

static const struct kind {
    const char *key, *expected;
    bool (*is_valid)(const char *text);
    size_t at;
} kinds[] = {
    {"groups", "names of groups", wg_name_is_valid, offsetof(struct scope, groups)},
    {"models", "hardware models", wg_name_is_valid, offsetof(struct scope, models)},
    {"regions", "regions of ISO 3166 like \"DE\" or \"DE-BY\"", is_region,
     offsetof(struct scope, regions)},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static struct scope_list *list_of(struct scope *scope, const struct kind *kind)
{
    return (struct scope_list *)(void *)((char *)scope + kind->at);
}

static const struct scope_list *list_in(const struct scope *scope, const struct kind *kind)
{
    return (const struct scope_list *)(const void *)((const char *)scope + kind->at);
}

static bool read_name(const struct kind *kind, const json_t *value, struct scope_list *list,
                      struct wg_error *err)
{
    char shown[SHOWN];
    const char *text = json_string_value(value);
    if (!text) return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %s", kind->key, kind->expected);
    people_shown(text, shown);
    if (!kind->is_valid(text))
        return wg_fail(err, WG_E_BAD_INPUT, "%s: expected %s, found \"%s\"", kind->key,
                       kind->expected, shown);
    (void)wg_copy(list->names[list->count++], sizeof list->names[0], text);
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(a, b);
}

bool scope_region_covers(const char *outer, const char *inner)
{
    size_t len = strlen(outer);
    return len > 0 && strncmp(outer, inner, len) == 0 && (!inner[len] || inner[len] == '-');
}

static bool is_same(const char *outer, const char *inner)
{
    return strcmp(outer, inner) == 0;
}

typedef bool (*covers_fn)(const char *outer, const char *inner);

static covers_fn covers_of(const struct kind *kind)
{
    return kind->at == offsetof(struct scope, regions) ? scope_region_covers : is_same;
}

/* Sorted, DE stands somewhere before DE-BY. */
static void put_in_order(struct scope_list *list, covers_fn covers)
{
    size_t kept = 0;
    qsort(list->names, list->count, sizeof list->names[0], by_bytes);
    for (size_t i = 0; i < list->count; i++) {
        bool covered = false;
        for (size_t j = 0; j < kept; j++)
            covered = covered || covers(list->names[j], list->names[i]);
        if (!covered && kept++ != i)
            memcpy(list->names[kept - 1], list->names[i], sizeof list->names[0]);
    }
    memset(list->names[kept], 0, (list->count - kept) * sizeof list->names[0]);
    list->count = kept;
}

static bool read_list(const struct kind *kind, const json_t *value, struct scope *out,
                      struct wg_error *err)
{
    struct scope_list *list = list_of(out, kind);
    if (!value) return true;
    if (!json_is_array(value))
        return wg_fail(err, WG_E_BAD_INPUT, "%s: expected a list of %s", kind->key, kind->expected);
    if (json_array_size(value) > SCOPE_LIST_MAX)
        return wg_fail(err, WG_E_LIMIT, "%s: %zu of them, at most %d allowed", kind->key,
                       json_array_size(value), SCOPE_LIST_MAX);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!read_name(kind, json_array_get(value, i), list, err)) return false;
    put_in_order(list, covers_of(kind));
    return true;
}

bool scope_read(const json_t *value, struct scope *out, struct wg_error *err)
{
    static const char *const known[] = {"groups", "models", "regions", NULL};
    memset(out, 0, sizeof *out);
    if (!value || json_is_null(value)) return true;
    if (!json_is_object(value))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "scope: expected an object with regions, groups, models; {} is everything");
    if (!wg_json_only_keys(value, known, err)) return wg_context(err, "scope");
    for (size_t i = 0; i < KINDS; i++)
        if (!read_list(&kinds[i], json_object_get(value, kinds[i].key), out, err))
            return wg_context(err, "scope");
    return true;
}

static bool write_list(const struct scope_list *list, const char *key, json_t *out)
{
    json_t *names = json_array();
    bool ok = names != NULL;
    for (size_t i = 0; ok && i < list->count; i++)
        ok = json_array_append_new(names, json_string(list->names[i])) == 0;
    if (ok) return json_object_set_new(out, key, names) == 0;
    json_decref(names);
    return false;
}

json_t *scope_json(const struct scope *scope)
{
    json_t *out = json_object();
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < KINDS; i++) {
        const struct scope_list *list = list_in(scope, &kinds[i]);
        ok = list->count == 0 || write_list(list, kinds[i].key, out);
    }
    if (ok) return out;
    json_decref(out);
    return NULL;
}

bool scope_is_everything(const struct scope *scope)
{
    return scope->regions.count + scope->groups.count + scope->models.count == 0;
}

static bool list_covers(const struct scope_list *list, covers_fn covers, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (covers(list->names[i], name)) return true;
    return list->count == 0;
}

static bool in_a_group(const struct scope_list *list, const struct scope_device *device)
{
    for (size_t i = 0; i < device->group_count; i++)
        if (list_covers(list, is_same, device->groups[i])) return true;
    return list->count == 0;
}

bool scope_holds(const struct scope *scope, const struct scope_device *device)
{
    return list_covers(&scope->regions, scope_region_covers, device->region) &&
           list_covers(&scope->models, is_same, device->model) &&
           in_a_group(&scope->groups, device);
}

static bool list_contains(const struct scope_list *outer, const struct scope_list *inner,
                          covers_fn covers)
{
    if (outer->count > 0 && inner->count == 0) return false;
    for (size_t i = 0; i < inner->count; i++)
        if (!list_covers(outer, covers, inner->names[i])) return false;
    return true;
}

bool scope_contains(const struct scope *outer, const struct scope *inner)
{
    for (size_t i = 0; i < KINDS; i++)
        if (!list_contains(list_in(outer, &kinds[i]), list_in(inner, &kinds[i]),
                           covers_of(&kinds[i])))
            return false;
    return true;
}

/* Of each pair that overlaps the narrower one. Names that do not fit any more are left out, which
 * makes it narrower, never wider. */
static void add_narrower(const struct scope_list *from, const struct scope_list *within,
                         covers_fn covers, struct scope_list *out)
{
    for (size_t i = 0; i < from->count && out->count < SCOPE_LIST_MAX; i++)
        if (list_covers(within, covers, from->names[i]) &&
            !(out->count > 0 && list_covers(out, is_same, from->names[i])))
            memcpy(out->names[out->count++], from->names[i], sizeof out->names[0]);
}

static bool intersect_list(const struct scope_list *a, const struct scope_list *b, covers_fn covers,
                           struct scope_list *out)
{
    if (a->count == 0 || b->count == 0) {
        *out = a->count == 0 ? *b : *a;
        return true;
    }
    add_narrower(a, b, covers, out);
    add_narrower(b, a, covers, out);
    put_in_order(out, covers);
    return out->count > 0;
}

bool scope_intersect(const struct scope *a, const struct scope *b, struct scope *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < KINDS; i++)
        if (!intersect_list(list_in(a, &kinds[i]), list_in(b, &kinds[i]), covers_of(&kinds[i]),
                            list_of(out, &kinds[i])))
            return false;
    return true;
}
