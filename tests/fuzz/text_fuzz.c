/* text_fuzz.c: the small readers of common/: names, topics, times, durations, hex, globs, states,
 * distances. */
#include "common/message.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#define GLOB_STEPS 100000

static void read_topic(const char *text)
{
    enum wg_topic topic = WG_TOPICS;
    char device[WG_NAME_MAX + 1], again[WG_TOPIC_MAX];
    if (!wg_topic_parse(text, &topic, device)) return;
    MUST(wg_name_is_valid(device), "the device \"%s\" has no valid name", device);
    MUST(wg_topic_make(topic, device, again) && strcmp(again, text) == 0, "\"%s\" became \"%s\"",
         text, again);
}

static void read_time(const char *text)
{
    wg_time time = 0, back = 0;
    char again[WG_TIME_TEXT];
    if (!wg_time_parse(text, &time)) return;
    wg_time_text(time, again);
    MUST(wg_time_parse(again, &back) && back == time, "\"%s\" became \"%s\"", text, again);
}

static void read_duration(const char *text)
{
    wg_duration duration = 0, back = 0;
    char again[WG_TIME_TEXT];
    if (!wg_duration_parse(text, &duration)) return;
    MUST(duration >= 0 && duration <= WG_DURATION_MAX, "%lld ms", (long long)duration);
    wg_duration_text(duration, again);
    MUST(wg_duration_parse(again, &back) && back == duration, "\"%s\" became \"%s\"", text, again);
    wg_duration_words(duration, again);
}

static void read_hex(const char *text)
{
    uint8_t bytes[64];
    char again[2 * sizeof bytes + 1];
    size_t len = strlen(text) / 2;
    if (len > sizeof bytes || !wg_unhex(text, bytes, len)) return;
    wg_hex(bytes, len, again);
    MUST(strcmp(again, text) == 0, "\"%s\" became \"%s\"", text, again);
}

static void read_words(const char *text)
{
    enum wg_state state = WG_STATES;
    enum wg_cause cause = WG_CAUSES;
    if (wg_state_parse(text, &state))
        MUST(strcmp(wg_state_text(state), text) == 0, "state \"%s\"", text);
    if (wg_cause_parse(text, &cause))
        MUST(strcmp(wg_cause_text(cause), text) == 0, "cause \"%s\"", text);
}

/* The meaning of a glob, as slow as it is plain; steps run out before it could matter. */
static bool glob(const char *pattern, const char *text, long *steps)
{
    if (--*steps < 0) return false;
    if (*pattern == '\0') return *text == '\0';
    if (*pattern == '*')
        return glob(pattern + 1, text, steps) || (*text && glob(pattern, text + 1, steps));
    return *text && (*pattern == '?' || *pattern == *text) && glob(pattern + 1, text + 1, steps);
}

static void compare(const char *a, const char *b)
{
    char copy[24];
    long steps = GLOB_STEPS;
    bool match = wg_glob_match(a, b), expected = glob(a, b, &steps);
    MUST(steps < 0 || match == expected, "\"%s\" and \"%s\"", a, b);
    size_t there = wg_text_distance(a, b, 3), back = wg_text_distance(b, a, 3);
    MUST(there == back && (there == 0) == (strcmp(a, b) == 0 && strlen(a) <= 64), "%zu and %zu",
         there, back);
    bool whole = wg_copy(copy, sizeof copy, a);
    MUST(whole == (strlen(a) < sizeof copy) && strncmp(a, copy, strlen(copy)) == 0, "\"%s\"", copy);
    MUST(!wg_text_is_utf8(a, strlen(a)) || wg_text_is_utf8(copy, strlen(copy)),
         "\"%s\" was cut inside a character", a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *before = target_text(NULL, 0);
    for (char *line; (line = target_line(&data, &size));) {
        read_topic(line);
        read_time(line);
        read_duration(line);
        read_hex(line);
        read_words(line);
        compare(before, line);
        free(before);
        before = line;
    }
    free(before);
    return 0;
}
