/* tz_fuzz.c: time zone files, the rules in their footers, and windows in any zone that is read. The
 * bytes are tried as a file, and as a rule alone, which becomes a file's footer. */
#include "common/tz.h"
#include "common/tz_rule.h"
#include "common/window.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define STEPS_MAX 40
/* reserved bytes and three counts of nothing; then come changes, types and names */
#define EMPTY_HEADER "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

/* A change at 0 itself cannot be told from none, so no look begins before it. */
static const wg_time starts[] = {INT64_MIN / 2,          0,
                                 INT64_C(1774746000000), /* 2026-03-29T01:00Z */
                                 INT64_C(1792890000000), /* 2026-10-25T01:00Z */
                                 INT64_C(4102444800000), INT64_MAX / 2};

static void offset_is_sound(const struct wg_tz *tz, wg_time at)
{
    wg_duration offset = wg_tz_offset(tz, at);
    MUST(offset > -26 * WG_HOUR && offset < 26 * WG_HOUR, "%lld at %lld", (long long)offset,
         (long long)at);
}

static void changes_are_sound(const struct wg_tz *tz, wg_time from)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        wg_time change = wg_tz_next_change(tz, from);
        wg_time until = change ? change : from + WG_TZ_HORIZON;
        offset_is_sound(tz, from);
        MUST(wg_tz_offset(tz, (from / 2) + (until / 2)) == wg_tz_offset(tz, from), "%lld to %lld",
             (long long)from, (long long)until);
        if (change == 0) return;
        MUST(change > from && change - from <= WG_TZ_HORIZON, "%lld after %lld", (long long)change,
             (long long)from);
        MUST(wg_tz_offset(tz, change) != wg_tz_offset(tz, change - 1) &&
                 wg_tz_offset(tz, change - 1) == wg_tz_offset(tz, from),
             "%lld after %lld", (long long)change, (long long)from);
        from = change;
    }
}

static void windows_are_sound(const struct wg_tz *tz, wg_time now)
{
    static const struct wg_windows windows = {
        .count = 3, .items = {{0x7f, 120, 180}, {0x20, 1410, 30}, {0x40, 0, 1440}}};
    bool open = wg_windows_open(&windows, tz, now);
    wg_time next = wg_windows_next(&windows, tz, now);
    wg_time closes = wg_windows_closes(&windows, tz, now);
    MUST(!open || next == now, "open, and next is %lld", (long long)next);
    MUST(open || closes == 0, "closed, and closes at %lld", (long long)closes);
    if (next > 0)
        MUST(next >= now && wg_windows_open(&windows, tz, next) &&
                 (open || !wg_windows_open(&windows, tz, next - 1)),
             "%lld opens at %lld", (long long)now, (long long)next);
    if (closes > 0)
        MUST(closes > now && !wg_windows_open(&windows, tz, closes) &&
                 wg_windows_open(&windows, tz, closes - 1),
             "%lld closes at %lld", (long long)now, (long long)closes);
    char words[WG_WINDOWS_WORDS];
    wg_windows_words(&windows, tz, now, words);
    target_shown(words, strlen(words));
}

static void read_file(const char *bytes, size_t len)
{
    struct wg_error err = {0};
    struct wg_tz *tz = wg_tz_parse(bytes, len, &err);
    if (!tz) {
        target_refused(&err);
        return;
    }
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        changes_are_sound(tz, starts[i]);
        if (starts[i] < 0 || starts[i] == INT64_MAX / 2) continue;
        wg_time change = wg_tz_next_change(tz, starts[i]);
        windows_are_sound(tz, starts[i]);
        if (change > WG_HOUR) windows_are_sound(tz, change - WG_HOUR);
    }
    wg_tz_free(tz);
}

/* A rule that is read is a footer; what is no rule is no footer. */
static void read_rule(const char *text, size_t len)
{
    static const char head[] = "TZif3" EMPTY_HEADER "\0\0\0\0\0\0\0\0\0\0\0\0"
                               "TZif3" EMPTY_HEADER "\0\0\0\0\0\0\0\1\0\0\0\1"
                               "\0\0\0\0\0\0\0\n";
    struct wg_error err = {0};
    struct wg_tz_rule rule;
    struct wg_buf file;
    bool is_rule = wg_tz_rule_parse(text, len, &rule, &err);
    if (!is_rule) target_refused(&err);
    wg_buf_init(&file, WG_TZ_BYTES_MAX);
    wg_buf_add(&file, head, sizeof head - 1);
    wg_buf_add(&file, text, len);
    wg_buf_char(&file, '\n');
    struct wg_tz *tz = wg_tz_parse(file.data, file.len, &err);
    MUST(len == 0 || (tz != NULL) == is_rule, "%s", err.text);
    wg_tz_free(tz);
    if (is_rule) read_file(file.data, file.len);
    wg_buf_clear(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = target_text(data, size);
    read_file(text, size);
    read_rule(text, size);
    free(text);
    return 0;
}
