/* range.c: ranges as unions of intervals of sort keys.
 *
 * Here is what all notations share: alternatives between "||", comparators, the ends of intervals;
 * and the plain notation, in which comparators are all there is. There an alternative begins as
 * everything, and each comparator raises its lower end or lowers its upper one. Only keys are
 * compared. range_npm.c has the notation for semantic versions. */
#include "common/version_part.h"

#include <string.h>

/* The longer of two that begin alike stands first. */
static const struct {
    const char *text;
    enum wg_comparator comparator;
} comparators[] = {{">=", WG_COMPARE_GREATER_EQUAL},
                   {"<=", WG_COMPARE_LESS_EQUAL},
                   {">", WG_COMPARE_GREATER},
                   {"<", WG_COMPARE_LESS},
                   {"=", WG_COMPARE_EQUAL}};

enum wg_comparator wg_comparator_read(const char **text)
{
    for (size_t i = 0; i < sizeof comparators / sizeof comparators[0]; i++) {
        size_t len = strlen(comparators[i].text);
        if (strncmp(*text, comparators[i].text, len) == 0) {
            *text += len;
            return comparators[i].comparator;
        }
    }
    return WG_COMPARE_BARE;
}

void wg_range_raise_from(struct wg_range_end *from, const char *key, bool inclusive)
{
    int order = from->open ? 1 : strcmp(key, from->key);
    if (order > 0) {
        from->open = false;
        from->inclusive = inclusive;
        (void)wg_copy(from->key, sizeof from->key, key);
    } else if (order == 0) {
        from->inclusive = from->inclusive && inclusive;
    }
}

void wg_range_lower_to(struct wg_range_end *to, const char *key, bool inclusive)
{
    int order = to->open ? -1 : strcmp(key, to->key);
    if (order < 0) {
        to->open = false;
        to->inclusive = inclusive;
        (void)wg_copy(to->key, sizeof to->key, key);
    } else if (order == 0) {
        to->inclusive = to->inclusive && inclusive;
    }
}

bool wg_range_span_is_empty(const struct wg_range_span *span)
{
    if (span->from.open || span->to.open) return false;
    int order = strcmp(span->from.key, span->to.key);
    return order > 0 || (order == 0 && !(span->from.inclusive && span->to.inclusive));
}

bool wg_range_add(struct wg_range *range, const struct wg_range_span *span, struct wg_error *err)
{
    if (range->count == WG_RANGE_SPANS_MAX)
        return wg_fail(err, WG_E_LIMIT, "the range has more than %d parts", WG_RANGE_SPANS_MAX);
    range->spans[range->count++] = *span;
    return true;
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, WG_RANGE_SPACES);
}

bool wg_range_word(const char **text, char *word)
{
    *text = skip_spaces(*text);
    size_t len = strcspn(*text, WG_RANGE_SPACES);
    (void)wg_copy_n(word, WG_RANGE_TEXT_MAX + 1, *text, len);
    *text += len;
    return len > 0;
}

bool wg_range_operand(const char *whole, const char **text, char *word, struct wg_error *err)
{
    const char *end = *text;
    if (wg_range_word(text, word)) return true;
    return wg_fail(err, WG_E_BAD_INPUT,
                   "\"%.*s\" compares with nothing: expected a version behind it",
                   (int)(end - whole), whole);
}

bool wg_range_fail_empty(const char *text, struct wg_error *err)
{
    return wg_fail(err, WG_E_BAD_INPUT, "nothing can be in \"%s\": its bounds exclude each other",
                   text);
}

