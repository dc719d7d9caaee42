/* version.c: sort keys of versions and hardware revisions.
 *
 * A key is made so that plain byte order is precedence order. A number becomes its count of digits
 * (one character, '0' + count) and its digits, so longer numbers sort behind shorter ones. After
 * the three numbers of a version comes '~' for a release and '-' for a prerelease ('-' sorts before
 * '~'), then each identifier: '0' and a number, or '1' and text, ended by a space, which sorts
 * before everything else. */
#include "common/version.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 18

struct key {
    char *out;
    size_t len;
    bool full;
};

static void put(struct key *key, const char *text, size_t len)
{
    if (key->full || key->len + len >= WG_SORT_KEY_MAX) {
        key->full = true;
        return;
    }
    memcpy(key->out + key->len, text, len);
    key->len += len;
    key->out[key->len] = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void put_counted(struct key *key, const char *text, size_t len)
{
    char count = (char)('0' + len);
    put(key, &count, 1);
    put(key, text, len);
}

/* One of the three numbers; no leading zeros (semver.org, item 2). */
static bool put_number(struct key *key, const char **text)
{
    const char *start = *text;
    while (is_digit(**text)) (*text)++;
    size_t len = (size_t)(*text - start);
    if (len == 0 || len > DIGITS_MAX || (len > 1 && *start == '0')) return false;
    put_counted(key, start, len);
    return true;
}

/* Identifiers separated by dots, up to '+' or the end (items 9 and 10). */
static bool put_identifiers(struct key *key, const char **text, bool numbers_matter)
{
    do {
        const char *start = *text;
        bool numeric = true;
        for (; is_digit(**text) || is_letter(**text) || **text == '-'; (*text)++)
            numeric = numeric && is_digit(**text);
        size_t len = (size_t)(*text - start);
        if (len == 0 ||
            (numeric && numbers_matter && ((len > 1 && *start == '0') || len > DIGITS_MAX)))
            return false;
        if (!key) continue;
        put(key, numeric ? "0" : "1", 1);
        if (numeric)
            put_counted(key, start, len);
        else
            put(key, start, len);
        put(key, " ", 1);
    } while (**text == '.' && (*text)++);
    return true;
}

static bool version_key(const char *text, struct key *key)
{
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *text++ != '.') return false;
        if (!put_number(key, &text)) return false;
    }
    if (*text == '-') {
        text++;
        put(key, "-", 1);
        if (!put_identifiers(key, &text, true)) return false;
    } else {
        put(key, "~", 1);
    }
    if (*text == '+') {
        text++;
        if (!put_identifiers(NULL, &text, false)) return false;
    }
    return *text == '\0';
}

bool wg_version_key(const char *text, char *out, struct wg_error *err)
{
    struct key key = {.out = out};
    out[0] = '\0';
    if (strnlen(text, WG_VERSION_MAX + 1) <= WG_VERSION_MAX && version_key(text, &key) && !key.full)
        return true;
    out[0] = '\0';
    return wg_fail(err, WG_E_BAD_INPUT,
                   "\"%.80s\" is not a semantic version: expected MAJOR.MINOR.PATCH", text);
}

bool wg_revision_key(const char *text, char *out, struct wg_error *err)
{
    struct key key = {.out = out};
    const char *at = text;
    bool good = *at && strnlen(text, WG_NAME_MAX + 1) <= WG_NAME_MAX;
    out[0] = '\0';
    while (good && *at) {
        const char *start = at;
        if (is_digit(*at)) {
            while (*at == '0' && is_digit(at[1])) start = ++at;
            while (is_digit(*at)) at++;
            put(&key, "1", 1);
        } else if (is_letter(*at)) {
            while (is_letter(*at)) at++;
            put(&key, "2", 1);
        } else if (*at == '.' || *at == '-' || *at == '_') {
            at++;
            put(&key, "0", 1);
            continue;
        } else {
            good = false;
            continue;
        }
        put_counted(&key, start, (size_t)(at - start));
    }
    if (good && !key.full) return true;
    out[0] = '\0';
    return wg_fail(err, WG_E_BAD_INPUT,
                   "\"%.80s\" is not a hardware revision: expected letters, digits, '.', '-', '_'",
                   text);
}
