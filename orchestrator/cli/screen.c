/* screen.c: output for people. */
#include "orchestrator/cli/screen.h"

#include "common/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SCREEN_TEXT_MAX ((size_t)256 * 1024 * 1024)

static const char *const colours[] = {
    [SCREEN_PLAIN] = "",        [SCREEN_GOOD] = "\033[32m", [SCREEN_BAD] = "\033[31m",
    [SCREEN_BUSY] = "\033[36m", [SCREEN_DIM] = "\033[2m",   [SCREEN_BOLD] = "\033[1m"};

void screen_init(struct screen *screen, bool json)
{
    struct winsize size;
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    *screen = (struct screen){.json = json, .width = 80};
    screen->terminal = isatty(STDOUT_FILENO) == 1;
    screen->colour =
        screen->terminal && !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
    if (screen->terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        screen->width = size.ws_col;
    wg_buf_init(&screen->text, SCREEN_TEXT_MAX);
}

void screen_clear(struct screen *screen)
{
    wg_buf_clear(&screen->text);
}

static void add_args(struct screen *screen, const char *format, va_list args)
{
    char line[4096];
    (void)vsnprintf(line, sizeof line, format, args);
    wg_text_tame(line); /* words of devices and people are among them */
    wg_buf_text(&screen->text, line);
}

void screen_text(struct screen *screen, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_args(screen, format, args);
    va_end(args);
}

void screen_coloured(struct screen *screen, enum screen_colour colour, const char *format, ...)
{
    va_list args;
    bool on = screen->colour && colour != SCREEN_PLAIN;
    if (on) wg_buf_text(&screen->text, colours[colour]);
    va_start(args, format);
    add_args(screen, format, args);
    va_end(args);
    if (on) wg_buf_text(&screen->text, "\033[0m");
}

static size_t cells_of(size_t cells, int64_t part, int64_t total)
{
    if (part <= 0 || total <= 0) return 0;
    size_t n = (size_t)((int64_t)cells * part / total);
    return n > 0 ? n : 1;
}

static void add_cells(struct screen *screen, enum screen_colour colour, const char *cell, size_t n)
{
    char run[512] = "";
    size_t used = 0, len = strlen(cell);
    for (; n > 0 && used + len < sizeof run; n--, used += len) memcpy(run + used, cell, len + 1);
    if (used > 0) screen_coloured(screen, colour, "%s", run);
}

void screen_bar(struct screen *screen, size_t cells, int64_t done, int64_t failed, int64_t busy,
                int64_t total)
{
    size_t bad = cells_of(cells, failed, total), moving = cells_of(cells, busy, total);
    size_t good = cells_of(cells, done, total);
    /* each part that is there shows at least one cell; the largest gives way */
    while (good + bad + moving > cells) {
        if (good >= bad && good >= moving)
            good--;
        else if (moving >= bad)
            moving--;
        else
            bad--;
    }
    add_cells(screen, SCREEN_GOOD, "#", good);
    add_cells(screen, SCREEN_BAD, "x", bad);
    add_cells(screen, SCREEN_BUSY, ">", moving);
    add_cells(screen, SCREEN_DIM, ".", cells - good - bad - moving);
}

static void local_time(wg_time time, char *out, size_t size)
{
    time_t seconds = (time_t)(time / WG_SECOND);
    struct tm parts;
    if (time == 0 || !localtime_r(&seconds, &parts) ||
        strftime(out, size, "%Y-%m-%d %H:%M:%S %Z", &parts) == 0)
        (void)snprintf(out, size, "never");
}

void screen_time(struct screen *screen, wg_time time)
{
    char text[64];
    local_time(time, text, sizeof text);
    wg_buf_text(&screen->text, text);
}

static bool write_all(const char *data, size_t len, struct wg_error *err)
{
    while (len > 0) {
        ssize_t wrote = write(STDOUT_FILENO, data, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return wg_fail_errno(err, "writing to standard output");
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

bool screen_flush(struct screen *screen, struct wg_error *err)
{
    bool ok = wg_buf_check(&screen->text, err, "output") &&
              write_all(wg_buf_str(&screen->text), screen->text.len, err);
    wg_buf_clear(&screen->text);
    return ok;
}

bool screen_frame(struct screen *screen, struct wg_error *err)
{
    char up[32] = "";
    size_t lines = 0;
    for (size_t i = 0; i < screen->text.len; i++) lines += screen->text.data[i] == '\n';
    if (screen->lines_shown > 0)
        (void)snprintf(up, sizeof up, "\033[%zuA\033[J", screen->lines_shown);
    screen->lines_shown = lines;
    return write_all(up, strlen(up), err) && screen_flush(screen, err);
}

bool screen_json(json_t *value, struct wg_error *err)
{
    char *text = value ? json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    json_decref(value);
    if (!text) return wg_fail_memory(err, "writing JSON");
    bool ok = write_all(text, strlen(text), err) && write_all("\n", 1, err);
    free(text);
    return ok;
}

json_t *screen_json_time(wg_time time)
{
    char text[WG_TIME_TEXT];
    if (time == 0) return json_null();
    wg_time_text(time, text);
    return json_string(text);
}
