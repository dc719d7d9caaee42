/* range.c: ranges of versions and revisions as unions of intervals of sort keys. */
#include "common/version.h"

#include <string.h>

typedef bool (*key_fn)(const char *text, char *out, struct wg_error *err);

enum comparator { EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

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
    return EQUAL;
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
    if (comparator == EQUAL || comparator == GREATER || comparator == GREATER_EQUAL)
        raise_from(&span->from, key, comparator != GREATER);
    if (comparator == EQUAL || comparator == LESS || comparator == LESS_EQUAL)
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

static bool read_token(const char **text, struct wg_range_span *span, key_fn key_of,
                       struct wg_error *err)
{
    char token[WG_SORT_KEY_MAX], key[WG_SORT_KEY_MAX];
    enum comparator comparator = read_comparator(text);
    while (**text == ' ') (*text)++;
    const char *start = *text;
    while (!is_break(*text)) (*text)++;
    size_t len = (size_t)(*text - start);
    if (len == 0) return wg_fail(err, WG_E_BAD_INPUT, "a comparator without a value in the range");
    if (len == 1 && *start == '*') return true;
    if (!wg_copy_n(token, sizeof token, start, len))
        return wg_fail(err, WG_E_BAD_INPUT, "a value in the range is too long");
    if (strchr("^~", *start))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "\"%.80s\": expected =, <, <=, > or >= before a whole version", token);
    if (!key_of(token, key, err)) return false;
    narrow(span, comparator, key);
    return true;
}

static bool read_span(const char **text, struct wg_range *out, key_fn key_of, struct wg_error *err)
{
    if (out->count == WG_RANGE_SPANS_MAX)
        return wg_fail(err, WG_E_LIMIT, "the range has more than %d alternatives",
                       WG_RANGE_SPANS_MAX);
    struct wg_range_span *span = &out->spans[out->count++];
    *span = (struct wg_range_span){.from = {.open = true}, .to = {.open = true}};
    for (;;) {
        while (**text == ' ') (*text)++;
        if (is_break(*text)) break;
        if (!read_token(text, span, key_of, err)) return false;
    }
    if (is_empty(span))
        return wg_fail(err, WG_E_BAD_INPUT, "nothing can be in this range: its ends contradict");
    return true;
}

static bool parse(const char *text, struct wg_range *out, key_fn key_of, struct wg_error *err)
{
    struct wg_range range = {0};
    if (strnlen(text, WG_SORT_KEY_MAX) >= WG_SORT_KEY_MAX)
        return wg_fail(err, WG_E_LIMIT, "the range is longer than %d bytes", WG_SORT_KEY_MAX - 1);
    for (;;) {
        if (!read_span(&text, &range, key_of, err)) return false;
        if (*text == '\0') break;
        text += 2;
    }
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
