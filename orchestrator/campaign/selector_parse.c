/* selector_parse.c: target selectors: all, any, not, and the leaves.
 *
 * Keys side by side mean "and", and so do the components of "software" and the entries of "not";
 * an "all" inside an "and" is no level of its own. So each map adds its selectors to the "and" that
 * it stands in, and only an entry of "any" or "not" that adds other than one gets an "all" around
 * them. That is also the form of the canonical JSON: what is read back has the same depth. */
#include "orchestrator/campaign/area.h"
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/target.h"
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>
#include <string.h>

static const char *const keys[] = {
    "device",    "hardware",  "software",      "attribute", "tag",          "group", "region",
    "timezone",  "within",    "inside",        "bbox",      "all",          "any",   "not",
    "last_seen", "installed", "not_installed", "failed_in", "succeeded_in", NULL};

struct selector *selector_new(enum selector_kind kind)
{
    struct selector *selector = calloc(1, sizeof *selector);
    if (selector) selector->kind = kind;
    return selector;
}

void selector_free(struct selector *selector)
{
    if (!selector) return;
    for (size_t i = 0; i < selector->child_count; i++) selector_free(selector->children[i]);
    free(selector->children);
    text_list_clear(&selector->values);
    text_list_clear(&selector->globs);
    area_free(selector->area);
    free(selector);
}

/* Takes over child. */
static void add_child(struct parse *parse, struct selector *parent, struct selector *child)
{
    struct selector **children =
        child ? realloc(parent->children, (parent->child_count + 1) * sizeof(*children)) : NULL;
    if (!children) {
        selector_free(child);
        parse->memory = true;
        return;
    }
    children[parent->child_count++] = child;
    parent->children = children;
}

struct selector *selector_add(struct parse *parse, struct selector *parent, enum selector_kind kind)
{
    size_t before = parent->child_count;
    add_child(parse, parent, selector_new(kind));
    return parent->child_count > before ? parent->children[before] : NULL;
}

static void parse_selector(struct parse *parse, const struct yaml_value *at,
                           struct selector *parent, int depth);

/* How many selectors the map adds to what it stands in. */
static size_t added_by(const struct yaml_value *at)
{
    size_t count = 0;
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        const struct yaml_value *item = at->items[i];
        const char *key = at->keys[i]->kind == YAML_TEXT ? at->keys[i]->text : "";
        if (strcmp(key, "all") == 0 && item->kind == YAML_LIST)
            for (size_t k = 0; k < item->count; k++) count += added_by(item->items[k]);
        else if ((item->kind == YAML_MAP &&
                  (strcmp(key, "software") == 0 || strcmp(key, "attribute") == 0)) ||
                 (strcmp(key, "not") == 0 && item->kind == YAML_LIST))
            count += item->count;
        else
            count++;
    }
    return count;
}

static bool is_selectors(struct parse *parse, const struct yaml_value *at, const char *what)
{
    if (at->kind == YAML_LIST && at->count > 0) return true;
    yaml_doc_problem(&parse->doc, at, "%s: expected a list of at least one selector, got %s", what,
                     at->kind == YAML_LIST ? "none" : yaml_kind_text(at));
    return false;
}

static void parse_all(struct parse *parse, const struct yaml_value *at, struct selector *parent,
                      int depth)
{
    if (!is_selectors(parse, at, "all")) return;
    for (size_t i = 0; i < at->count; i++) parse_selector(parse, at->items[i], parent, depth);
}

static void parse_any(struct parse *parse, const struct yaml_value *at, struct selector *parent,
                      int depth)
{
    if (!is_selectors(parse, at, "any")) return;
    struct selector *any = selector_add(parse, parent, SELECT_ANY);
    for (size_t i = 0; any && i < at->count; i++) {
        bool one = added_by(at->items[i]) == 1;
        struct selector *entry = one ? any : selector_add(parse, any, SELECT_ALL);
        if (entry) parse_selector(parse, at->items[i], entry, depth + (one ? 1 : 2));
    }
}

/* A device is out when any entry holds, so each becomes a selector of its own. */
static void parse_not(struct parse *parse, const struct yaml_value *at, struct selector *parent,
                      int depth)
{
    size_t count = at->kind == YAML_LIST ? at->count : 1;
    if (count == 0 && !is_selectors(parse, at, "not")) return;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *item = at->kind == YAML_LIST ? at->items[i] : at;
        struct selector *negation = selector_add(parse, parent, SELECT_NOT);
        struct selector *inner = negation ? selector_add(parse, negation, SELECT_ALL) : NULL;
        if (inner) parse_selector(parse, item, inner, depth + (added_by(item) == 1 ? 1 : 2));
    }
}

