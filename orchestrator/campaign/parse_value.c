/* parse_value.c: kinds of values that several keys of a campaign take. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <stdio.h>
#include <string.h>

void parse_values(struct parse *parse, const struct yaml_value *at, const char *what,
                  const char *expected, bool (*good)(const char *), parse_nearest_fn nearest,
                  struct text_list *out)
{
    char guess[WG_NAME_MAX + 2];
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
        if (!good || good(text)) {
            if (!text_list_add(out, text)) parse->memory = true;
            continue;
        }
        yaml_doc_problem(&parse->doc, item, "%s: expected %s, got \"%s\"", what, expected, text);
        if (nearest && nearest(text, guess))
            yaml_doc_hint(&parse->doc, "did you mean \"%s\"?", guess);
    }
    text_list_sort(out);
}

/* An optional sign, digits, and at most so many decimals. No leading zero: other readers of YAML
 * take 010 for 8. */
static bool decimal_of(const char *text, int decimals, int64_t *out)
{
    bool negative = *text == '-';
    int64_t value = 0;
    int digits = 0, left = decimals;
    if (negative) text++;
    if (*text == '0' && text[1] >= '0' && text[1] <= '9') return false;
    for (; *text >= '0' && *text <= '9' && digits < 9; text++, digits++)
        value = value * 10 + (*text - '0');
    if (digits == 0) return false;
    if (*text == '.') {
        text++;
        if (*text < '0' || *text > '9') return false;
        for (; *text >= '0' && *text <= '9' && left > 0; text++, left--)
            value = value * 10 + (*text - '0');
    }
    for (; left > 0; left--) value *= 10;
    *out = negative ? -value : value;
    return *text == '\0';
}

/* "250", "0.001" */
static void bound_text(int64_t value, int decimals, int64_t one, char out[32])
{
    if (value % one == 0)
        (void)wg_format(out, 32, "%lld", (long long)(value / one));
    else
        (void)wg_format(out, 32, "%lld.%0*lld", (long long)(value / one), decimals,
                        (long long)(value % one));
}

bool parse_decimal(struct parse *parse, const struct yaml_value *at, const char *what, int decimals,
                   int64_t min, int64_t max, int64_t *out)
{
    int64_t one = 1, value = 0;
    for (int i = 0; i < decimals; i++) one *= 10;
    if (at && at->kind == YAML_TEXT && decimal_of(at->text, decimals, &value) && value >= min &&
        value <= max) {
        *out = value;
        return true;
    }
    char found[64], least[32], most[32];
    bound_text(min, decimals, one, least);
    bound_text(max, decimals, one, most);
    bool text = at && at->kind == YAML_TEXT && at->text[0];
    (void)wg_format(found, sizeof found, text ? "\"%.40s\"" : "%s",
                    text ? at->text
                    : at ? yaml_kind_text(at)
                         : "nothing");
    yaml_doc_problem(&parse->doc, at ? at : parse->doc.root,
                     "%s: expected a number from %s to %s with at most %d decimals, got %s", what,
                     least, most, decimals, found);
    return false;
}

bool parse_release(struct parse *parse, const struct yaml_value *at, const char *what,
                   char component[WG_NAME_MAX + 1], char version[WG_VERSION_MAX + 1])
{
    char text[WG_NAME_MAX + WG_VERSION_MAX + 2], key[WG_SORT_KEY_MAX];
    struct wg_error problem = {0};
    if (!yaml_read_text(&parse->doc, at, what, text, sizeof text)) return false;
    char *slash = strchr(text, '/');
    if (slash) *slash = '\0';
    if (!slash || !wg_name_is_valid(text)) {
        yaml_doc_problem(&parse->doc, at, "%s: expected COMPONENT/VERSION, got \"%s\"", what,
                         at->text);
        return false;
    }
    if (!wg_version_key(slash + 1, key, &problem)) {
        yaml_doc_problem(&parse->doc, at, "%s: %s", what, problem.text);
        return false;
    }
    return wg_copy(component, WG_NAME_MAX + 1, text) &&
           wg_copy(version, WG_VERSION_MAX + 1, slash + 1);
}
