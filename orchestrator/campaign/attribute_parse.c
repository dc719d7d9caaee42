/* attribute_parse.c: what the inventory says of a device: attributes, and when it was heard. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <string.h>

#define ATTRIBUTE_VALUE_MAX 256
#define ATTRIBUTE_VALUES_MAX 64

/* The longer of two that begin alike stands first. */
static const struct {
    const char *text;
    enum compare compare;
} signs[] = {{">=", COMPARE_GREATER_EQUAL}, {"<=", COMPARE_LESS_EQUAL}, {"!=", COMPARE_NOT_EQUAL},
             {">", COMPARE_GREATER},        {"<", COMPARE_LESS},        {"=", COMPARE_EQUAL}};

static enum compare read_sign(const char **text)
{
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t len = strlen(signs[i].text);
        if (strncmp(*text, signs[i].text, len) != 0) continue;
        *text += len;
        *text += strspn(*text, " ");
        return signs[i].compare;
    }
    return COMPARE_EQUAL;
}

/* As PostgreSQL's numeric reads it, without exponents. */
static bool is_number(const char *text)
{
    static const char digits[] = "0123456789";
    if (*text == '-') text++;
    size_t whole = strspn(text, digits);
    if (whole == 0 || whole > 30) return false;
    text += whole;
    if (*text == '\0') return true;
    size_t part = *text == '.' ? strspn(text + 1, digits) : 0;
    return part > 0 && part <= 30 && text[part + 1] == '\0';
}

static void add_value(struct parse *parse, const struct yaml_value *at, const char *text,
                      struct selector *out)
{
    bool ordered = out->compare >= COMPARE_LESS && out->compare <= COMPARE_GREATER_EQUAL;
    if (ordered && !is_number(text))
        yaml_doc_problem(&parse->doc, at, "%s: expected a number to compare with, got \"%.60s\"",
                         out->name, text);
    else if (*text == '\0')
        yaml_doc_problem(&parse->doc, at, "%s: expected a value behind the sign", out->name);
    else if (out->values.count == ATTRIBUTE_VALUES_MAX)
        yaml_doc_problem(&parse->doc, at, "%s: more than %d values", out->name,
                         ATTRIBUTE_VALUES_MAX);
    else if (!text_list_add(&out->values, text))
        parse->memory = true;
}

static void read_exists(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    static const char *const known[] = {"exists", NULL};
    bool exists = true;
    yaml_check_keys(&parse->doc, at, out->name, known);
    if (!yaml_get(at, "exists"))
        yaml_doc_problem(&parse->doc, at, "%s: expected {exists: true} or {exists: false}",
                         out->name);
    yaml_read_bool(&parse->doc, yaml_get(at, "exists"), "exists", &exists);
    out->compare = exists ? COMPARE_EXISTS : COMPARE_EXISTS_NOT;
}

static void read_values(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    char text[ATTRIBUTE_VALUE_MAX];
    if (at->count == 0)
        yaml_doc_problem(&parse->doc, at, "%s: expected at least one value", out->name);
    for (size_t i = 0; i < at->count; i++)
        if (yaml_read_text(&parse->doc, at->items[i], out->name, text, sizeof text))
            add_value(parse, at->items[i], text, out);
    text_list_sort(&out->values);
}

static void read_condition(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    char text[ATTRIBUTE_VALUE_MAX];
    const char *value = text;
    if (at->kind == YAML_MAP) {
        read_exists(parse, at, out);
    } else if (at->kind == YAML_LIST) {
        read_values(parse, at, out);
    } else if (yaml_read_text(&parse->doc, at, out->name, text, sizeof text)) {
        out->compare = read_sign(&value);
        add_value(parse, at, value, out);
    }
}

void parse_attribute(struct parse *parse, const struct yaml_value *at, struct selector *parent)
{
    if (!parse_is_map(parse, at, "attribute")) return;
    if (at->count == 0)
        yaml_doc_problem(&parse->doc, at, "attribute: expected NAME: VALUE, got nothing");
    for (size_t i = 0; i < at->count; i++) {
        struct selector *out = selector_add(parse, parent, SELECT_ATTRIBUTE);
        if (!out) return;
        if (parse_name(parse, at->keys[i], "attribute", out->name))
            read_condition(parse, at->items[i], out);
    }
}

void parse_last_seen(struct parse *parse, const struct yaml_value *at, struct selector *out)
{
    static const char *const known[] = {"within", "before", NULL};
    if (!parse_is_map(parse, at, "last_seen")) return;
    yaml_check_keys(&parse->doc, at, "last_seen", known);
    const struct yaml_value *within = yaml_get(at, "within"), *before = yaml_get(at, "before");
    if (!within == !before) {
        yaml_doc_problem(&parse->doc, at, "last_seen: expected {within: TIME} or {before: TIME}");
        return;
    }
    out->compare = within ? COMPARE_LESS : COMPARE_GREATER;
    yaml_read_duration(&parse->doc, within ? within : before, within ? "within" : "before",
                       WG_SECOND, 3650 * WG_DAY, &out->duration);
}
