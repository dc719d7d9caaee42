/* range_npm.c: ranges of semantic versions in the notation of npm (node-semver).
 *
 * Every notation comes down to comparators: ^1.2.3 is >=1.2.3 <2.0.0-0. An alternative keeps two
 * intervals: one over all versions, and one over releases alone, whose ends are releases. The
 * first is looked at only where a comparator names a prerelease: the prereleases of the same three
 * numbers may come in. "-0" is the lowest prerelease there is. */
#include "common/version_part.h"

#include <string.h>

#define NUMBERS 3
#define NUMBER_SIZE (WG_VERSION_MAX + 2) /* one digit more than can be written, and NUL */
#define TRIPLE_SIZE ((size_t)NUMBERS * NUMBER_SIZE)
#define LOWEST "0" /* prerelease */

/* A version as a range writes it: "1", "1.x", "1.2.3-rc.1". */
struct partial {
    size_t known; /* numbers before the first wildcard or the end */
    char numbers[NUMBERS][NUMBER_SIZE];
    char prerelease[WG_VERSION_MAX + 1]; /* without its '-'; "" none; only when all are known */
};

struct alternative {
    struct wg_range_span all, releases;
    size_t named_count;
    char named[WG_RANGE_SPANS_MAX][TRIPLE_SIZE]; /* numbers with prereleases that may come in */
};

static void make_key(const char *triple, const char *prerelease, char *key)
{
    char text[TRIPLE_SIZE + WG_VERSION_MAX + 2];
    bool fits = wg_format(text, sizeof text, "%s%s%s", triple, *prerelease ? "-" : "", prerelease);
    if (!fits || !wg_version_key_long(text, key)) key[0] = '\0'; /* cannot be: both were checked */
}

/* Digits plus one. */
static void increase(char *number)
{
    size_t len = strlen(number), at = len;
    while (at > 0 && number[at - 1] == '9') number[--at] = '0';
    if (at > 0) {
        number[at - 1]++;
        return;
    }
    memmove(number + 1, number, len + 1);
    number[0] = '1';
}

/* The first count numbers, the others are 0; with bump the last of them is one more. */
static void make_triple(const struct partial *at, size_t count, bool bump, char *out)
{
    char numbers[NUMBERS][NUMBER_SIZE] = {"0", "0", "0"};
    for (size_t i = 0; i < count; i++) (void)wg_copy(numbers[i], sizeof numbers[i], at->numbers[i]);
    if (bump && count > 0) increase(numbers[count - 1]);
    (void)wg_format(out, TRIPLE_SIZE, "%s.%s.%s", numbers[0], numbers[1], numbers[2]);
}

static bool name(struct alternative *to, const char *triple, struct wg_error *err)
{
    for (size_t i = 0; i < to->named_count; i++)
        if (strcmp(to->named[i], triple) == 0) return true;
    if (to->named_count == WG_RANGE_SPANS_MAX)
        return wg_fail(err, WG_E_LIMIT, "the range has more than %d parts", WG_RANGE_SPANS_MAX);
    (void)wg_copy(to->named[to->named_count++], TRIPLE_SIZE, triple);
    return true;
}

static void at_least(struct alternative *to, const char *triple, const char *prerelease)
{
    char key[WG_SORT_KEY_MAX];
    make_key(triple, prerelease, key);
    wg_range_raise_from(&to->all.from, key, true);
    make_key(triple, "", key);
    wg_range_raise_from(&to->releases.from, key, true);
}

static void above(struct alternative *to, const struct partial *than, const char *triple)
{
    char key[WG_SORT_KEY_MAX], next[TRIPLE_SIZE];
    make_key(triple, than->prerelease, key);
    wg_range_raise_from(&to->all.from, key, false);
    make_triple(than, NUMBERS, !*than->prerelease, next); /* no release lies between the two */
    make_key(next, "", key);
    wg_range_raise_from(&to->releases.from, key, true);
}

