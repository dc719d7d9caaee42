/* ware_parse.c: what a device is and runs: hardware, software, releases. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <stdio.h>
#include <string.h>

static void anything(struct wg_range *range)
{
    range->count = 1;
    range->spans[0] = (struct wg_range_span){.from = {.open = true}, .to = {.open = true}};
}

void parse_hardware(struct parse *parse, const struct yaml_value *at, struct selector *parent)
{
    static const char *const known[] = {"model", "revision", NULL};
    struct wg_error problem = {0};
    if (!parse_is_map(parse, at, "hardware")) return;
    struct selector *out = selector_add(parse, parent, SELECT_HARDWARE);
    if (!out) return;
    anything(&out->range);
    yaml_check_keys(&parse->doc, at, "hardware", known);
    const struct yaml_value *model = yaml_get(at, "model"), *revision = yaml_get(at, "revision");
    if (!model) yaml_doc_problem(&parse->doc, at, "hardware: the key \"model\" is missing");
    parse_name(parse, model, "model", out->name);
    if (revision &&
        yaml_read_text(&parse->doc, revision, "revision", out->range_text,
                       sizeof out->range_text) &&
        !wg_revision_range_parse(out->range_text, &out->range, &problem))
        yaml_doc_problem(&parse->doc, revision, "revision: %s", problem.text);
}

static void read_range(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    struct wg_error problem = {0};
    if (yaml_read_text(&parse->doc, at, out->name, out->range_text, sizeof out->range_text) &&
        !wg_scheme_range_parse(out->scheme, out->range_text, &out->range, &problem))
        yaml_doc_problem(&parse->doc, at, "%s: %s", out->name, problem.text);
}

static void read_scheme(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    static const char *const known[] = {"scheme", "version", NULL};
    static const char *const schemes[] = {[WG_SCHEME_SEMVER] = "semver",
                                          [WG_SCHEME_DEBIAN] = "debian",
                                          [WG_SCHEME_CALVER] = "calver",
                                          [WG_SCHEME_OPAQUE] = "opaque",
                                          NULL};
    size_t scheme = WG_SCHEME_SEMVER;
    yaml_check_keys(&parse->doc, at, out->name, known);
    if (!yaml_read_choice(&parse->doc, yaml_get(at, "scheme"), "scheme", schemes, &scheme)) return;
    out->scheme = (enum wg_scheme)scheme;
    const struct yaml_value *version = yaml_get(at, "version");
    if (!version)
        yaml_doc_problem(&parse->doc, at, "%s: the key \"version\" is missing", out->name);
    else if (out->scheme == WG_SCHEME_OPAQUE)
        parse_values(parse, version, "version", "a version", NULL, NULL, &out->values);
    else
        read_range(parse, version, out);
}

void parse_software(struct parse *parse, const struct yaml_value *at, struct selector *parent)
{
    if (!parse_is_map(parse, at, "software")) return;
    if (at->count == 0)
        yaml_doc_problem(&parse->doc, at, "software: expected COMPONENT: RANGE, got nothing");
    for (size_t i = 0; i < at->count; i++) {
        struct selector *out = selector_add(parse, parent, SELECT_SOFTWARE);
        if (!out) return;
        anything(&out->range);
        if (!parse_name(parse, at->keys[i], "component", out->name)) continue;
        if (at->items[i]->kind == YAML_MAP)
            read_scheme(parse, at->items[i], out);
        else
            read_range(parse, at->items[i], out);
    }
}

void parse_releases(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    const char *what = out->kind == SELECT_INSTALLED ? "installed" : "not_installed";
    size_t count = at->kind == YAML_LIST ? at->count : 1;
    if (at->kind == YAML_MAP || count == 0)
        yaml_doc_problem(&parse->doc, at,
                         "%s: expected COMPONENT/VERSION, or a list of them, got %s", what,
                         count == 0 ? "none" : yaml_kind_text(at));
    for (size_t i = 0; at->kind != YAML_MAP && i < count; i++) {
        const struct yaml_value *item = at->kind == YAML_LIST ? at->items[i] : at;
        char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
        char text[WG_NAME_MAX + WG_VERSION_MAX + 2];
        if (!parse_release(parse, item, what, component, version)) continue;
        (void)snprintf(text, sizeof text, "%s/%s", component, version);
        if (!text_list_add(&out->values, text)) parse->memory = true;
    }
    text_list_sort(&out->values);
}
