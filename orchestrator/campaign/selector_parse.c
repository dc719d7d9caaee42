/* selector_parse.c: target selectors: all, any, not, and the leaves.
 *
 * Keys side by side mean "and", and so do the components of "software" and the entries of "not";
 * an "all" inside an "and" is no level of its own. So each map adds its selectors to the "and" that
 * it stands in, and only an entry of "any" or "not" that adds other than one gets an "all" around
 * them. That is also the form of the canonical JSON: what is read back has the same depth. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/target.h"
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>
#include <string.h>

static const char *const leaf_keys[] = {"device", "region", "hardware", "software", "tag",
                                        "all",    "any",    "not",      NULL};
static const char *const later_keys[] = {"timezone",  "within",        "inside",    "bbox",
                                         "group",     "attribute",     "last_seen", "installed",
                                         "failed_in", "not_installed", NULL};

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

static struct selector *add_new(struct parse *parse, struct selector *parent,
                                enum selector_kind kind)
{
    size_t before = parent->child_count;
    add_child(parse, parent, selector_new(kind));
    return parent->child_count > before ? parent->children[before] : NULL;
}

static void parse_selector(struct parse *parse, const struct yaml_value *at,
                           struct selector *parent, int depth);

/* One text or a list of them, each judged by good. */
static void parse_values(struct parse *parse, const struct yaml_value *at, const char *what,
                         const char *expected, bool (*good)(const char *), struct text_list *out)
{
    size_t count = at->kind == YAML_LIST ? at->count : 1;
    if (at->kind == YAML_MAP || count == 0) {
        yaml_doc_problem(&parse->doc, at, "%s: expected %s, or a list of them, got %s", what,
                         expected, count == 0 ? "none" : yaml_kind_text(at));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *item = at->kind == YAML_LIST ? at->items[i] : at;
        char text[WG_NAME_MAX + 1];
        if (!yaml_read_text(&parse->doc, item, what, text, sizeof text)) continue;
        if (!good(text))
            yaml_doc_problem(&parse->doc, item, "%s: expected %s, got \"%s\"", what, expected,
                             text);
        else if (!text_list_add(out, text))
            parse->memory = true;
    }
    text_list_sort(out);
}

static void read_range(struct parse *parse, const struct yaml_value *at, const char *what,
                       struct selector *out,
                       bool (*range_parse)(const char *, struct wg_range *, struct wg_error *))
{
    struct wg_error problem = {0};
    out->range.count = 1;
    out->range.spans[0] = (struct wg_range_span){.from = {.open = true}, .to = {.open = true}};
    if (!at || !yaml_read_text(&parse->doc, at, what, out->range_text, sizeof out->range_text))
        return;
    if (!range_parse(out->range_text, &out->range, &problem))
        yaml_doc_problem(&parse->doc, at, "%s: %s", what, problem.text);
}

static void parse_hardware(struct parse *parse, const struct yaml_value *at,
                           struct selector *parent)
{
    static const char *const known[] = {"model", "revision", NULL};
    if (!parse_is_map(parse, at, "hardware")) return;
    struct selector *out = add_new(parse, parent, SELECT_HARDWARE);
    if (!out) return;
    yaml_check_keys(&parse->doc, at, "hardware", known, NULL);
    const struct yaml_value *model = yaml_get(at, "model");
    if (!model) yaml_doc_problem(&parse->doc, at, "hardware: the key \"model\" is missing");
    parse_name(parse, model, "model", out->name);
    read_range(parse, yaml_get(at, "revision"), "revision", out, wg_revision_range_parse);
}

static void parse_software(struct parse *parse, const struct yaml_value *at,
                           struct selector *parent)
{
    if (!parse_is_map(parse, at, "software")) return;
    if (at->count == 0)
        yaml_doc_problem(&parse->doc, at, "software: expected COMPONENT: RANGE, got nothing");
    for (size_t i = 0; i < at->count; i++) {
        struct selector *out = add_new(parse, parent, SELECT_SOFTWARE);
        if (!out || !parse_name(parse, at->keys[i], "component", out->name)) continue;
        read_range(parse, at->items[i], out->name, out, wg_version_range_parse);
    }
}

/* How many selectors the map adds to what it stands in. */
static size_t added_by(const struct yaml_value *at)
{
    size_t count = 0;
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        const struct yaml_value *item = at->items[i];
        const char *key = at->keys[i]->kind == YAML_TEXT ? at->keys[i]->text : "";
        if (strcmp(key, "all") == 0 && item->kind == YAML_LIST)
            for (size_t k = 0; k < item->count; k++) count += added_by(item->items[k]);
        else if ((strcmp(key, "software") == 0 && item->kind == YAML_MAP) ||
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
    struct selector *any = add_new(parse, parent, SELECT_ANY);
    for (size_t i = 0; any && i < at->count; i++) {
        bool one = added_by(at->items[i]) == 1;
        struct selector *entry = one ? any : add_new(parse, any, SELECT_ALL);
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
        struct selector *negation = add_new(parse, parent, SELECT_NOT);
        struct selector *inner = negation ? add_new(parse, negation, SELECT_ALL) : NULL;
        if (inner) parse_selector(parse, item, inner, depth + (added_by(item) == 1 ? 1 : 2));
    }
}

static void parse_key(struct parse *parse, const char *key, const struct yaml_value *at,
                      struct selector *parent, int depth)
{
    struct selector *out = NULL;
    if (strcmp(key, "device") == 0) {
        if ((out = add_new(parse, parent, SELECT_DEVICE))) parse_devices(parse, at, &out->values);
    } else if (strcmp(key, "region") == 0) {
        if ((out = add_new(parse, parent, SELECT_REGION)))
            parse_values(parse, at, "region", "an ISO 3166 code like DE or US-CA", region_is_known,
                         &out->values);
    } else if (strcmp(key, "tag") == 0) {
        if ((out = add_new(parse, parent, SELECT_TAG)))
            parse_values(parse, at, "tag", "letters, digits, '.', '_' or '-'", wg_name_is_valid,
                         &out->values);
    } else if (strcmp(key, "hardware") == 0) {
        parse_hardware(parse, at, parent);
    } else if (strcmp(key, "software") == 0) {
        parse_software(parse, at, parent);
    } else if (strcmp(key, "all") == 0) {
        parse_all(parse, at, parent, depth);
    } else if (strcmp(key, "any") == 0) {
        parse_any(parse, at, parent, depth);
    } else if (strcmp(key, "not") == 0) {
        parse_not(parse, at, parent, depth);
    }
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
    yaml_check_keys(&parse->doc, at, "selector", leaf_keys, later_keys);
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
        yaml_doc_problem(&parse->doc, at, "target: %s", problem.text);
    }
    target_clear(target);
    free(target);
}

void parse_target(struct parse *parse, const struct yaml_value *at)
{
    size_t problems = parse->doc.problem_count;
    struct selector *top = selector_new(SELECT_ALL);
    parse->campaign->target = top;
    if (!top) {
        parse->memory = true;
        return;
    }
    if (!at) {
        yaml_doc_problem(&parse->doc, parse->doc.root,
                         "the key \"target\" is missing: who is it for?");
        return;
    }
    parse_selector(parse, at, top, 0);
    if (!parse->memory && parse->doc.problem_count == problems) check_size(parse, at, top);
}
