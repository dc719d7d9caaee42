/* range_fuzz.c: ranges in every notation. The first line of the input is a range, the others are
 * versions. An interval holds the ends that belong to it, a union what one of its parts holds, and
 * a range of one comparator what the sort keys say. */
#include "common/version.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 6
#define REVISION WG_SCHEME_OPAQUE /* opaque versions have no ranges: its number is free */

static bool read_range(enum wg_scheme scheme, const char *text, struct wg_range *out,
                       struct wg_error *err)
{
    memset(out, 'x', sizeof *out);
    bool ok = scheme == REVISION ? wg_revision_range_parse(text, out, err)
                                 : wg_scheme_range_parse(scheme, text, out, err);
    MUST(ok || (err->code != WG_OK && err->text[0]), "refused without a word");
    return ok;
}

static bool make_key(enum wg_scheme scheme, const char *text, char *key)
{
    return scheme == REVISION ? wg_revision_key(text, key, NULL)
                              : wg_scheme_key(scheme, text, key, NULL);
}

static bool is_prerelease(enum wg_scheme scheme, const char *key)
{
    return scheme == WG_SCHEME_SEMVER && key[strlen(key) - 1] != WG_KEY_RELEASE;
}

static void check_end(const struct wg_range *range, const struct wg_range_span *span,
                      const struct wg_range_end *end, const char *text)
{
    if (end->open) return;
    size_t len = strnlen(end->key, sizeof end->key);
    MUST(len > 0 && len < sizeof end->key, "\"%s\": an end without a key", text);
    if (!end->inclusive || (span->releases_only && end->key[len - 1] != WG_KEY_RELEASE)) return;
    MUST(wg_range_holds(range, end->key), "\"%s\" does not hold its end %s", text, end->key);
}

static void check_spans(const struct wg_range *range, const char *text)
{
    MUST(range->count >= 1 && range->count <= WG_RANGE_SPANS_MAX, "\"%s\": %zu", text,
         range->count);
    for (size_t i = 0; i < range->count; i++) {
        const struct wg_range_span *span = &range->spans[i];
        MUST(span->from.open || span->to.open || strcmp(span->from.key, span->to.key) <= 0,
             "\"%s\": from %s to %s", text, span->from.key, span->to.key);
        check_end(range, span, &span->from, text);
        check_end(range, span, &span->to, text);
    }
}

static bool holds_all(const struct wg_range *range)
{
    for (size_t i = 0; i < range->count; i++)
        if (range->spans[i].from.open && range->spans[i].to.open) return true;
    return false;
}

/* To npm "* || 1.0.0-rc.1" is "*", which holds no prereleases: those are left out of the sum. */
static void check_union(enum wg_scheme scheme, const char *text, const struct wg_range *whole,
                        const char *key)
{
    bool held = false;
    char *copy = target_text((const uint8_t *)text, strlen(text));
    for (char *at = copy, *bars = NULL; at; at = bars ? bars + 2 : NULL) {
        struct wg_range part;
        struct wg_error err = {0};
        if ((bars = strstr(at, "||"))) *bars = '\0';
        MUST(read_range(scheme, at, &part, &err), "\"%s\" in \"%s\": %s", at, text, err.text);
        held = held || wg_range_holds(&part, key);
    }
    free(copy);
    if (is_prerelease(scheme, key) && holds_all(whole)) return;
    MUST(held == wg_range_holds(whole, key), "\"%s\": the whole differs from its parts at %s", text,
         key);
}

static bool same_triple(const char *a, const char *b)
{
    size_t len = strcspn(a, "-~");
    return len == strcspn(b, "-~") && memcmp(a, b, len) == 0;
}

/* What "OPERATOR one" says of other. */
static bool is_expected(enum wg_scheme scheme, const char *operator, const char * one,
                        const char *other)
{
    int order = strcmp(other, one);
    if (is_prerelease(scheme, other) && !(is_prerelease(scheme, one) && same_triple(one, other)))
        return false;
    if (order == 0) return strchr(operator, '=') || !*operator;
    return order < 0 ? *operator== '<' : * operator== '>';
}

static void check_operators(enum wg_scheme scheme, const char *one, const char *other)
{
    static const char *const operators[] = {"", "=", "<", "<=", ">", ">="};
    char one_key[WG_SORT_KEY_MAX], other_key[WG_SORT_KEY_MAX];
    if (!make_key(scheme, one, one_key) || !make_key(scheme, other, other_key)) return;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        char text[WG_VERSION_MAX + 4];
        struct wg_range range;
        struct wg_error err = {0};
        MUST(wg_format(text, sizeof text, "%s%s", operators[i], one), "%s has a key", one);
        bool expected = is_expected(scheme, operators[i], one_key, other_key);
        bool found =
            read_range(scheme, text, &range, &err) ? wg_range_holds(&range, other_key) : false;
        MUST(found == expected, "%s \"%s\" and \"%s\": %s", wg_scheme_text(scheme), text, other,
             err.text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES_MAX];
    size_t count = 0;
    while (count < LINES_MAX && (lines[count] = target_line(&data, &size))) count++;
    for (int s = 0; count > 0 && s <= REVISION; s++) {
        enum wg_scheme scheme = (enum wg_scheme)s;
        struct wg_range range;
        struct wg_error err = {0};
        bool ok = read_range(scheme, lines[0], &range, &err);
        if (ok) check_spans(&range, lines[0]);
        for (size_t i = 1; i < count; i++) {
            char key[WG_SORT_KEY_MAX];
            if (ok && make_key(scheme, lines[i], key)) check_union(scheme, lines[0], &range, key);
            check_operators(scheme, lines[i], lines[1 + i % (count - 1)]);
        }
    }
    for (size_t i = 0; i < count; i++) free(lines[i]);
    return 0;
}