static void parse_device(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    parse_devices(parse, at, &out->values, &out->globs);
}

static void parse_names(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    static const char *const whats[] = {[SELECT_TAG] = "tag",
                                        [SELECT_GROUP] = "group",
                                        [SELECT_FAILED_IN] = "failed_in",
                                        [SELECT_SUCCEEDED_IN] = "succeeded_in"};
    parse_values(parse, at, whats[out->kind], "letters, digits, '.', '_' or '-'", wg_name_is_valid,
                 NULL, &out->values);
}

/* The leaves that are one selector each. */
static const struct leaf {
    const char *key;
    enum selector_kind kind;
    void (*parse)(struct parse *parse, const struct yaml_value *at, struct selector *out);
} leaves[] = {{"device", SELECT_DEVICE, parse_device},
              {"tag", SELECT_TAG, parse_names},
              {"group", SELECT_GROUP, parse_names},
              {"failed_in", SELECT_FAILED_IN, parse_names},
              {"succeeded_in", SELECT_SUCCEEDED_IN, parse_names},
              {"region", SELECT_REGION, parse_region},
              {"timezone", SELECT_TIMEZONE, parse_timezone},
              {"within", SELECT_WITHIN, parse_within},
              {"inside", SELECT_INSIDE, parse_inside},
              {"bbox", SELECT_BBOX, parse_bbox},
              {"last_seen", SELECT_LAST_SEEN, parse_last_seen},
              {"installed", SELECT_INSTALLED, parse_releases},
              {"not_installed", SELECT_NOT_INSTALLED, parse_releases}};

static void parse_leaf(struct parse *parse, const char *key, const struct yaml_value *at,
                       struct selector *parent)
{
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        if (strcmp(key, leaves[i].key) != 0) continue;
        struct selector *out = selector_add(parse, parent, leaves[i].kind);
        if (out) leaves[i].parse(parse, at, out);
        return;
    }
}

static void parse_key(struct parse *parse, const char *key, const struct yaml_value *at,
                      struct selector *parent, int depth)
{
    if (strcmp(key, "hardware") == 0)
        parse_hardware(parse, at, parent);
    else if (strcmp(key, "software") == 0)
        parse_software(parse, at, parent);
    else if (strcmp(key, "attribute") == 0)
        parse_attribute(parse, at, parent);
    else if (strcmp(key, "all") == 0)
        parse_all(parse, at, parent, depth);
    else if (strcmp(key, "any") == 0)
        parse_any(parse, at, parent, depth);
    else if (strcmp(key, "not") == 0)
        parse_not(parse, at, parent, depth);
    else
        parse_leaf(parse, key, at, parent);
}

/* Adds every key of the map to parent, at that depth below the top. */
static void parse_selector(struct parse *parse, const struct yaml_value *at,
                           struct selector *parent, int depth)
{
    if (depth > CAMPAIGN_DEPTH_MAX) {
        yaml_doc_problem(&parse->doc, at, "selectors are nested more than %d deep",
                         CAMPAIGN_DEPTH_MAX);
        return;
    }
    if (!parse_is_map(parse, at, "selector")) return;
    if (at->count == 0) yaml_doc_problem(&parse->doc, at, "selector: expected at least one key");
    yaml_check_keys(&parse->doc, at, "selector", keys);
    for (size_t i = 0; i < at->count; i++)
        if (at->keys[i]->kind == YAML_TEXT)
            parse_key(parse, at->keys[i]->text, at->items[i], parent, depth);
}

/* A target that no query can hold is refused here, not when it is planned. */
static void check_size(struct parse *parse, const struct yaml_value *at, const struct selector *top)
{
    struct wg_error problem = {0};
    struct target *target = calloc(1, sizeof *target);
    if (!target) {
        parse->memory = true;
        return;
    }
    if (!target_compile(top, target, &problem)) {
        if (problem.code == WG_E_MEMORY) parse->memory = true;
        yaml_doc_problem(&parse->doc, at, "selector: %s", problem.text);
    }
    target_clear(target);
    free(target);
}

void parse_selectors(struct parse *parse, const struct yaml_value *at, struct selector **out)
{
    size_t problems = parse->doc.problem_count;
    *out = selector_new(SELECT_ALL);
    if (!*out) {
        parse->memory = true;
        return;
    }
    parse_selector(parse, at, *out, 0);
    if (!parse->memory && parse->doc.problem_count == problems) check_size(parse, at, *out);
}

void parse_target(struct parse *parse, const struct yaml_value *at)
{
    if (at)
        parse_selectors(parse, at, &parse->campaign->target);
    else
        yaml_doc_problem(&parse->doc, parse->doc.root,
                         "the key \"target\" is missing: who is it for?");
}
