/* tz.h: one time zone of the IANA database, from the bytes of its TZif file (RFC 9636, versions 1
 * to 4): the table of changes, and past its end the POSIX rule of the footer. Pure: reads no file,
 * no clock, no environment; a zone is never written to again, so threads may share it. */
#ifndef WG_COMMON_TZ_H
#define WG_COMMON_TZ_H

#include "common/error.h"
#include "common/time.h"

#include <stddef.h>

#define WG_TZ_BYTES_MAX ((size_t)64 << 10) /* of one TZif file; the largest of 2026 has 4 KiB */
#define WG_TZ_HORIZON (400 * WG_DAY)       /* how far wg_tz_next_change() looks */

/* In all functions but free and parse a NULL zone is UTC. */
struct wg_tz;

/* A new zone, which the caller frees, or NULL with WG_E_BAD_INPUT: what is wrong, and where.
 * Files with leap seconds (the folder right/) are refused: our times have none. */
WG_MUST_CHECK struct wg_tz *wg_tz_parse(const char *bytes, size_t len, struct wg_error *err);
/* A new zone that is UTC, for whoever must tell it from none; NULL: out of memory. */
WG_MUST_CHECK struct wg_tz *wg_tz_utc(struct wg_error *err);
void wg_tz_free(struct wg_tz *tz); /* NULL is fine */

/* Milliseconds east of UTC at that instant: local time is at + offset. */
wg_duration wg_tz_offset(const struct wg_tz *tz, wg_time at);
/* The first instant after `after` with another offset than just before it; 0: none within the
 * horizon. Changes of the name alone are passed over. */
wg_time wg_tz_next_change(const struct wg_tz *tz, wg_time after);

#endif