static void below(struct alternative *to, const char *triple, const char *prerelease,
                  bool inclusive)
{
    char key[WG_SORT_KEY_MAX];
    make_key(triple, prerelease, key);
    wg_range_lower_to(&to->all.to, key, inclusive);
    make_key(triple, "", key);
    wg_range_lower_to(&to->releases.to, key, inclusive && !*prerelease);
}

/* Below the first version whose count-th number is one more, and below its prereleases. */
static void below_next(struct alternative *to, const struct partial *at, size_t count)
{
    char triple[TRIPLE_SIZE];
    make_triple(at, count, true, triple);
    below(to, triple, LOWEST, false);
}

/* >=0.0.0 is "*" to npm, which matters where prereleases of 0.0.0 are named. */
static bool from_partial(struct alternative *to, const struct partial *at, struct wg_error *err)
{
    char triple[TRIPLE_SIZE];
    make_triple(at, at->known, false, triple);
    if (at->known == 0 || (!*at->prerelease && strcmp(triple, "0.0.0") == 0)) return true;
    at_least(to, triple, at->prerelease);
    return !*at->prerelease || name(to, triple, err);
}

/* All three numbers are known. */
static bool compare_whole(struct alternative *to, enum wg_comparator comparator,
                          const struct partial *at, struct wg_error *err)
{
    char triple[TRIPLE_SIZE];
    make_triple(at, NUMBERS, false, triple);
    switch (comparator) {
    case WG_COMPARE_GREATER_EQUAL:
        return from_partial(to, at, err);
    case WG_COMPARE_GREATER:
        above(to, at, triple);
        break;
    case WG_COMPARE_LESS:
    case WG_COMPARE_LESS_EQUAL:
        below(to, triple, at->prerelease, comparator == WG_COMPARE_LESS_EQUAL);
        break;
    case WG_COMPARE_BARE:
    case WG_COMPARE_EQUAL:
        at_least(to, triple, at->prerelease);
        below(to, triple, at->prerelease, true);
        break;
    }
    return !*at->prerelease || name(to, triple, err);
}

/* A number at least is missing or a wildcard: the version stands for all that begin like it. */
static bool compare_prefix(struct alternative *to, enum wg_comparator comparator,
                           const struct partial *at, struct wg_error *err)
{
    char triple[TRIPLE_SIZE];
    bool nothing = at->known == 0;
    switch (comparator) {
    case WG_COMPARE_GREATER_EQUAL:
        return from_partial(to, at, err);
    case WG_COMPARE_GREATER:
        make_triple(at, at->known, true, triple);
        at_least(to, triple, "");
        if (nothing) below(to, "0.0.0", LOWEST, false);
        return true;
    case WG_COMPARE_LESS:
        make_triple(at, at->known, false, triple);
        below(to, triple, LOWEST, false);
        return true;
    case WG_COMPARE_LESS_EQUAL:
        if (!nothing) below_next(to, at, at->known);
        return true;
    case WG_COMPARE_BARE:
    case WG_COMPARE_EQUAL:
        if (!nothing) below_next(to, at, at->known);
        return from_partial(to, at, err);
    }
    return false;
}

static bool compare(struct alternative *to, enum wg_comparator comparator, const struct partial *at,
                    struct wg_error *err)
{
    return at->known == NUMBERS ? compare_whole(to, comparator, at, err)
                                : compare_prefix(to, comparator, at, err);
}

/* The leftmost number that is not 0 stays as it is. */
static bool caret(struct alternative *to, const struct partial *at, struct wg_error *err)
{
    size_t fixed = 1;
    while (fixed < at->known && strcmp(at->numbers[fixed - 1], "0") == 0) fixed++;
    if (at->known > 0) below_next(to, at, fixed);
    return from_partial(to, at, err);
}

