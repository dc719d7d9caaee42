/* yaml_read.c: reads a value as what the schema says it is. */
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <stdio.h>
#include <string.h>

#define PERCENT_DECIMALS 4

static bool is_text(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                    const char *expected)
{
    if (at->kind == YAML_TEXT) return true;
    yaml_doc_problem(doc, at, "%s: expected %s, got %s", what, expected, yaml_kind_text(at));
    return false;
}

bool yaml_read_text(struct yaml_doc *doc, const struct yaml_value *at, const char *what, char *out,
                    size_t size)
{
    if (!at) return true;
    if (!is_text(doc, at, what, "text")) return false;
    size_t len = strlen(at->text);
    if (len == 0 || len >= size) {
        yaml_doc_problem(doc, at, "%s: expected 1 to %zu bytes of text, got %zu", what, size - 1,
                         len);
        return false;
    }
    return wg_copy(out, size, at->text);
}

/* Digits only, at most 18 of them. A leading zero is refused: other readers of YAML take 010 for 8.
 */
static bool read_digits(const char **text, int64_t *out)
{
    int count = 0;
    int64_t value = 0;
    if (**text == '0' && (*text)[1] >= '0' && (*text)[1] <= '9') return false;
    for (; **text >= '0' && **text <= '9' && count < 18; (*text)++, count++)
        value = value * 10 + (**text - '0');
    *out = value;
    return count > 0;
}

bool yaml_read_int(struct yaml_doc *doc, const struct yaml_value *at, const char *what, int64_t min,
                   int64_t max, int64_t *out)
{
    char expected[96];
    int64_t value = 0;
    if (!at) return true;
    (void)snprintf(expected, sizeof expected, "a whole number from %lld to %lld", (long long)min,
                   (long long)max);
    if (!is_text(doc, at, what, expected)) return false;
    const char *text = at->text;
    if (at->quoted || !read_digits(&text, &value) || *text || value < min || value > max) {
        yaml_doc_problem(doc, at, "%s: expected %s, got \"%.60s\"", what, expected, at->text);
        return false;
    }
    *out = value;
    return true;
}

bool yaml_read_bool(struct yaml_doc *doc, const struct yaml_value *at, const char *what, bool *out)
{
    if (!at) return true;
    if (!is_text(doc, at, what, "true or false")) return false;
    bool yes = strcmp(at->text, "true") == 0;
    if (at->quoted || (!yes && strcmp(at->text, "false") != 0)) {
        yaml_doc_problem(doc, at, "%s: expected true or false, got \"%.60s\"", what, at->text);
        return false;
    }
    *out = yes;
    return true;
}

bool yaml_read_duration(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                        wg_duration min, wg_duration max, wg_duration *out)
{
    char least[WG_TIME_TEXT], most[WG_TIME_TEXT];
    wg_duration value = 0;
    if (!at) return true;
    if (!is_text(doc, at, what, "a duration like 90s, 10m, 4h or 7d")) return false;
    if (!wg_duration_parse(at->text, &value)) {
        yaml_doc_problem(doc, at, "%s: expected a duration like 90s, 10m, 4h or 7d, got \"%.60s\"",
                         what, at->text);
        return false;
    }
    if (value < min || value > max) {
        wg_duration_text(min, least);
        wg_duration_text(max, most);
        yaml_doc_problem(doc, at, "%s: expected %s to %s, got %.60s", what, least, most, at->text);
        return false;
    }
    *out = value;
    return true;
}

/* "12", "12.5", with or without '%': parts per million of the whole. */
static bool percent_of(const char *text, int64_t *ppm)
{
    int64_t whole = 0, part = 0, scale = 10000;
    if (!read_digits(&text, &whole) || whole > 100) return false;
    if (*text == '.') {
        text++;
        int decimals = 0;
        for (; *text >= '0' && *text <= '9' && decimals < PERCENT_DECIMALS; text++, decimals++) {
            scale /= 10;
            part += (*text - '0') * scale;
        }
        if (decimals == 0) return false;
    }
    if (*text == '%') text++;
    *ppm = whole * 10000 + part;
    return *text == '\0' && *ppm <= 1000000;
}

bool yaml_read_percent(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                       int64_t *ppm)
{
    int64_t value = 0;
    if (!at) return true;
    if (!is_text(doc, at, what, "a percentage")) return false;
    if ((at->quoted && !strchr(at->text, '%')) || !percent_of(at->text, &value) || value == 0) {
        yaml_doc_problem(doc, at,
                         "%s: expected a percentage like 12.5%%, more than 0, at most 100, at most "
                         "4 decimals, got \"%.60s\"",
                         what, at->text);
        return false;
    }
    *ppm = value;
    return true;
}

static bool is_in(const char *const *list, const char *text)
{
    for (; list && *list; list++)
        if (strcmp(*list, text) == 0) return true;
    return false;
}

static void unknown_key(struct yaml_doc *doc, const struct yaml_value *key, const char *what,
                        const char *const *known)
{
    const char *best = NULL;
    size_t nearest = 3;
    for (; *known; known++) {
        size_t distance = wg_text_distance(key->text, *known, 2);
        if (distance < nearest) {
            nearest = distance;
            best = *known;
        }
    }
    if (best)
        yaml_doc_problem(doc, key, "%s has no key \"%.64s\": did you mean \"%s\"?", what, key->text,
                         best);
    else
        yaml_doc_problem(doc, key, "%s has no key \"%.64s\"", what, key->text);
}

void yaml_check_keys(struct yaml_doc *doc, const struct yaml_value *map, const char *what,
                     const char *const *known, const char *const *reserved)
{
    if (!map || map->kind != YAML_MAP) return;
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_value *key = map->keys[i];
        if (key->kind != YAML_TEXT || is_in(known, key->text)) continue;
        if (is_in(reserved, key->text))
            yaml_doc_problem(
                doc, key,
                "\"%.64s\" is part of the campaign language, but this version does not "
                "act on it: remove it",
                key->text);
        else
            unknown_key(doc, key, what, known);
    }
}