static bool read_comparator(const char **text, struct wg_range_span *span, wg_key_fn key_of,
                            struct wg_error *err)
{
    char word[WG_RANGE_TEXT_MAX + 1], key[WG_SORT_KEY_MAX];
    const char *whole = *text;
    enum wg_comparator comparator = wg_comparator_read(text);
    if (!wg_range_operand(whole, text, word, err)) return false;
    if (comparator == WG_COMPARE_BARE && strcmp(word, "*") == 0) return true;
    if (comparator == WG_COMPARE_BARE && strchr("^~!", *word))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "\"%s\" begins with '%c': expected =, <, <=, > or >=", word, *word);
    if (!key_of(word, key, err)) return false;
    if (comparator != WG_COMPARE_LESS && comparator != WG_COMPARE_LESS_EQUAL)
        wg_range_raise_from(&span->from, key, comparator != WG_COMPARE_GREATER);
    if (comparator != WG_COMPARE_GREATER && comparator != WG_COMPARE_GREATER_EQUAL)
        wg_range_lower_to(&span->to, key, comparator != WG_COMPARE_LESS);
    return true;
}

static bool read_alternative(const char *text, wg_key_fn key_of, struct wg_range *out,
                             struct wg_error *err)
{
    struct wg_range_span span = {.from = {.open = true}, .to = {.open = true}};
    const char *at = text;
    while (*(at = skip_spaces(at)))
        if (!read_comparator(&at, &span, key_of, err)) return false;
    if (wg_range_span_is_empty(&span)) return wg_range_fail_empty(text, err);
    return wg_range_add(out, &span, err);
}

/* Copies one alternative without the spaces around it; true when another one follows. */
static bool next_alternative(const char **text, char *alternative)
{
    const char *start = skip_spaces(*text), *bars = strstr(start, "||");
    size_t len = bars ? (size_t)(bars - start) : strlen(start);
    *text = bars ? bars + strlen("||") : start + len;
    while (len > 0 && strchr(WG_RANGE_SPACES, start[len - 1])) len--;
    (void)wg_copy_n(alternative, WG_RANGE_TEXT_MAX + 1, start, len);
    return bars;
}

/* An empty alternative would quietly match everything: only a text that is empty as a whole may. */
bool wg_range_read(const char *text, wg_alternative_fn read, wg_key_fn key_of, struct wg_range *out,
                   struct wg_error *err)
{
    struct wg_range range = {0};
    char alternative[WG_RANGE_TEXT_MAX + 1];
    if (strnlen(text, WG_RANGE_TEXT_MAX + 1) > WG_RANGE_TEXT_MAX)
        return wg_fail(err, WG_E_LIMIT, "the range is longer than %d bytes", WG_RANGE_TEXT_MAX);
    bool empty = *skip_spaces(text) == '\0', more = true;
    while (more) {
        more = next_alternative(&text, alternative);
        if (!empty && !*alternative)
            return wg_fail(err, WG_E_BAD_INPUT,
                           "the range has an empty alternative: expected a comparator on both "
                           "sides of \"||\"");
        if (!read(alternative, key_of, &range, err)) return false;
    }
    *out = range;
    return true;
}

bool wg_range_read_plain(const char *text, wg_key_fn key_of, struct wg_range *out,
                         struct wg_error *err)
{
    return wg_range_read(text, read_alternative, key_of, out, err);
}

bool wg_revision_range_parse(const char *text, struct wg_range *out, struct wg_error *err)
{
    return wg_range_read_plain(text, wg_revision_key, out, err);
}

static bool span_holds(const struct wg_range_span *span, const char *key)
{
    size_t len = strlen(key);
    if (len == 0) return span->from.open && span->to.open && !span->releases_only;
    if (span->releases_only && key[len - 1] != WG_KEY_RELEASE) return false;
    int from = span->from.open ? 1 : strcmp(key, span->from.key);
    int to = span->to.open ? -1 : strcmp(key, span->to.key);
    return (from > 0 || (from == 0 && span->from.inclusive)) &&
           (to < 0 || (to == 0 && span->to.inclusive));
}

bool wg_range_holds(const struct wg_range *range, const char *key)
{
    for (size_t i = 0; i < range->count; i++)
        if (span_holds(&range->spans[i], key)) return true;
    return false;
}
