/* yaml_read.c: reads a value as what the schema says it is. */
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PERCENT_DECIMALS 4

static bool is_text(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                    const char *expected)
{
    if (at->kind == YAML_TEXT && (at->quoted || at->text[0])) return true;
    yaml_doc_problem(doc, at, "%s: expected %s, got %s", what, expected, yaml_kind_text(at));
    return false;
}

/* Controls, ends of lines, and the two that are no characters: raw, as canonical JSON writes them,
 * they are refused or read as spaces; escapes in quotes and blocks bring them here. */
static bool has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0) ||
            (*at == 0xe2 && at[1] == 0x80 && (at[2] | 1) == 0xa9) ||
            (*at == 0xef && at[1] == 0xbf && at[2] >= 0xbe))
            return true;
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
    if (has_control(at->text)) {
        yaml_doc_problem(doc, at, "%s: expected text in one line, without control characters",
                         what);
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
    if (min == max)
        (void)snprintf(expected, sizeof expected, "%lld", (long long)min);
    else
        (void)snprintf(expected, sizeof expected, "a whole number from %lld to %lld",
                       (long long)min, (long long)max);
    if (!is_text(doc, at, what, expected)) return false;
    const char *text = at->text;
    bool good = read_digits(&text, &value) && !*text && value >= min && value <= max;
    if (!good || at->quoted) {
        yaml_doc_problem(doc, at, "%s: expected %s, got \"%.60s\"", what, expected, at->text);
        if (good) yaml_doc_hint(doc, "remove the quotes");
        return false;
    }
    *out = value;
    return true;
}

/* What YAML 1.1 took for true and false. */
static void truth_hint(struct yaml_doc *doc, const char *text)
{
    static const char *const words[] = {"true", "yes", "on", "y", "false", "no", "off", "n"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            yaml_doc_hint(doc, "did you mean \"%s\"?", i < 4 ? "true" : "false");
}

bool yaml_read_bool(struct yaml_doc *doc, const struct yaml_value *at, const char *what, bool *out)
{
    if (!at) return true;
    if (!is_text(doc, at, what, "true or false")) return false;
    bool yes = strcmp(at->text, "true") == 0, good = yes || strcmp(at->text, "false") == 0;
    if (!good || at->quoted) {
        yaml_doc_problem(doc, at, "%s: expected true or false, got \"%.60s\"", what, at->text);
        if (good)
            yaml_doc_hint(doc, "remove the quotes");
        else
            truth_hint(doc, at->text);
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
    bool good = percent_of(at->text, &value) && value > 0;
    if (!good || (at->quoted && !strchr(at->text, '%'))) {
        yaml_doc_problem(doc, at,
                         "%s: expected a percentage like 12.5%%, more than 0, at most 100, at most "
                         "4 decimals, got \"%.60s\"",
                         what, at->text);
        if (good) yaml_doc_hint(doc, "remove the quotes, or write \"%s%%\"", at->text);
        return false;
    }
    *ppm = value;
    return true;
}

/* 10000 as "1%", 100 as "0.01%" */
static void share_text(int64_t ppm, char out[32])
{
    (void)wg_format(out, 32, "%lld.%04lld", (long long)(ppm / 10000), (long long)(ppm % 10000));
    size_t end = strlen(out);
    while (out[end - 1] == '0') end--;
    if (out[end - 1] == '.') end--;
    (void)wg_copy(out + end, 32 - end, "%");
}

bool yaml_read_share(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                     int64_t min, int64_t max, int64_t *ppm)
{
    char least[32], most[32], expected[96];
    int64_t value = 0;
    if (!at) return true;
    share_text(min, least);
    share_text(max, most);
    (void)snprintf(expected, sizeof expected, "a percentage from %s to %s", least, most);
    if (!is_text(doc, at, what, expected)) return false;
    bool sign = strchr(at->text, '%') != NULL;
    bool good = percent_of(at->text, &value) && value >= min && value <= max;
    if (!good || !sign) {
        yaml_doc_problem(doc, at, "%s: expected %s, got \"%.60s\"", what, expected, at->text);
        if (good) yaml_doc_hint(doc, "did you mean \"%s%%\"?", at->text);
        return false;
    }
    *ppm = value;
    return true;
}

/* "a", "a or b", "a, b or c" */
static void list_words(char *out, size_t size, const char *const *words, const char *last)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; words[i] && used < size; i++) {
        const char *between = i == 0 ? "" : words[i + 1] ? ", " : last;
        (void)wg_format(out + used, size - used, "%s%s", between, words[i]);
        used = strlen(out);
    }
}

bool yaml_read_choice(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                      const char *const *choices, size_t *index)
{
    char expected[200];
    if (!at) return true;
    list_words(expected, sizeof expected, choices, " or ");
    if (!is_text(doc, at, what, expected)) return false;
    for (size_t i = 0; choices[i]; i++)
        if (strcmp(choices[i], at->text) == 0) {
            *index = i;
            return true;
        }
    yaml_doc_problem(doc, at, "%s: expected %s, got \"%.60s\"", what, expected, at->text);
    (void)yaml_doc_hint_nearest(doc, at->text, choices);
    return false;
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
    char keys[200];
    yaml_doc_problem(doc, key, "%s has no key \"%.64s\"", what, key->text);
    if (yaml_doc_hint_nearest(doc, key->text, known)) return;
    list_words(keys, sizeof keys, known, " and ");
    yaml_doc_hint(doc, "its keys are %s", keys);
}

void yaml_check_keys(struct yaml_doc *doc, const struct yaml_value *map, const char *what,
                     const char *const *known)
{
    if (!map || map->kind != YAML_MAP) return;
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_value *key = map->keys[i];
        if (key->kind == YAML_TEXT && !is_in(known, key->text)) unknown_key(doc, key, what, known);
    }
}
