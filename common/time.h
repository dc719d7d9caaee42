/* time.h: times and durations as numbers and as text. Pure: reads no clock. */
#ifndef WG_COMMON_TIME_H
#define WG_COMMON_TIME_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970-01-01T00:00:00Z; 0 means "never" or "not known". */
typedef int64_t wg_time;
/* Milliseconds. */
typedef int64_t wg_duration;

#define WG_SECOND ((wg_duration)1000)
#define WG_MINUTE (60 * WG_SECOND)
#define WG_HOUR (60 * WG_MINUTE)
#define WG_DAY (24 * WG_HOUR)
#define WG_DURATION_MAX (3650 * WG_DAY)
#define WG_TIME_TEXT 32 /* bytes that hold any text below, with NUL */

/* RFC 3339, UTC, milliseconds: 2026-12-01T00:00:00.000Z. out holds WG_TIME_TEXT. */
void wg_time_text(wg_time time, char *out);
/* RFC 3339 with 'Z' or a numeric offset; seconds required, fraction optional (cut to
 * milliseconds); no leap second; years 1970 to 9999. */
WG_MUST_CHECK bool wg_time_parse(const char *text, wg_time *out);

/* "90s", "10m", "4h", "24h", "7d", "250ms"; also sums from large to small, "1h30m";
 * 0..WG_DURATION_MAX. */
WG_MUST_CHECK bool wg_duration_parse(const char *text, wg_duration *out);
/* The exact text that wg_duration_parse reads back, in the largest units: "1h30m". */
void wg_duration_text(wg_duration duration, char *out);
/* For people, two neighbouring units at most, cut, not rounded: "3m 12s", "2d 4h". */
void wg_duration_words(wg_duration duration, char *out);

#endif
