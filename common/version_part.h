/* version_part.h: what version.c, range.c, range_npm.c and scheme.c share. For these alone;
 * everybody else includes common/version.h. Pure. */
#ifndef WG_COMMON_VERSION_PART_H
#define WG_COMMON_VERSION_PART_H

#include "common/version.h"

#include <string.h>

/* A sort key being written. */
struct wg_key {
    char *out; /* holds WG_SORT_KEY_MAX */
    size_t len;
    bool full; /* something did not fit: out is no key */
};

void wg_key_put(struct wg_key *key, const char *text, size_t len);
/* len as one character and then the text: of two the longer one is greater. At most 78 bytes. */
void wg_key_put_counted(struct wg_key *key, const char *text, size_t len);
/* The digits at *text without leading zeros, counted; *text moves behind them. */
void wg_key_put_number(struct wg_key *key, const char **text);
/* WG_E_BAD_INPUT: "text" is not a expected. Leaves no half a key behind. */
bool wg_key_refuse(const char *text, char *out, const char *expected, struct wg_error *err);

/* wg_version_key() of any text whose numbers have at most 78 digits: the end of a range may be
 * longer than a version. On false out holds nothing of use. */
WG_MUST_CHECK bool wg_version_key_long(const char *text, char *out);

static inline bool wg_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool wg_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#define WG_RANGE_TEXT_MAX 255
#define WG_RANGE_SPACES " \t\r\n\v\f"

typedef bool (*wg_key_fn)(const char *text, char *out, struct wg_error *err);

enum wg_comparator {
    WG_COMPARE_BARE,
    WG_COMPARE_EQUAL,
    WG_COMPARE_LESS,
    WG_COMPARE_LESS_EQUAL,
    WG_COMPARE_GREATER,
    WG_COMPARE_GREATER_EQUAL
};

/* Reads =, <, <=, >, >= or nothing; *text moves behind it. */
enum wg_comparator wg_comparator_read(const char **text);

/* An end that is open, or farther out, moves to key. */
void wg_range_raise_from(struct wg_range_end *from, const char *key, bool inclusive);
void wg_range_lower_to(struct wg_range_end *to, const char *key, bool inclusive);
bool wg_range_span_is_empty(const struct wg_range_span *span);
WG_MUST_CHECK bool wg_range_add(struct wg_range *range, const struct wg_range_span *span,
                                struct wg_error *err);

/* Moves over spaces, then copies the word there; false when there is none. word holds
 * WG_RANGE_TEXT_MAX + 1. */
bool wg_range_word(const char **text, char *word);
/* The same for what an operator, from whole to *text, compares with: it must be there. */
WG_MUST_CHECK bool wg_range_operand(const char *whole, const char **text, char *word,
                                    struct wg_error *err);
/* WG_E_BAD_INPUT: nothing can be in "text". */
bool wg_range_fail_empty(const char *text, struct wg_error *err);

/* Adds the spans of one alternative, which is not empty unless the whole range is. */
typedef bool (*wg_alternative_fn)(const char *text, wg_key_fn key_of, struct wg_range *out,
                                  struct wg_error *err);
/* Splits at "||"; leaves out as it was on failure. */
WG_MUST_CHECK bool wg_range_read(const char *text, wg_alternative_fn read, wg_key_fn key_of,
                                 struct wg_range *out, struct wg_error *err);
/* The plain syntax: comparators over keys of key_of. */
WG_MUST_CHECK bool wg_range_read_plain(const char *text, wg_key_fn key_of, struct wg_range *out,
                                       struct wg_error *err);

#endif
