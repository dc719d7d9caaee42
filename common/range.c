/* range.c: ranges of versions and revisions as unions of intervals of sort keys.
 *
 * An alternative begins as everything; each comparator raises its lower end or lowers its upper
 * one. Only keys are compared, so versions and revisions share all of it but the function that
 * makes a key. */
#include "common/version.h"

#include <string.h>

#define RANGE_TEXT_MAX 255

typedef bool (*key_fn)(const char *text, char *out, struct wg_error *err);

enum comparator { BARE, EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

/* The longer of two that begin alike stands first. */
static const struct {
    const char *text;
    enum comparator comparator;
} comparators[] = {
    {">=", GREATER_EQUAL}, {"<=", LESS_EQUAL}, {">", GREATER}, {"<", LESS}, {"=", EQUAL}};

static enum comparator read_comparator(const char **text)
{
    for (size_t i = 0; i < sizeof comparators / sizeof comparators[0]; i++) {
        size_t len = strlen(comparators[i].text);
        if (strncmp(*text, comparators[i].text, len) == 0) {
            *text += len;
            return comparators[i].comparator;
        }
    }
    return BARE;
}

static void raise_from(struct wg_range_end *from, const char *key, bool inclusive)
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

static void lower_to(struct wg_range_end *to, const char *key, bool inclusive)
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

static void narrow(struct wg_range_span *span, enum comparator comparator, const char *key)
{
    if (comparator != LESS && comparator != LESS_EQUAL)
        raise_from(&span->from, key, comparator != GREATER);
    if (comparator != GREATER && comparator != GREATER_EQUAL)
        lower_to(&span->to, key, comparator != LESS);
}

static bool is_empty(const struct wg_range_span *span)
{
    if (span->from.open || span->to.open) return false;
    int order = strcmp(span->from.key, span->to.key);
    return order > 0 || (order == 0 && !(span->from.inclusive && span->to.inclusive));
}

static bool is_break(const char *text)
{
    return *text == '\0' || *text == ' ' || (text[0] == '|' && text[1] == '|');
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " ");
}

static bool read_token(const char **text, struct wg_range_span *span, key_fn key_of,
                       struct wg_error *err)
{
    char token[RANGE_TEXT_MAX + 1], key[WG_SORT_KEY_MAX];
    const char *whole = *text;
    enum comparator comparator = read_comparator(text);
    const char *start = skip_spaces(*text);
    for (*text = start; !is_break(*text);) (*text)++;
    (void)wg_copy_n(token, sizeof token, start, (size_t)(*text - start));
    if (!*token)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "\"%.*s\" compares with nothing: expected as in >=2.3.0",
                       (int)(*text - whole), whole);
    if (comparator == BARE && strcmp(token, "*") == 0) return true;
    if (comparator == BARE && strchr("^~!", *token))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "\"%s\" begins with '%c': expected =, <, <=, > or >=", token, *token);
    if (!key_of(token, key, err)) return false;
    narrow(span, comparator, key);
    return true;
}

/* One alternative: comparators up to "||" or the end. */
static bool read_span(const char **text, struct wg_range_span *span, key_fn key_of,
                      struct wg_error *err)
{
    const char *start = *text = skip_spaces(*text);
    *span = (struct wg_range_span){.from = {.open = true}, .to = {.open = true}};
    while (!is_break(*text)) {
        if (!read_token(text, span, key_of, err)) return false;
        *text = skip_spaces(*text);
    }
    if (is_empty(span))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "nothing can be in \"%.*s\": its bounds exclude each other",
                       (int)(*text - start), start);
    return true;
}

/* An empty alternative would quietly match everything: only a text that is empty as a whole may. */
static bool read_spans(const char *text, struct wg_range *range, key_fn key_of,
                       struct wg_error *err)
{
    bool empty = *skip_spaces(text) == '\0';
    for (;;) {
        if (range->count == WG_RANGE_SPANS_MAX)
            return wg_fail(err, WG_E_LIMIT, "the range has more than %d alternatives",
                           WG_RANGE_SPANS_MAX);
        if (!empty && is_break(skip_spaces(text)))
            return wg_fail(
                err, WG_E_BAD_INPUT,
                "the range has an empty alternative: expected a comparator on both sides "
                "of \"||\"");
        if (!read_span(&text, &range->spans[range->count++], key_of, err)) return false;
        if (*text == '\0') return true;
        text += strlen("||");
    }
}

static bool parse(const char *text, struct wg_range *out, key_fn key_of, struct wg_error *err)
{
    struct wg_range range = {0};
    if (strnlen(text, RANGE_TEXT_MAX + 1) > RANGE_TEXT_MAX)
        return wg_fail(err, WG_E_LIMIT, "the range is longer than %d bytes", RANGE_TEXT_MAX);
    if (!read_spans(text, &range, key_of, err)) return false;
    *out = range;
    return true;
}

bool wg_version_range_parse(const char *text, struct wg_range *out, struct wg_error *err)
{
    return parse(text, out, wg_version_key, err);
}

bool wg_revision_range_parse(const char *text, struct wg_range *out, struct wg_error *err)
{
    return parse(text, out, wg_revision_key, err);
}

static bool span_holds(const struct wg_range_span *span, const char *key)
{
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
