/* tz_rule.c: reads POSIX TZ rules, and says by arithmetic when they change the clock. */
#include "common/tz_rule.h"

#include <string.h>

#define DAY_SECONDS ((int64_t)86400)
/* Which years' dates are looked at: a time may carry a date a week into the next year or back, so
 * that of two dates the later may be of two years before. */
#define YEARS_BACK 2
#define YEARS 5

struct cursor {
    const char *at, *start;
    size_t left;
};

static bool wrong(const struct cursor *in, const char *expected, struct wg_error *err)
{
    return wg_fail(err, WG_E_BAD_INPUT, "rule, byte %zu: expected %s", (size_t)(in->at - in->start),
                   expected);
}

static bool peek(const struct cursor *in, char c)
{
    return in->left > 0 && *in->at == c;
}

static bool take(struct cursor *in, char c)
{
    if (!peek(in, c)) return false;
    in->at++;
    in->left--;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "CET" or "<+03>"; nobody needs the name itself. */
static bool skip_name(struct cursor *in, struct wg_error *err)
{
    size_t len = 0;
    bool quoted = take(in, '<');
    for (; in->left > 0; in->at++, in->left--, len++) {
        char c = *in->at;
        if (!is_letter(c) && !(quoted && (is_digit(c) || c == '+' || c == '-'))) break;
    }
    if (len < 3) return wrong(in, "a name of three letters or more", err);
    return !quoted || take(in, '>') || wrong(in, "'>'", err);
}

static bool read_number(struct cursor *in, int min, int max, const char *what, int *out,
                        struct wg_error *err)
{
    int value = 0;
    size_t len = 0;
    for (; in->left > 0 && is_digit(*in->at) && value <= max; in->at++, in->left--, len++)
        value = value * 10 + (*in->at - '0');
    if (len == 0 || value < min || value > max)
        return wg_fail(err, WG_E_BAD_INPUT, "rule, byte %zu: expected %s from %d to %d",
                       (size_t)(in->at - in->start), what, min, max);
    *out = value;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(struct cursor *in, int hours_max, int32_t *out, struct wg_error *err)
{
    int hours = 0, minutes = 0, seconds = 0;
    bool negative = take(in, '-');
    if (!negative) (void)take(in, '+');
    if (!read_number(in, 0, hours_max, "hours", &hours, err)) return false;
    if (take(in, ':')) {
        if (!read_number(in, 0, 59, "minutes", &minutes, err)) return false;
        if (take(in, ':') && !read_number(in, 0, 59, "seconds", &seconds, err)) return false;
    }
    int32_t total = hours * 3600 + minutes * 60 + seconds;
    *out = negative ? -total : total;
    return true;
}

/* POSIX counts west of Greenwich as positive. */
static bool read_offset(struct cursor *in, int32_t *east, struct wg_error *err)
{
    int32_t west;
    if (!read_time(in, 24, &west, err)) return false;
    *east = -west;
    return true;
}

static bool read_month_week(struct cursor *in, struct wg_tz_date *date, struct wg_error *err)
{
    date->kind = WG_TZ_MONTH_WEEK;
    if (!read_number(in, 1, 12, "a month", &date->month, err)) return false;
    if (!take(in, '.')) return wrong(in, "'.'", err);
    if (!read_number(in, 1, 5, "a week", &date->week, err)) return false;
    if (!take(in, '.')) return wrong(in, "'.'", err);
    return read_number(in, 0, 6, "a weekday", &date->day, err);
}

static bool read_date(struct cursor *in, struct wg_tz_date *date, struct wg_error *err)
{
    bool ok;
    if (!take(in, ',')) return wrong(in, "',' and a date", err);
    if (take(in, 'M')) {
        ok = read_month_week(in, date, err);
    } else if (take(in, 'J')) {
        date->kind = WG_TZ_JULIAN;
        ok = read_number(in, 1, 365, "a day", &date->day, err);
    } else {
        date->kind = WG_TZ_DAY;
        ok = read_number(in, 0, 365, "a day", &date->day, err);
    }
    if (!ok) return false;
    date->time = 2 * 3600;
    return !take(in, '/') || read_time(in, 167, &date->time, err);
}

static bool read_daylight(struct cursor *in, struct wg_tz_rule *rule, struct wg_error *err)
{
    if (!skip_name(in, err)) return false;
    rule->changes = true;
    rule->daylight = rule->standard + 3600;
    if (in->left > 0 && !peek(in, ',') && !read_offset(in, &rule->daylight, err)) return false;
    return read_date(in, &rule->begins, err) && read_date(in, &rule->ends, err);
}

bool wg_tz_rule_parse(const char *text, size_t len, struct wg_tz_rule *out, struct wg_error *err)
{
    struct cursor in = {text, text, len};
    struct wg_tz_rule rule = {0};
    if (!skip_name(&in, err) || !read_offset(&in, &rule.standard, err)) return false;
    if (in.left > 0 && !read_daylight(&in, &rule, err)) return false;
    if (in.left > 0) return wrong(&in, "the end", err);
    *out = rule;
    return true;
}

/* Toward minus infinity; by is positive. */
static int64_t divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of January. */
static int64_t first_day(int64_t year)
{
    int64_t before = year - 1;
    return 365 * (year - 1970) + divide(before, 4) - divide(before, 100) + divide(before, 400) -
           477;
}

static int64_t year_of(int64_t day)
{
    int64_t year = 1970 + divide(day * 400, 146097);
    while (first_day(year) > day) year--;
    while (first_day(year + 1) <= day) year++;
    return year;
}

/* Days from 1970-01-01 to that weekday of that week of that month. */
static int64_t month_week(const struct wg_tz_date *date, int64_t year)
{
    static const int starts[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int leap = is_leap(year);
    int64_t start = first_day(year) + starts[date->month - 1] + (date->month > 2 ? leap : 0);
    int length = starts[date->month] - starts[date->month - 1] + (date->month == 2 ? leap : 0);
    int64_t weekday = start + 4 - divide(start + 4, 7) * 7; /* 1970-01-01 was a Thursday */
    int64_t day = (date->day - weekday + 7) % 7 + INT64_C(7) * (date->week - 1);
    return start + (day < length ? day : day - 7);
}

/* Seconds since 1970 as the clock on the wall shows them just before it is changed. */
static int64_t local_change(const struct wg_tz_date *date, int64_t year)
{
    int64_t day;
    if (date->kind == WG_TZ_MONTH_WEEK) {
        day = month_week(date, year);
    } else if (date->kind == WG_TZ_JULIAN) {
        day = first_day(year) + date->day - 1 + (is_leap(year) && date->day >= 60);
    } else {
        day = first_day(year) + date->day;
    }
    return day * DAY_SECONDS + date->time;
}

static int64_t first_year(int64_t at)
{
    return year_of(divide(at, DAY_SECONDS)) - YEARS_BACK;
}

int32_t wg_tz_rule_offset(const struct wg_tz_rule *rule, int64_t at)
{
    int64_t last = INT64_MIN, year = first_year(at);
    bool daylight = false;
    if (!rule->changes) return rule->standard;
    for (int64_t y = year; y < year + YEARS; y++) {
        int64_t begin = local_change(&rule->begins, y) - rule->standard;
        int64_t end = local_change(&rule->ends, y) - rule->daylight;
        if (end <= at && end > last) {
            last = end;
            daylight = false;
        }
        /* RFC 9636: an end that meets the next beginning is daylight time all year */
        if (begin <= at && begin >= last) {
            last = begin;
            daylight = true;
        }
    }
    return daylight ? rule->daylight : rule->standard;
}

int64_t wg_tz_rule_next(const struct wg_tz_rule *rule, int64_t after)
{
    int64_t next = WG_TZ_NEVER, year = first_year(after);
    if (!rule->changes) return next;
    for (int64_t y = year; y < year + YEARS; y++) {
        int64_t begin = local_change(&rule->begins, y) - rule->standard;
        int64_t end = local_change(&rule->ends, y) - rule->daylight;
        if (begin > after && begin < next) next = begin;
        if (end > after && end < next) next = end;
    }
    return next;
}
