/* tz.c: reads TZif and answers from its table, past the table from its rule. Seconds inside, as in
 * the file; milliseconds at the border. */
#include "common/tz.h"

#include "common/tz_rule.h"

#include <stdlib.h>
#include <string.h>

#define HEADER 44
#define OFFSET_MIN (-25 * 3600 + 1) /* RFC 9636, 3.2 */
#define OFFSET_MAX (26 * 3600 - 1)

struct change {
    int64_t at; /* seconds since 1970 */
    int32_t offset;
};

struct wg_tz {
    int32_t first; /* the offset before the first change */
    bool ruled;
    struct wg_tz_rule rule; /* from the last change on, when ruled */
    size_t count;
    struct change changes[]; /* ascending */
};

/* What is left to read, and where it began. */
struct cursor {
    const unsigned char *at, *start;
    size_t left;
};

struct header {
    int version; /* 1 to 4 */
    uint64_t isut, isstd, leap, times, types, chars;
};

static bool wrong(const struct cursor *in, struct wg_error *err, const char *what)
{
    return wg_fail(err, WG_E_BAD_INPUT, "time zone file, byte %zu: %s",
                   (size_t)(in->at - in->start), what);
}

static const unsigned char *take(struct cursor *in, size_t len)
{
    const unsigned char *at = in->at;
    in->at += len;
    in->left -= len;
    return at;
}

static uint64_t big_endian(const unsigned char *bytes, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) value = value << 8 | bytes[i];
    return value;
}

/* Two's complement of 4 or 8 bytes. */
static int64_t big_endian_signed(const unsigned char *bytes, size_t len)
{
    uint64_t value = big_endian(bytes, len), top = UINT64_C(1) << (8 * len - 1);
    if (value < top) return (int64_t)value;
    return -(int64_t)(top - 1 - (value - top)) - 1;
}

static bool read_header(struct cursor *in, struct header *out, struct wg_error *err)
{
    if (in->left < HEADER) return wrong(in, err, "cut short in a header");
    if (memcmp(in->at, "TZif", 4) != 0) return wrong(in, err, "expected \"TZif\"");
    unsigned char version = in->at[4];
    if (version != 0 && (version < '2' || version > '4'))
        return wrong(in, err, "expected version 1, 2, 3 or 4");
    const unsigned char *bytes = take(in, HEADER) + 20;
    *out = (struct header){.version = version ? version - '0' : 1,
                           .isut = big_endian(bytes, 4),
                           .isstd = big_endian(bytes + 4, 4),
                           .leap = big_endian(bytes + 8, 4),
                           .times = big_endian(bytes + 12, 4),
                           .types = big_endian(bytes + 16, 4),
                           .chars = big_endian(bytes + 20, 4)};
    return true;
}

/* Bytes of the block behind the header; every count is below 2^32, so nothing overflows. */
static uint64_t block_length(const struct header *header, size_t time_size)
{
    return header->times * (time_size + 1) + header->types * 6 + header->chars +
           header->leap * (time_size + 4) + header->isstd + header->isut;
}

static bool check_counts(const struct cursor *in, const struct header *header, size_t time_size,
                         struct wg_error *err)
{
    if (block_length(header, time_size) > in->left) return wrong(in, err, "cut short in a table");
    if (header->types == 0 || header->types > 256 || header->chars == 0)
        return wrong(in, err, "expected 1 to 256 types of local time, with names");
    if (header->leap != 0) return wrong(in, err, "counts leap seconds, as UTC here does not");
    if ((header->isut != 0 && header->isut != header->types) ||
        (header->isstd != 0 && header->isstd != header->types))
        return wrong(in, err, "expected an indicator for each type, or none");
    return true;
}

/* The types of local time lie behind the table of changes. */
static bool read_types(struct cursor *in, const struct header *header, int32_t *offsets,
                       struct wg_error *err)
{
    const unsigned char *names = in->at + header->types * 6;
    for (size_t i = 0; i < header->types; i++) {
        int64_t offset = big_endian_signed(in->at, 4);
        if (offset < OFFSET_MIN || offset > OFFSET_MAX)
            return wrong(in, err, "an offset beyond 26 hours");
        if (in->at[4] > 1) return wrong(in, err, "daylight time is neither 0 nor 1");
        if (in->at[5] >= header->chars ||
            !memchr(names + in->at[5], 0, (size_t)header->chars - in->at[5]))
            return wrong(in, err, "the name of a type lies outside the names");
        offsets[i] = (int32_t)offset;
        (void)take(in, 6);
    }
    return true;
}

/* The rest of the block, which says how its rules were once written: of no use here. */
static bool skip_indicators(struct cursor *in, const struct header *header, struct wg_error *err)
{
    (void)take(in, (size_t)header->chars);
    for (uint64_t left = header->isstd + header->isut; left > 0; left--, (void)take(in, 1))
        if (*in->at > 1) return wrong(in, err, "an indicator is neither 0 nor 1");
    return true;
}

