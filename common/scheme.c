/* scheme.c: how versions that are not semantic compare: as dpkg does, and by the calendar.
 *
 * A Debian key is the epoch, the upstream version and the revision, numbers as in version.c. The
 * latter two are, in turns, text and number: text of no or many characters, each as one byte whose
 * order is dpkg's ('~' is '!', letters are themselves, '+' '-' '.' ':' are "{|}~"), ended by '#',
 * which sorts behind '~' alone; a number that is not there is 0. A '#' where text would begin ends
 * the whole: what goes on there with '~' is less, with anything else more.
 *
 * A calendar key is the numbers, each begun by '|', then '.' when that is all, '-' before the
 * suffix of a prerelease and '_' before any other suffix. A suffix is runs: '1' and a number, or
 * '2' and small letters. So numbers decide first, and of equal ones the suffix. */
#include "common/version_part.h"

#include <string.h>
#include <strings.h>

#define EPOCH_MAX "2147483647" /* dpkg's, an int's */
#define DEBIAN_EXPECTED                                                                            \
    "Debian version: expected [EPOCH:]UPSTREAM[-REVISION] as in 1:2.4.1-3 (deb-version(7))"
#define CALVER_EXPECTED                                                                            \
    "calendar version: expected numbers as in 2026.11.2, 2026.11.2-rc1 or 2026.11.2-hotfix.1"

struct debian {
    char epoch[WG_VERSION_MAX + 1], upstream[WG_VERSION_MAX + 1], revision[WG_VERSION_MAX + 1];
};

static bool is_short(const char *text, char *out, struct wg_error *err)
{
    return strnlen(text, WG_VERSION_MAX + 1) <= WG_VERSION_MAX ||
           wg_key_refuse(text, out, "version: expected at most 64 bytes", err);
}

static bool finish(const struct wg_key *key, const char *text, struct wg_error *err)
{
    if (!key->full) return true;
    key->out[0] = '\0';
    return wg_fail(err, WG_E_LIMIT, "the sort key of \"%s\" is longer than %d bytes", text,
                   WG_SORT_KEY_MAX - 1);
}

static bool only_has(const char *text, const char *signs)
{
    for (; *text; text++)
        if (!wg_is_digit(*text) && !wg_is_letter(*text) && !strchr(signs, *text)) return false;
    return true;
}

/* An upstream version may hold ':' behind an epoch alone, and '-' before a revision alone. */
static bool split_debian(const char *text, struct debian *out)
{
    const char *colon = strchr(text, ':');
    *out = (struct debian){0};
    if (colon) {
        (void)wg_copy_n(out->epoch, sizeof out->epoch, text, (size_t)(colon - text));
        if (colon == text || strspn(text, "0123456789") < (size_t)(colon - text)) return false;
        text = colon + 1;
    }
    const char *hyphen = strrchr(text, '-');
    size_t len = hyphen ? (size_t)(hyphen - text) : strlen(text);
    (void)wg_copy_n(out->upstream, sizeof out->upstream, text, len);
    (void)wg_copy(out->revision, sizeof out->revision, hyphen ? hyphen + 1 : "");
    return (wg_is_digit(*text) || wg_is_letter(*text)) && only_has(out->upstream, "+-.~:") &&
           only_has(out->revision, "+.~") && (!hyphen || *out->revision);
}

static bool put_epoch(struct wg_key *key, const char *epoch)
{
    epoch += strspn(epoch, "0");
    size_t len = strlen(epoch), most = strlen(EPOCH_MAX);
    wg_key_put_counted(key, epoch, len);
    return len < most || (len == most && strcmp(epoch, EPOCH_MAX) <= 0);
}

static void put_debian_text(struct wg_key *key, const char **text)
{
    static const char signs[] = "~+-.:", codes[] = "!{|}~";
    for (; **text && !wg_is_digit(**text); (*text)++) {
        const char *sign = strchr(signs, **text);
        wg_key_put(key, sign ? &codes[sign - signs] : *text, 1);
    }
    wg_key_put(key, "#", 1);
}

static void put_debian_part(struct wg_key *key, const char *text)
{
    do {
        put_debian_text(key, &text);
        text += strspn(text, "0");
        wg_key_put_number(key, &text);
    } while (*text);
    wg_key_put(key, "#", 1);
}

