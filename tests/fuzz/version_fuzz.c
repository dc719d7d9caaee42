/* version_fuzz.c: sort keys of versions of every scheme and of hardware revisions. Each line of the
 * input is one; the bytes of two keys order as the specification orders the two texts. */
#include "common/version.h"
#include "tests/fuzz/precedence.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 8

struct kind {
    const char *name;
    bool (*key)(const char *text, char *out, struct wg_error *err);
    int (*compare)(const char *a, const char *b);
    const char *only; /* what compare() knows; NULL: all that has a key */
};

static bool debian_key(const char *text, char *out, struct wg_error *err)
{
    return wg_scheme_key(WG_SCHEME_DEBIAN, text, out, err);
}

static bool calver_key(const char *text, char *out, struct wg_error *err)
{
    return wg_scheme_key(WG_SCHEME_CALVER, text, out, err);
}

static const struct kind kinds[] = {
    {"semver", wg_version_key, precedence_semver, NULL},
    {"debian", debian_key, precedence_debian, NULL},
    {"calver", calver_key, precedence_calver, "0123456789."},
    {"revision", wg_revision_key, precedence_revision, NULL},
};

static int sign(int order)
{
    return order < 0 ? -1 : order > 0;
}

static bool make_key(const struct kind *kind, const char *text, char *key)
{
    struct wg_error err = {0};
    memset(key, 'x', WG_SORT_KEY_MAX);
    bool ok = kind->key(text, key, &err);
    size_t len = strnlen(key, WG_SORT_KEY_MAX);
    MUST(len < WG_SORT_KEY_MAX && ok == (len > 0), "%s \"%s\": half a key", kind->name, text);
    if (!ok) {
        MUST(err.code != WG_OK && err.text[0], "refused without a word");
        return false;
    }
    for (size_t i = 0; i < len; i++)
        MUST(key[i] >= ' ' && key[i] <= '~', "%s \"%s\": \"%s\"", kind->name, text, key);
    return true;
}

static bool is_comparable(const struct kind *kind, const char *text)
{
    return !kind->only || text[strspn(text, kind->only)] == '\0';
}

static void compare(const struct kind *kind, const char *a, const char *b)
{
    char a_key[WG_SORT_KEY_MAX], b_key[WG_SORT_KEY_MAX];
    if (!make_key(kind, a, a_key) || !make_key(kind, b, b_key)) return;
    if (kind == &kinds[0])
        MUST((a_key[strlen(a_key) - 1] == WG_KEY_RELEASE) == !strpbrk(a, "-+") || strchr(a, '+'),
             "\"%s\": \"%s\"", a, a_key);
    if (!is_comparable(kind, a) || !is_comparable(kind, b)) return;
    int keys = sign(strcmp(a_key, b_key)), texts = sign(kind->compare(a, b));
    MUST(keys == texts, "%s \"%s\" and \"%s\": keys %d, texts %d", kind->name, a, b, keys, texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES_MAX];
    size_t count = 0;
    while (count < LINES_MAX && (lines[count] = target_line(&data, &size))) count++;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++)
            for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
                compare(&kinds[k], lines[i], lines[j]);
    for (size_t i = 0; i < count; i++) free(lines[i]);
    return 0;
}