/* Major and minor number stay as they are. */
static bool tilde(struct alternative *to, const struct partial *at, struct wg_error *err)
{
    if (at->known > 0) below_next(to, at, at->known < 2 ? at->known : 2);
    return from_partial(to, at, err);
}

static bool fail_partial(const char *word, struct wg_error *err)
{
    return wg_fail(err, WG_E_BAD_INPUT,
                   "\"%s\" is not a version or the beginning of one: expected as in 2.4.1, "
                   "2.4.1-rc.1, 2.4, 2.x or * (semver.org)",
                   word);
}

/* One number or wildcard; false when there is neither. */
static bool read_number(const char **text, struct partial *out, size_t i, bool *wild)
{
    size_t len = strspn(*text, "0123456789");
    *wild = len == 0;
    if (*wild) {
        bool ok = **text && strchr("xX*", **text);
        *text += ok;
        return ok;
    }
    if (len > 1 && **text == '0') return false;
    (void)wg_copy_n(out->numbers[i], NUMBER_SIZE, *text, len);
    *text += len;
    return true;
}

/* What may stand behind the third number: "-rc.1", "+build", both. */
static bool read_qualifier(const char *text, struct partial *out)
{
    char version[WG_VERSION_MAX + sizeof "0.0.0"], key[WG_SORT_KEY_MAX];
    if (!wg_format(version, sizeof version, "0.0.0%s", text) || !wg_version_key_long(version, key))
        return false;
    if (*text == '-' && out->known == NUMBERS)
        (void)wg_copy_n(out->prerelease, sizeof out->prerelease, text + 1, strcspn(text + 1, "+"));
    return true;
}

/* word may begin with v and =, which do not count. */
static bool read_partial(const char *word, struct partial *out, struct wg_error *err)
{
    const char *text = word + strspn(word, "v=");
    bool wild = false, ended = false;
    size_t i = 0;
    *out = (struct partial){0};
    if (strlen(word) > WG_VERSION_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "\"%s\" is not a version: expected at most %d bytes",
                       word, WG_VERSION_MAX);
    do {
        if (!read_number(&text, out, i, &wild)) return fail_partial(word, err);
        if (ended && !wild)
            return wg_fail(err, WG_E_BAD_INPUT,
                           "\"%s\" has a number behind a wildcard: expected as in 1.x or 1.2.x",
                           word);
        ended = ended || wild;
        if (!ended) out->known = i + 1;
    } while (++i < NUMBERS && *text == '.' && text++);
    if (!*text) return true;
    return (i == NUMBERS && read_qualifier(text, out)) || fail_partial(word, err);
}

/* What a comparator compares with: of a whole version only a "v" does not count. */
static bool read_compared(const char *word, bool spaced, struct partial *out, struct wg_error *err)
{
    size_t prefix = strspn(word, "v=");
    if (!read_partial(word, out, err)) return false;
    bool fine = prefix == 0 || (prefix == 1 && *word == 'v') || (out->known < NUMBERS && !spaced);
    return fine || fail_partial(word, err);
}

static bool is_hyphen(const char *text)
{
    char word[WG_RANGE_TEXT_MAX + 1], second[WG_RANGE_TEXT_MAX + 1];
    return wg_range_word(&text, word) && strcmp(word, "-") == 0 && wg_range_word(&text, second);
}

/* "1.2 - 2": from the one to the other, both included; alone in its alternative. */
static bool read_hyphen(const char *text, struct alternative *to, struct wg_error *err)
{
    struct partial from, upto;
    char word[WG_RANGE_TEXT_MAX + 1];
    (void)wg_range_word(&text, word);
    if (!read_compared(word, false, &from, err)) return false;
    (void)wg_range_word(&text, word);
    (void)wg_range_word(&text, word);
    if (!read_compared(word, false, &upto, err)) return false;
    if (wg_range_word(&text, word))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "\"%s\" stands behind a hyphen range: expected \"||\" or the end", word);
    return compare(to, WG_COMPARE_GREATER_EQUAL, &from, err) &&
           compare(to, WG_COMPARE_LESS_EQUAL, &upto, err);
}

