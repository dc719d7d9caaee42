/* text.h: small pure helpers for bounded text: safe copies, UTF-8, identifiers, hex, globs, edit
 * distance. */
#ifndef WG_COMMON_TEXT_H
#define WG_COMMON_TEXT_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

/* Longest device id, campaign name, component, version, wave name, tag, region, zone, in bytes
 * without the NUL. The same bounds stand in schemas/ and in the SQL checks. */
#define WG_NAME_MAX 64
#define WG_VERSION_MAX 64
#define WG_ZONE_MAX 64
#define WG_DETAIL_MAX 512

/* Copies at most size - 1 bytes and terminates; false if it had to cut. The cut never falls inside
 * a UTF-8 sequence. size is at least 1. */
bool wg_copy(char *to, size_t size, const char *from);
/* printf into a bounded text; false if it had to cut. */
bool wg_format(char *to, size_t size, const char *fmt, ...) WG_PRINTF(3, 4);
bool wg_format_args(char *to, size_t size, const char *fmt, va_list args) WG_PRINTF(3, 0);
bool wg_copy_n(char *to, size_t size, const char *from, size_t len);

/* For a terminal: what moves the cursor, rings, or turns the direction of writing becomes '?', in
 * place; line breaks and tabs stay. */
void wg_text_tame(char *text);

/* A word of a stranger's, as an error may repeat it: the same in one line, cut to WG_SHOWN. */
#define WG_SHOWN 160
void wg_text_shown(char out[WG_SHOWN], const char *text);

bool wg_text_is_utf8(const char *text, size_t len); /* RFC 3629; NUL is refused */

/* Letters, digits, '.', '_', '-'; starts with a letter or digit; 1..WG_NAME_MAX bytes. What a
 * device id, campaign, component, wave and tag may be: safe in topics, paths and shells. */
bool wg_name_is_valid(const char *name);

/* Lower-case hex, also when read; out holds 2 * len + 1. */
void wg_hex(const void *data, size_t len, char *out);
WG_MUST_CHECK bool wg_unhex(const char *hex, void *out, size_t len); /* exactly len bytes */

/* Shell-style match with '*' and '?' (one byte) only, no classes. At most pattern times text steps.
 */
bool wg_glob_match(const char *pattern, const char *text);

/* Edit distance bounded at limit, for "did you mean"; returns limit + 1 when farther and for texts
 * of more than 64 bytes. */
size_t wg_text_distance(const char *a, const char *b, size_t limit);

#endif