static bool read_changes(struct cursor *in, const struct header *header, size_t time_size,
                         struct wg_tz *tz, struct wg_error *err)
{
    int32_t offsets[256] = {0};
    struct cursor times = *in;
    (void)take(in, (size_t)header->times * time_size);
    struct cursor indexes = *in;
    (void)take(in, (size_t)header->times);
    if (!read_types(in, header, offsets, err)) return false;
    tz->first = offsets[0];
    for (tz->count = 0; tz->count < header->times; tz->count++) {
        struct change *change = &tz->changes[tz->count];
        change->at = big_endian_signed(times.at, time_size);
        if (tz->count > 0 && change->at <= change[-1].at)
            return wrong(&times, err, "changes are not in order of time");
        if (*indexes.at >= header->types) return wrong(&indexes, err, "a type that is not there");
        change->offset = offsets[*take(&indexes, 1)];
        (void)take(&times, time_size);
    }
    return skip_indicators(in, header, err);
}

/* Of version 2 and up: a line that may be empty. */
static bool read_footer(struct cursor *in, struct wg_tz *tz, struct wg_error *err)
{
    if (in->left < 2 || *in->at != '\n') return wrong(in, err, "expected a footer");
    (void)take(in, 1);
    const unsigned char *end = memchr(in->at, '\n', in->left);
    if (!end) return wrong(in, err, "the footer has no end");
    size_t len = (size_t)(end - in->at);
    tz->ruled = len > 0;
    if (tz->ruled && !wg_tz_rule_parse((const char *)in->at, len, &tz->rule, err))
        return wg_context(err, "time zone file, footer at byte %zu", (size_t)(in->at - in->start));
    (void)take(in, len + 1);
    return true;
}

static bool read_block(struct cursor *in, const struct header *header, struct wg_tz *tz,
                       struct wg_error *err)
{
    if (!read_changes(in, header, header->version > 1 ? 8 : 4, tz, err)) return false;
    if (header->version > 1 && !read_footer(in, tz, err)) return false;
    return in->left == 0 || wrong(in, err, "bytes behind the end");
}

/* To the block that counts: of version 2 and up the second, with times of 64 bits. */
static bool find_block(struct cursor *in, struct header *header, struct wg_error *err)
{
    if (!read_header(in, header, err)) return false;
    if (header->version > 1) {
        int version = header->version;
        uint64_t skip = block_length(header, 4);
        if (skip > in->left) return wrong(in, err, "cut short in the first table");
        (void)take(in, (size_t)skip);
        if (!read_header(in, header, err)) return false;
        if (header->version != version) return wrong(in, err, "the headers' versions differ");
    }
    return check_counts(in, header, header->version > 1 ? 8 : 4, err);
}

struct wg_tz *wg_tz_parse(const char *bytes, size_t len, struct wg_error *err)
{
    struct cursor in = {(const unsigned char *)bytes, (const unsigned char *)bytes, len};
    struct header header = {0};
    if (len > WG_TZ_BYTES_MAX) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "time zone file: %zu bytes, more than %zu", len,
                      WG_TZ_BYTES_MAX);
        return NULL;
    }
    if (!find_block(&in, &header, err)) return NULL;
    struct wg_tz *tz = calloc(1, sizeof *tz + (size_t)header.times * sizeof tz->changes[0]);
    if (!tz) {
        (void)wg_fail_memory(err, "reading a time zone");
    } else if (!read_block(&in, &header, tz, err)) {
        wg_tz_free(tz);
        tz = NULL;
    }
    return tz;
}

struct wg_tz *wg_tz_utc(struct wg_error *err)
{
    struct wg_tz *tz = calloc(1, sizeof *tz);
    if (!tz) (void)wg_fail_memory(err, "making a time zone");
    return tz;
}

void wg_tz_free(struct wg_tz *tz)
{
    free(tz);
}

/* How many changes are at or before that second. */
static size_t changes_until(const struct wg_tz *tz, int64_t at)
{
    size_t low = 0, high = tz->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tz->changes[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* RFC 9636, 3.3: without a table the rule holds for all times. */
static int32_t offset_at(const struct wg_tz *tz, int64_t at)
{
    size_t passed = changes_until(tz, at);
    if (passed == tz->count && tz->ruled) return wg_tz_rule_offset(&tz->rule, at);
    return passed > 0 ? tz->changes[passed - 1].offset : tz->first;
}

/* The next second at which the offset may differ. */
static int64_t next_event(const struct wg_tz *tz, int64_t after)
{
    size_t passed = changes_until(tz, after);
    if (passed < tz->count) return tz->changes[passed].at;
    return tz->ruled ? wg_tz_rule_next(&tz->rule, after) : WG_TZ_NEVER;
}

static int64_t seconds_of(wg_time time)
{
    return time / WG_SECOND - (time % WG_SECOND < 0);
}

wg_duration wg_tz_offset(const struct wg_tz *tz, wg_time at)
{
    return tz ? offset_at(tz, seconds_of(at)) * WG_SECOND : 0;
}

wg_time wg_tz_next_change(const struct wg_tz *tz, wg_time after)
{
    if (!tz) return 0;
    int64_t start = seconds_of(after), last = start + WG_TZ_HORIZON / WG_SECOND;
    int32_t offset = offset_at(tz, start);
    if (last > INT64_MAX / WG_SECOND) last = INT64_MAX / WG_SECOND;
    for (int64_t at = next_event(tz, start); at <= last; at = next_event(tz, at))
        if (offset_at(tz, at) != offset) return at * WG_SECOND;
    return 0;
}
