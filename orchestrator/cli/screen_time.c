/* screen_time.c: times for people: where they are, and with the name of that zone. */
#include "orchestrator/cli/screen.h"

#include "common/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void screen_time_text(wg_time time, char out[SCREEN_TIME])
{
    time_t seconds = (time_t)(time / WG_SECOND);
    struct tm parts;
    if (time == 0 || !localtime_r(&seconds, &parts) ||
        strftime(out, SCREEN_TIME, "%Y-%m-%d %H:%M:%S %Z", &parts) == 0)
        (void)snprintf(out, SCREEN_TIME, "never");
}

void screen_time(struct screen *screen, wg_time time)
{
    char text[SCREEN_TIME];
    screen_time_text(time, text);
    screen_text(screen, "%s", text);
}

/* Day and hour; what follows them. NULL: there is no such time. */
static const char *read_parts(const char *text, struct tm *out)
{
    const char *rest = strptime(text, "%Y-%m-%d", out), *hour;
    if (!rest || out->tm_year < 70 || out->tm_year > 8099) return NULL;
    if (*rest == 'T' || *rest == ' ') {
        hour = strptime(rest + 1, "%H:%M:%S", out);
        if (!hour) hour = strptime(rest + 1, "%H:%M", out);
        if (hour) rest = hour;
    }
    return rest;
}

bool screen_time_read(const char *text, wg_time *out)
{
    struct tm parts = {.tm_isdst = -1}, made;
    const char *zone = read_parts(text, &parts);
    if (!zone) return false;
    zone += strspn(zone, " ");
    made = parts;
    time_t seconds = strcmp(zone, "UTC") == 0 ? timegm(&made) : mktime(&made);
    bool known = !*zone || strcmp(zone, "UTC") == 0 || strcmp(zone, made.tm_zone) == 0;
    if (!known || made.tm_mday != parts.tm_mday || seconds <= 0) return false;
    *out = (wg_time)seconds * WG_SECOND;
    return true;
}

/* Bytes of the time that the text begins with; 0: it begins with none. */
static size_t read_time(const char *text, wg_time *out)
{
    char word[WG_TIME_TEXT];
    size_t len = strspn(text, "0123456789-T:.Z");
    const char *end = memchr(text, 'Z', len);
    if (len < 20 || !end) return 0;
    len = (size_t)(end - text) + 1;
    if (!wg_copy_n(word, sizeof word, text, len) || !wg_time_parse(word, out) || *out == 0)
        return 0;
    return len;
}

void screen_time_local(const char *text, char *out, size_t size)
{
    size_t used = 0;
    bool inside = false; /* of a word that is no time alone */
    out[0] = '\0';
    while (*text && used + 1 < size) {
        wg_time time = 0;
        size_t len = isdigit((unsigned char)*text) && !inside ? read_time(text, &time) : 0;
        if (len > 0) {
            char local[SCREEN_TIME];
            screen_time_text(time, local);
            (void)snprintf(out + used, size - used, "%s", local);
            used += strlen(out + used);
            text += len;
            continue;
        }
        inside = isalnum((unsigned char)*text) || *text == '-' || *text == '_';
        out[used++] = *text++;
        out[used] = '\0';
    }
}
