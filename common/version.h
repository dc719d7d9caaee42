/* version.h: Semantic Versioning 2.0.0 precedence (semver.org, section 11), ranges as npm users
 * write them, and the order of hardware revisions. Sort keys let a database compare with plain byte
 * order. Pure. */
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
};

#define WG_RANGE_SPANS_MAX 8

/* A union of intervals: "a || b". */
struct wg_range {
    size_t count;
    struct wg_range_span spans[WG_RANGE_SPANS_MAX];
};

/* Comparators separated by spaces mean "and", "||" means "or". Operators: none or =, <, <=, >, >=.
 * An empty text or "*" matches everything. (Caret, tilde, x-ranges, hyphen ranges and prerelease
 * rules belong to the language in full.) An empty intersection ("<1.0.0 >2.0.0") and an empty
 * alternative ("1.0.0 ||") are refused; so is a text of more than 255 bytes, with WG_E_LIMIT.
 * WG_E_BAD_INPUT names the token that is wrong and what was expected. */
WG_MUST_CHECK bool wg_version_range_parse(const char *text, struct wg_range *out,
                                          struct wg_error *err);
/* The same syntax over revisions. */
WG_MUST_CHECK bool wg_revision_range_parse(const char *text, struct wg_range *out,
                                           struct wg_error *err);
bool wg_range_holds(const struct wg_range *range, const char *key);

#endif
