/* history.c: lines in a buffer. */
#include "tests/sim/run/history.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_TEXT 600
#define WORD_ENDS " ,:;=()[]\n"

void history_init(struct history *history, wg_time start)
{
    history->start = start;
    history->lines = 0;
    wg_buf_init(&history->text, HISTORY_MAX);
}

void history_clear(struct history *history)
{
    wg_buf_clear(&history->text);
}

void history_time(wg_duration since, char out[HISTORY_TIME])
{
    long long ms = since;
    (void)snprintf(out, HISTORY_TIME, "%lldd %02lld:%02lld:%02lld.%03lld", ms / WG_DAY,
                   ms / WG_HOUR % 24, ms / WG_MINUTE % 60, ms / WG_SECOND % 60, ms % 1000);
}

void history_add(struct history *history, wg_time now, const char *who, const char *format, ...)
{
    char line[LINE_MAX_TEXT], time[HISTORY_TIME];
    va_list args;
    va_start(args, format);
    (void)wg_format_args(line, sizeof line, format, args);
    va_end(args);
    history_time(now - history->start, time);
    wg_buf_printf(&history->text, "%s %s %s\n", time, who, line);
    history->lines++;
}

static bool names(const char *line, size_t len, const char *word)
{
    size_t word_len = strlen(word);
    for (size_t i = 0; i + word_len <= len; i++) {
        bool starts = i == 0 || strchr(WORD_ENDS, line[i - 1]);
        bool ends = i + word_len == len || strchr(WORD_ENDS, line[i + word_len]);
        if (starts && ends && strncmp(line + i, word, word_len) == 0) return true;
    }
    return false;
}

static bool names_any(const char *line, size_t len, const char *const *words)
{
    if (!words) return true;
    for (; *words; words++)
        if (names(line, len, *words)) return true;
    return false;
}

void history_print(const struct history *history, const char *const *words, size_t most, FILE *out)
{
    const char *text = wg_buf_str(&history->text);
    size_t found = 0, skipped = 0;
    for (const char *at = text; *at; at = strchr(at, '\n') + 1)
        found += names_any(at, strcspn(at, "\n"), words);
    for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
        size_t len = strcspn(at, "\n");
        if (!names_any(at, len, words)) continue;
        if (most > 0 && found - skipped > most) {
            skipped++;
            continue;
        }
        (void)fprintf(out, "  %.*s\n", (int)len, at);
    }
    if (skipped) (void)fprintf(out, "  (%zu lines before these are left out)\n", skipped);
}

bool history_digest(const struct history *history, char out[WG_SHA256_HEX], struct wg_error *err)
{
    return wg_sha256_of(wg_buf_str(&history->text), history->text.len, out, err);
}
