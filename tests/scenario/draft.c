/* draft.c: what every file of the catalogue would say alike is filled in. */
#include "tests/scenario/draft.h"

#include <string.h>

struct standard {
    const char *key, *text;
};

static const struct standard standards[] = {
    {"wavegate", "1"},
    {"release", "app/2.0.0"},
    {"target", "{hardware: {model: box}}"},
    {"waves", "[{name: rest, remaining: true}]"},
};

struct draft *drafts_find(struct drafts *drafts, const char *name)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (strcmp(drafts->items[i].name, name) == 0) return &drafts->items[i];
    return NULL;
}

static void set(struct draft *draft, struct yaml_doc *doc, const char *key,
                const struct yaml_value *value)
{
    bool out = value->kind == YAML_TEXT && !value->quoted && strcmp(value->text, "none") == 0;
    size_t at = 0;
    while (at < draft->count && strcmp(draft->keys[at], key) != 0) at++;
    if (at == DRAFT_KEYS_MAX) {
        yaml_doc_problem(doc, value, "the campaign has more than %d keys", DRAFT_KEYS_MAX);
    } else if (out && at < draft->count) {
        draft->count--;
        draft->keys[at] = draft->keys[draft->count];
        draft->values[at] = draft->values[draft->count];
    } else if (!out) {
        if (at == draft->count) draft->count++;
        draft->keys[at] = key;
        draft->values[at] = value;
    }
}

void draft_change(struct draft *draft, struct yaml_doc *doc, const struct yaml_value *map)
{
    for (size_t i = 0; i < map->count; i++) set(draft, doc, map->keys[i]->text, map->items[i]);
}

struct draft *drafts_add(struct drafts *drafts, struct yaml_doc *doc, const struct yaml_value *map)
{
    char name[WG_NAME_MAX + 1] = "";
    const struct yaml_value *named = map->kind == YAML_MAP ? yaml_get(map, "campaign") : NULL;
    if (!named || !yaml_read_text(doc, named, "campaign", name, sizeof name)) {
        yaml_doc_problem(doc, map, "a campaign: expected a map with its name under \"campaign\"");
        return NULL;
    }
    if (drafts->count == DRAFTS_MAX || drafts_find(drafts, name)) {
        yaml_doc_problem(doc, map, "campaign %s: too many campaigns, or this one is there", name);
        return NULL;
    }
    struct draft *draft = &drafts->items[drafts->count++];
    *draft = (struct draft){0};
    (void)wg_copy(draft->name, sizeof draft->name, name);
    draft_change(draft, doc, map);
    return draft;
}

static void write_text(const struct yaml_value *value, struct wg_buf *out)
{
    if (!value->quoted && !strpbrk(value->text, ",[]{}\"\\")) {
        wg_buf_text(out, value->text);
        return;
    }
    wg_buf_char(out, '"');
    for (const char *at = value->text; *at; at++) {
        if (*at == '"' || *at == '\\') wg_buf_char(out, '\\');
        wg_buf_char(out, *at);
    }
    wg_buf_char(out, '"');
}

static void write_value(const struct yaml_value *value, struct wg_buf *out)
{
    if (value->kind == YAML_TEXT) {
        write_text(value, out);
        return;
    }
    wg_buf_char(out, value->kind == YAML_MAP ? '{' : '[');
    for (size_t i = 0; i < value->count; i++) {
        if (i) wg_buf_text(out, ", ");
        if (value->kind == YAML_MAP) {
            write_text(value->keys[i], out);
            wg_buf_text(out, ": ");
        }
        write_value(value->items[i], out);
    }
    wg_buf_char(out, value->kind == YAML_MAP ? '}' : ']');
}

static bool has(const struct draft *draft, const char *key)
{
    for (size_t i = 0; i < draft->count; i++)
        if (strcmp(draft->keys[i], key) == 0) return true;
    return false;
}

void draft_text(const struct draft *draft, struct wg_buf *out)
{
    wg_buf_char(out, '{');
    for (size_t i = 0; i < sizeof standards / sizeof standards[0]; i++)
        if (!has(draft, standards[i].key))
            wg_buf_printf(out, "%s: %s, ", standards[i].key, standards[i].text);
    for (size_t i = 0; i < draft->count; i++) {
        wg_buf_printf(out, "%s%s: ", i ? ", " : "", draft->keys[i]);
        write_value(draft->values[i], out);
    }
    wg_buf_text(out, "}\n");
}