static bool debian_key(const char *text, char *out, struct wg_error *err)
{
    struct wg_key key = {.out = out};
    struct debian parts;
    if (!is_short(text, out, err)) return false;
    if (!split_debian(text, &parts) || !put_epoch(&key, parts.epoch))
        return wg_key_refuse(text, out, DEBIAN_EXPECTED, err);
    put_debian_part(&key, parts.upstream);
    put_debian_part(&key, parts.revision);
    return finish(&key, text, err);
}

/* Words that begin the suffix of a prerelease; the letters of PEP 440 only with a number. */
static bool is_prerelease(const char *suffix)
{
    static const char *const words[] = {"alpha", "beta",    "dev", "nightly",
                                        "pre",   "preview", "rc",  "snapshot"};
    size_t len = 0;
    while (wg_is_letter(suffix[len])) len++;
    if (len == 1 && strchr("abcABC", *suffix)) return wg_is_digit(suffix[1]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], suffix, len) == 0) return true;
    return false;
}

/* Words and numbers, with one '.', '-', '_' or none between two of them. */
static bool put_suffix(struct wg_key *key, const char *text)
{
    for (;;) {
        if (wg_is_digit(*text)) {
            wg_key_put(key, "1", 1);
            wg_key_put_number(key, &text);
        } else if (wg_is_letter(*text)) {
            wg_key_put(key, "2", 1);
            for (; wg_is_letter(*text); text++) {
                char small = (char)(*text | 0x20);
                wg_key_put(key, &small, 1);
            }
        } else {
            return false;
        }
        if (!*text) return true;
        if (strchr(".-_", *text)) text++;
    }
}

/* Behind '.' a suffix is a word of two letters at least: "2026.x" would be taken for a range. */
static bool put_calver(struct wg_key *key, const char *text)
{
    do {
        if (!wg_is_digit(*text)) return false;
        wg_key_put(key, "|", 1);
        wg_key_put_number(key, &text);
    } while (*text == '.' && wg_is_digit(text[1]) && text++);
    if (!*text) {
        wg_key_put(key, ".", 1);
        return true;
    }
    if (*text == '.' && !(wg_is_letter(text[1]) && wg_is_letter(text[2]))) return false;
    if (strchr(".-_", *text)) text++;
    wg_key_put(key, is_prerelease(text) ? "-" : "_", 1);
    return put_suffix(key, text);
}

static bool calver_key(const char *text, char *out, struct wg_error *err)
{
    struct wg_key key = {.out = out};
    if (!is_short(text, out, err)) return false;
    if (!put_calver(&key, text)) return wg_key_refuse(text, out, CALVER_EXPECTED, err);
    return finish(&key, text, err);
}

static bool no_key(const char *text, char *out, struct wg_error *err)
{
    (void)text;
    out[0] = '\0';
    return wg_fail(err, WG_E_BAD_INPUT,
                   "versions of the scheme \"opaque\" have no order: expected a version or a list "
                   "of versions");
}

static const struct {
    const char *text;
    wg_key_fn key;
} schemes[] = {
    [WG_SCHEME_SEMVER] = {"semver", wg_version_key},
    [WG_SCHEME_DEBIAN] = {"debian", debian_key},
    [WG_SCHEME_CALVER] = {"calver", calver_key},
    [WG_SCHEME_OPAQUE] = {"opaque", no_key},
};

const char *wg_scheme_text(enum wg_scheme scheme)
{
    return schemes[scheme].text;
}

bool wg_scheme_parse(const char *text, enum wg_scheme *out)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strcmp(schemes[i].text, text) == 0) {
            *out = (enum wg_scheme)i;
            return true;
        }
    return false;
}

bool wg_scheme_key(enum wg_scheme scheme, const char *text, char *out, struct wg_error *err)
{
    return schemes[scheme].key(text, out, err);
}

bool wg_scheme_range_parse(enum wg_scheme scheme, const char *text, struct wg_range *out,
                           struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX];
    if (scheme == WG_SCHEME_SEMVER) return wg_version_range_parse(text, out, err);
    if (scheme == WG_SCHEME_OPAQUE) return no_key(text, key, err);
    return wg_range_read_plain(text, schemes[scheme].key, out, err);
}
