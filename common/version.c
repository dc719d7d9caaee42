/* version.c: sort keys of versions and hardware revisions.
 *
 * A key is made so that plain byte order is precedence order. A number becomes its count of digits
 * (one character, '0' + count; the bounds on the texts keep it below '~') and its digits, so longer
 * numbers sort behind shorter ones. After the three numbers of a version comes '~' for a release
 * and
 * '-' for a prerelease ('-' sorts before '~'), then each identifier: '0' and a number, or '1' and
 * text, ended by a space, which sorts before everything else.
 *
 * A revision is runs: '0' for a separator (one is as good as another), '1' and a number without its
 * leading zeros, '2' and letters counted as digits are. */
#include "common/version_part.h"

#include <string.h>

#define SHOWN_MAX 81 /* bytes of a wrong text that its error repeats, with NUL */

void wg_key_put(struct wg_key *key, const char *text, size_t len)
{
    if (key->full || key->len + len >= WG_SORT_KEY_MAX) {
        key->full = true;
        return;
    }
    memcpy(key->out + key->len, text, len);
    key->len += len;
    key->out[key->len] = '\0';
}

void wg_key_put_counted(struct wg_key *key, const char *text, size_t len)
{
    char count = (char)('0' + len);
    wg_key_put(key, &count, 1);
    wg_key_put(key, text, len);
}

void wg_key_put_number(struct wg_key *key, const char **text)
{
    while (**text == '0' && wg_is_digit((*text)[1])) (*text)++;
    const char *start = *text;
    while (wg_is_digit(**text)) (*text)++;
    wg_key_put_counted(key, start, (size_t)(*text - start));
}

/* One of the three numbers; no leading zeros (semver.org, item 2). */
static bool put_number(struct wg_key *key, const char **text)
{
    const char *start = *text;
    while (wg_is_digit(**text)) (*text)++;
    size_t len = (size_t)(*text - start);
    if (len == 0 || (len > 1 && *start == '0')) return false;
    wg_key_put_counted(key, start, len);
    return true;
}

/* Identifiers separated by dots, up to '+' or the end (items 9 and 10). Without a key they are
 * build metadata: read, not compared, and leading zeros are fine. */
static bool put_identifiers(struct wg_key *key, const char **text)
{
    do {
        const char *start = *text;
        bool numeric = true;
        for (; wg_is_digit(**text) || wg_is_letter(**text) || **text == '-'; (*text)++)
            numeric = numeric && wg_is_digit(**text);
        size_t len = (size_t)(*text - start);
        if (len == 0) return false;
        if (!key) continue;
        if (numeric && len > 1 && *start == '0') return false;
        wg_key_put(key, numeric ? "0" : "1", 1);
        if (numeric)
            wg_key_put_counted(key, start, len);
        else
            wg_key_put(key, start, len);
        wg_key_put(key, " ", 1);
    } while (**text == '.' && (*text)++);
    return true;
}

static bool version_key(const char *text, struct wg_key *key)
{
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *text++ != '.') return false;
        if (!put_number(key, &text)) return false;
    }
    if (*text == '-') {
        text++;
        wg_key_put(key, "-", 1);
        if (!put_identifiers(key, &text)) return false;
    } else {
        wg_key_put(key, "~", 1);
    }
    if (*text == '+') {
        text++;
        if (!put_identifiers(NULL, &text)) return false;
    }
    return *text == '\0';
}

bool wg_key_refuse(const char *text, char *out, const char *expected, struct wg_error *err)
{
    char shown[SHOWN_MAX];
    bool whole = wg_copy(shown, sizeof shown, text);
    out[0] = '\0';
    return wg_fail(err, WG_E_BAD_INPUT, "\"%s%s\" is not a %s", shown, whole ? "" : "...",
                   expected);
}

bool wg_version_key_long(const char *text, char *out)
{
    struct wg_key key = {.out = out};
    out[0] = '\0';
    return version_key(text, &key) && !key.full;
}

bool wg_version_key(const char *text, char *out, struct wg_error *err)
{
    if (strnlen(text, WG_VERSION_MAX + 1) > WG_VERSION_MAX)
        return wg_key_refuse(text, out, "version: expected at most 64 bytes", err);
    if (!wg_version_key_long(text, out))
        return wg_key_refuse(
            text, out, "version: expected MAJOR.MINOR.PATCH as in 2.4.1 or 2.4.1-rc.1 (semver.org)",
            err);
    return true;
}

static void put_letters(struct wg_key *key, const char **text)
{
    const char *start = *text;
    while (wg_is_letter(**text)) (*text)++;
    wg_key_put(key, "2", 1);
    wg_key_put_counted(key, start, (size_t)(*text - start));
}

static bool revision_key(const char *text, struct wg_key *key)
{
    if (!*text) return false;
    while (*text) {
        if (wg_is_digit(*text)) {
            wg_key_put(key, "1", 1);
            wg_key_put_number(key, &text);
        } else if (wg_is_letter(*text)) {
            put_letters(key, &text);
        } else if (strchr(".-_", *text)) {
            wg_key_put(key, "0", 1);
            text++;
        } else {
            return false;
        }
    }
    return true;
}

bool wg_revision_key(const char *text, char *out, struct wg_error *err)
{
    struct wg_key key = {.out = out};
    out[0] = '\0';
    if (strnlen(text, WG_NAME_MAX + 1) > WG_NAME_MAX)
        return wg_key_refuse(text, out, "hardware revision: expected at most 64 bytes", err);
    if (!revision_key(text, &key) || key.full)
        return wg_key_refuse(text, out,
                             "hardware revision: expected letters, digits, '.', '-' and '_'", err);
    return true;
}
