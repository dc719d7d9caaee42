/* byte_range.c: reads a Range header, strictly. */
#include "orchestrator/files/byte_range.h"

#include <stddef.h>
#include <string.h>

#define DIGITS_MAX 18 /* fits into 63 bits */

/* Digits at *at, at least one, moved over; -1: none or too many. */
static int64_t take_digits(const char **at)
{
    size_t len = strspn(*at, "0123456789");
    int64_t number = 0;
    if (len == 0 || len > DIGITS_MAX) return -1;
    for (; len > 0; len--) number = number * 10 + (*(*at)++ - '0');
    return number;
}

static bool read_suffix(const char *at, int64_t total, struct byte_range *out)
{
    int64_t count = take_digits(&at);
    if (count <= 0 || total <= 0 || *at != '\0') return false;
    out->length = count < total ? count : total;
    out->start = total - out->length;
    return true;
}

bool byte_range_read(const char *header, int64_t total, struct byte_range *out)
{
    static const char unit[] = "bytes=";
    if (strncmp(header, unit, sizeof unit - 1) != 0) return false;
    const char *at = header + sizeof unit - 1;
    if (*at == '-') return read_suffix(at + 1, total, out);
    int64_t first = take_digits(&at), last = total - 1;
    if (first < 0 || *at++ != '-') return false;
    if (*at != '\0') {
        last = take_digits(&at);
        if (last < first || *at != '\0') return false;
    }
    if (first >= total) return false;
    if (last >= total) last = total - 1;
    *out = (struct byte_range){.start = first, .length = last - first + 1};
    return true;
}
