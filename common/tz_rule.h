/* tz_rule.h: the rule in the footer of a TZif file: a POSIX TZ string as RFC 9636 extends it, as
 * "CET-1CEST,M3.5.0,M10.5.0/3" or "<-03>3". Pure. Only tz.c has use for it. */
#ifndef WG_COMMON_TZ_RULE_H
#define WG_COMMON_TZ_RULE_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define WG_TZ_NEVER INT64_MAX

enum wg_tz_date_kind {
    WG_TZ_JULIAN,     /* Jn: day 1 to 365, 29 February never counted */
    WG_TZ_DAY,        /* n: day 0 to 365, 29 February counted */
    WG_TZ_MONTH_WEEK, /* Mm.w.d: weekday d (0 Sunday) of week w of month m; week 5 is the last */
};

struct wg_tz_date {
    enum wg_tz_date_kind kind;
    int month, week, day;
    int32_t time; /* seconds from that day's midnight, by the clock until then; -167 h to 167 h */
};

struct wg_tz_rule {
    int32_t standard, daylight;     /* seconds east of UTC */
    bool changes;                   /* else it is standard time all year, and the rest is not set */
    struct wg_tz_date begins, ends; /* of daylight time */
};

/* WG_E_BAD_INPUT naming the byte; out is as it was. A name for daylight time must have its dates.
 */
WG_MUST_CHECK bool wg_tz_rule_parse(const char *text, size_t len, struct wg_tz_rule *out,
                                    struct wg_error *err);
/* Seconds east of UTC at a time in seconds since 1970. */
int32_t wg_tz_rule_offset(const struct wg_tz_rule *rule, int64_t at);
/* The next date of the rule after that time, or WG_TZ_NEVER. The offset need not differ there. */
int64_t wg_tz_rule_next(const struct wg_tz_rule *rule, int64_t after);

#endif
