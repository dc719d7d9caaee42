/* area_degrees.c: degrees as decimal text, to and from whole steps of 1e-7, exactly: strtod and
 * printf would go through binary fractions, and the locale's comma. */
#include "orchestrator/campaign/area_shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DECIMALS 7
#define EXPONENT_MAX 100000
#define STEPS_MAX (1000 * AREA_DEGREE)

struct number {
    const char *digits; /* with the '.' among them */
    size_t len;
    int64_t whole; /* digits before the '.', moved by the exponent */
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(const char *text, size_t len, size_t at)
{
    size_t count = 0;
    while (at + count < len && is_digit(text[at + count])) count++;
    return count;
}

/* An exponent beyond any use is held at a bound: it makes 0 or too much all the same. */
static bool read_exponent(const char *text, size_t len, size_t *at, int64_t *out)
{
    bool negative = false;
    int64_t value = 0;
    if (*at < len && (text[*at] == '+' || text[*at] == '-')) negative = text[(*at)++] == '-';
    size_t count = digits_at(text, len, *at);
    for (size_t i = 0; i < count; i++)
        if (value < EXPONENT_MAX) value = value * 10 + (text[*at + i] - '0');
    *at += count;
    *out = negative ? -value : value;
    return count > 0;
}

/* The grammar of JSON: no plus, no leading zeros, digits on both sides of the point. */
static bool split(const char *text, size_t len, struct number *out)
{
    int64_t exponent = 0;
    size_t at = len > 0 && text[0] == '-';
    size_t whole = digits_at(text, len, at);
    if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
    *out = (struct number){.digits = text + at, .len = whole, .negative = at > 0};
    at += whole;
    if (at < len && text[at] == '.') {
        size_t decimals = digits_at(text, len, at + 1);
        if (decimals == 0) return false;
        out->len += decimals + 1;
        at += decimals + 1;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (!read_exponent(text, len, &at, &exponent)) return false;
    }
    out->whole = (int64_t)whole + exponent;
    return at == len;
}

bool area_degrees_read(const char *text, size_t len, int64_t *out)
{
    struct number number;
    int64_t value = 0;
    if (!split(text, len, &number)) return false;
    int64_t left = number.whole + DECIMALS; /* digits that count; the next one rounds */
    for (size_t i = 0; i < number.len && left >= 0; i++) {
        if (number.digits[i] == '.') continue;
        int digit = number.digits[i] - '0';
        if (left == 0 && digit >= 5) value++;
        if (left > 0) value = value * 10 + digit;
        if (value > STEPS_MAX) return false;
        left--;
    }
    for (; left > 0 && value > 0; left--) {
        value *= 10;
        if (value > STEPS_MAX) return false;
    }
    *out = number.negative ? -value : value;
    return true;
}

void area_degrees_text(int64_t degrees, char out[AREA_DEGREES_TEXT])
{
    int64_t size = degrees < 0 ? -degrees : degrees;
    (void)snprintf(out, AREA_DEGREES_TEXT, "%s%" PRId64 ".%07" PRId64, degrees < 0 ? "-" : "",
                   size / AREA_DEGREE, size % AREA_DEGREE);
    size_t len = strlen(out);
    while (out[len - 1] == '0') len--;
    if (out[len - 1] == '.') len--;
    out[len] = '\0';
}
