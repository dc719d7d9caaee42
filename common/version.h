/* version.h: Semantic Versioning 2.0.0 precedence (semver.org, section 11), ranges as npm users
 * write them, the order of hardware revisions, and of versions that are not semantic. Sort keys let
 * a database compare with plain byte order: they are printable ASCII. Pure. */
#ifndef WG_COMMON_VERSION_H
#define WG_COMMON_VERSION_H

#include "common/error.h"
#include "common/text.h"

#include <stddef.h>

#define WG_SORT_KEY_MAX 256

/* A text whose byte order (strcmp, COLLATE "C") is the precedence order of versions; build metadata
 * does not count. out holds WG_SORT_KEY_MAX. False with WG_E_BAD_INPUT when text is no version. */
WG_MUST_CHECK bool wg_version_key(const char *text, char *out, struct wg_error *err);

/* The same for hardware revisions: runs of digits compare as numbers, runs of letters by length and
 * then by letter, so A < B < C < C2 < C10 < D < Z < AA. Letters, digits, '.', '-', '_'; no spaces.
 */
WG_MUST_CHECK bool wg_revision_key(const char *text, char *out, struct wg_error *err);

/* One end of an interval of sort keys. */
struct wg_range_end {
    bool open; /* true: no bound on this side */
    bool inclusive;
    char key[WG_SORT_KEY_MAX];
};

struct wg_range_span {
    struct wg_range_end from, to;
    bool releases_only; /* keys that end in WG_KEY_RELEASE alone: prereleases are not in it */
};

#define WG_RANGE_SPANS_MAX 16
#define WG_KEY_PRERELEASE '-' /* is in the key of a prerelease, and in that of no release */
#define WG_KEY_RELEASE '~'    /* last character of the key of a version that is no prerelease */

/* A union of intervals: "a || b". */
struct wg_range {
    size_t count;
    struct wg_range_span spans[WG_RANGE_SPANS_MAX];
};

/* npm's notation (node-semver): "1.2.3", ">=1.2 <2", "^1.2.3", "~1.2", "1.x", "*", "1.2.3 - 2.3.4",
 * "a || b". Prereleases are in only where a comparator of the same alternative names a prerelease
 * of the same three numbers: they get spans of their own, all others are releases_only. An empty
 * text is "*". Unlike npm: an alternative that is empty or that nothing can be in, and a number
 * behind a wildcard ("1.x.3") are refused; numbers may have any size. WG_E_BAD_INPUT names the
 * token that is wrong and what was expected; WG_E_LIMIT when the text has more than 255 bytes or
 * comes to more than WG_RANGE_SPANS_MAX spans. out is then as it was. */
WG_MUST_CHECK bool wg_version_range_parse(const char *text, struct wg_range *out,
                                          struct wg_error *err);
/* Revisions have no prereleases and the plain notation: comparators separated by spaces mean "and",
 * "||" means "or". Operators: none or =, <, <=, >, >=. An empty text or "*" is everything. */
WG_MUST_CHECK bool wg_revision_range_parse(const char *text, struct wg_range *out,
                                           struct wg_error *err);

/* How the versions of a component are compared. */
enum wg_scheme { WG_SCHEME_SEMVER, WG_SCHEME_DEBIAN, WG_SCHEME_CALVER, WG_SCHEME_OPAQUE };
const char *wg_scheme_text(enum wg_scheme scheme); /* "debian" */
bool wg_scheme_parse(const char *text, enum wg_scheme *out);
/* A key as wg_version_key() makes it, for versions of at most WG_VERSION_MAX bytes.
 * debian: dpkg's order, epoch, upstream version and revision; the version begins with a letter or
 * digit. calver: numbers separated by dots, compared one by one: 2026.2 < 2026.11 < 2026.11.0,
 * leading zeros do not count. Of equal numbers a prerelease is less than the plain version and any
 * other suffix ("-1", "-hotfix.2", "b") greater. A suffix begins with '-', '_', '.' and a word, or
 * a letter, and is words and numbers, compared one by one; case does not count. It is a
 * prerelease's when its first word is alpha, beta, dev, nightly, pre, preview, rc or snapshot, or
 * a, b or c with a number (2026.11b2, PEP 440). Opaque versions have no order, hence no key and no
 * range: WG_E_BAD_INPUT. */
WG_MUST_CHECK bool wg_scheme_key(enum wg_scheme scheme, const char *text, char *out,
                                 struct wg_error *err);
/* semver: npm's notation; debian and calver: the plain one. */
WG_MUST_CHECK bool wg_scheme_range_parse(enum wg_scheme scheme, const char *text,
                                         struct wg_range *out, struct wg_error *err);

/* '' is the key of what has no order in its scheme: only a span without any bound holds it. */
bool wg_range_holds(const struct wg_range *range, const char *key);

#endif