/* A comparator, tilde or caret with its version. */
static bool read_simple(const char **text, struct alternative *to, struct wg_error *err)
{
    struct partial at;
    char word[WG_RANGE_TEXT_MAX + 1];
    const char *whole = *text;
    enum wg_comparator comparator = wg_comparator_read(text);
    char sign = '\0';
    if (*text == whole && (**text == '^' || **text == '~')) sign = *(*text)++;
    if (sign == '~' && **text == '>') (*text)++; /* Ruby's ~> */
    const char *end = *text;
    if (!wg_range_operand(whole, text, word, err)) return false;
    if (strcmp(word, "-") == 0)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "\"-\" stands between two versions, alone in its alternative: expected as "
                       "in 1.2.3 - 2.3.4");
    if (sign) {
        if (!read_partial(word, &at, err)) return false;
        return sign == '^' ? caret(to, &at, err) : tilde(to, &at, err);
    }
    return read_compared(word, strchr(WG_RANGE_SPACES, *end), &at, err) &&
           compare(to, comparator, &at, err);
}

/* The prereleases of triple that lie in the interval over all versions. */
static bool add_prereleases(const struct alternative *alternative, const char *triple,
                            struct wg_range *out, struct wg_error *err)
{
    struct wg_range_span span = alternative->all;
    char key[WG_SORT_KEY_MAX];
    make_key(triple, LOWEST, key);
    wg_range_raise_from(&span.from, key, true);
    make_key(triple, "", key);
    wg_range_lower_to(&span.to, key, false);
    return wg_range_span_is_empty(&span) || wg_range_add(out, &span, err);
}

static bool add_spans(const char *text, const struct alternative *alternative, struct wg_range *out,
                      struct wg_error *err)
{
    const struct wg_range_span *releases = &alternative->releases;
    char least[WG_SORT_KEY_MAX];
    size_t before = out->count;
    make_key("0.0.0", "", least);
    bool none =
        wg_range_span_is_empty(releases) ||
        (!releases->to.open && !releases->to.inclusive && strcmp(releases->to.key, least) == 0);
    if (!none && !wg_range_add(out, releases, err)) return false;
    for (size_t i = 0; i < alternative->named_count; i++)
        if (!add_prereleases(alternative, alternative->named[i], out, err)) return false;
    return out->count > before || wg_range_fail_empty(text, err);
}

static bool read_alternative(const char *text, wg_key_fn key_of, struct wg_range *out,
                             struct wg_error *err)
{
    struct alternative alternative = {
        .all = {.from = {.open = true}, .to = {.open = true}},
        .releases = {.from = {.open = true}, .to = {.open = true}, .releases_only = true}};
    char first[WG_RANGE_TEXT_MAX + 1];
    const char *at = text;
    (void)key_of;
    (void)wg_range_word(&at, first);
    if (is_hyphen(at)) {
        if (!read_hyphen(text, &alternative, err)) return false;
    } else {
        for (at = text; *(at += strspn(at, WG_RANGE_SPACES));)
            if (!read_simple(&at, &alternative, err)) return false;
    }
    return add_spans(text, &alternative, out, err);
}

/* npm takes "* || 1.0.0-rc.1" for "*", and so leaves the prerelease out. */
static void keep_any(struct wg_range *range)
{
    for (size_t i = 0; i < range->count; i++)
        if (range->spans[i].from.open && range->spans[i].to.open) {
            range->spans[0] = range->spans[i];
            range->count = 1;
            return;
        }
}

bool wg_version_range_parse(const char *text, struct wg_range *out, struct wg_error *err)
{
    if (!wg_range_read(text, read_alternative, NULL, out, err)) return false;
    keep_any(out);
    return true;
}
