/* time.c: RFC 3339 times and durations, by arithmetic alone. */
#include "common/time.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 in the proleptic Gregorian calendar; years start in March, so that the leap
 * day is the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = days / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* The last millisecond of the year 9999, which is as far as RFC 3339 goes. */
static wg_time last_time(void)
{
    return days_of(10000, 1, 1) * WG_DAY - 1;
}

void wg_time_text(wg_time time, char *out)
{
    int64_t year, month, day;
    if (time < 0) time = 0;
    if (time > last_time()) time = last_time();
    date_of(time / WG_DAY, &year, &month, &day);
    int64_t rest = time % WG_DAY;
    (void)snprintf(out, WG_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)year % 10000,
                   (unsigned)month % 100, (unsigned)day % 100, (unsigned)(rest / WG_HOUR) % 100,
                   (unsigned)(rest / WG_MINUTE % 60), (unsigned)(rest / WG_SECOND % 60),
                   (unsigned)(rest % WG_SECOND));
}

/* Exactly count digits. */
static bool digits(const char **text, int count, int64_t *out)
{
    int64_t value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9') return false;
        value = value * 10 + (**text - '0');
    }
    *out = value;
    return true;
}

static bool mark(const char **text, char expected)
{
    if (**text != expected) return false;
    (*text)++;
    return true;
}

static bool parse_date(const char **text, int64_t *days)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;
    if (!digits(text, 4, &year) || !mark(text, '-') || !digits(text, 2, &month) ||
        !mark(text, '-') || !digits(text, 2, &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
        (month == 2 && day == 29 && !leap))
        return false;
    *days = days_of(year, month, day);
    return true;
}

static bool parse_fraction(const char **text, int64_t *milliseconds)
{
    int64_t scale = 100;
    *milliseconds = 0;
    if (!mark(text, '.')) return true;
    if (**text < '0' || **text > '9') return false;
    for (; **text >= '0' && **text <= '9'; (*text)++, scale /= 10)
        *milliseconds += (**text - '0') * scale;
    return true;
}

static bool parse_zone(const char **text, wg_duration *offset)
{
    int64_t hours, minutes;
    *offset = 0;
    if (mark(text, 'Z') || mark(text, 'z')) return true;
    int sign = **text == '+' ? 1 : **text == '-' ? -1 : 0;
    if (!sign) return false;
    (*text)++;
    if (!digits(text, 2, &hours) || !mark(text, ':') || !digits(text, 2, &minutes) || hours > 23 ||
        minutes > 59)
        return false;
    *offset = sign * (hours * WG_HOUR + minutes * WG_MINUTE);
    return true;
}

bool wg_time_parse(const char *text, wg_time *out)
{
    int64_t days, hour, minute, second, milliseconds;
    wg_duration offset;
    if (!parse_date(&text, &days) || (!mark(&text, 'T') && !mark(&text, 't')) ||
        !digits(&text, 2, &hour) || !mark(&text, ':') || !digits(&text, 2, &minute) ||
        !mark(&text, ':') || !digits(&text, 2, &second) || !parse_fraction(&text, &milliseconds) ||
        !parse_zone(&text, &offset) || *text)
        return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    wg_time time = days * WG_DAY + hour * WG_HOUR + minute * WG_MINUTE + second * WG_SECOND +
                   milliseconds - offset;
    if (time < 0 || time > last_time()) return false;
    *out = time;
    return true;
}

static const struct {
    const char *text;
    wg_duration length;
} units[] = {{"d", WG_DAY}, {"h", WG_HOUR}, {"m", WG_MINUTE}, {"s", WG_SECOND}, {"ms", 1}};
#define UNITS (sizeof units / sizeof units[0])

/* Milliseconds of the unit at text, past which text moves; 0 if there is none. */
static wg_duration read_unit(const char **text)
{
    size_t len = strspn(*text, "dhms");
    for (size_t i = 0; i < UNITS; i++) {
        if (len == strlen(units[i].text) && strncmp(*text, units[i].text, len) == 0) {
            *text += len;
            return units[i].length;
        }
    }
    return 0;
}

bool wg_duration_parse(const char *text, wg_duration *out)
{
    wg_duration total = 0, before = 0;
    if (!*text) return false;
    while (*text) {
        int64_t number = 0;
        const char *start = text;
        for (; *text >= '0' && *text <= '9'; text++) {
            number = number * 10 + (*text - '0');
            if (number > WG_DURATION_MAX) return false;
        }
        wg_duration unit = text > start ? read_unit(&text) : 0;
        /* units go from large to small, each once: "30m1h" is a slip */
        if (unit == 0 || (before && unit >= before) || number > WG_DURATION_MAX / unit)
            return false;
        total += number * unit;
        if (total > WG_DURATION_MAX) return false;
        before = unit;
    }
    *out = total;
    return true;
}

/* At most most units, from the largest that is not zero on. A unit below finest is written only
 * when it is the first. */
static void write_units(wg_duration duration, const char *between, size_t most, wg_duration finest,
                        char *out)
{
    size_t used = 0, first = UNITS;
    (void)wg_copy(out, WG_TIME_TEXT, "0s");
    if (duration < 0) return;
    for (size_t i = 0; i < UNITS; i++) {
        long long n = duration / units[i].length;
        duration %= units[i].length;
        if (n == 0) continue;
        if (first == UNITS) first = i;
        if (i - first >= most || (i > first && units[i].length < finest)) return;
        int wrote = snprintf(out + used, WG_TIME_TEXT - used, "%s%lld%s", used ? between : "", n,
                             units[i].text);
        if (wrote < 0 || (size_t)wrote >= WG_TIME_TEXT - used) return;
        used += (size_t)wrote;
    }
}

void wg_duration_text(wg_duration duration, char *out)
{
    write_units(duration, "", UNITS, 0, out);
}

void wg_duration_words(wg_duration duration, char *out)
{
    write_units(duration, " ", 2, WG_SECOND, out);
}
