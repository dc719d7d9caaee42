/* screen.c: output for people. */
#include "orchestrator/cli/screen.h"

#include "common/text.h"
#include "orchestrator/cli/pager.h"

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

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

/* Can be drawn over. */
static bool is_live(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) == 1 && term && *term && strcmp(term, "dumb") != 0;
}

/* https://no-color.org, https://bixense.com/clicolors */
bool screen_wants_colour(int fd)
{
    const char *force = getenv("CLICOLOR_FORCE");
    if (is_set("NO_COLOR")) return false;
    return is_live(fd) || (force && *force && strcmp(force, "0") != 0);
}

void screen_init(struct screen *screen, enum screen_form form, bool pages)
{
    *screen = (struct screen){.json = form == SCREEN_JSON,
                              .csv = form == SCREEN_CSV,
                              .quiet = form == SCREEN_QUIET,
                              .width = 80,
                              .height = 24};
    screen->terminal = isatty(STDOUT_FILENO) == 1;
    screen->live = is_live(STDOUT_FILENO);
    screen->colour = screen_wants_colour(STDOUT_FILENO);
    screen->pages = pages && screen->live && form == SCREEN_TEXT;
    screen_measure(screen);
    wg_buf_init(&screen->text, SCREEN_TEXT_MAX);
}

void screen_measure(struct screen *screen)
{
    struct winsize size;
    if (!screen->terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
    if (size.ws_col > 0) screen->width = size.ws_col;
    if (size.ws_row > 0) screen->height = size.ws_row;
}

/* Text for people has a place in the result. */
static bool speaks(const struct screen *screen)
{
    return !screen->csv && !screen->quiet;
}

void screen_clear(struct screen *screen)
{
    wg_buf_clear(&screen->text);
}

static void add_args(struct screen *screen, bool local, const char *format, va_list args)
{
    char line[4096], shown[4096];
    (void)vsnprintf(line, sizeof line, format, args);
    wg_text_tame(line); /* words of devices and people are among them */
    if (local) screen_time_local(line, shown, sizeof shown);
    wg_buf_text(&screen->text, local ? shown : line);
}

void screen_text(struct screen *screen, const char *format, ...)
{
    va_list args;
    if (!speaks(screen)) return;
    va_start(args, format);
    add_args(screen, true, format, args);
    va_end(args);
}

void screen_line(struct screen *screen, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_args(screen, false, format, args);
    va_end(args);
    wg_buf_char(&screen->text, '\n');
}

void screen_foreign(struct screen *screen, const char *text, size_t len)
{
    char line[1024];
    while (speaks(screen) && len > 0) {
        size_t part = len < sizeof line ? len : sizeof line - 1;
        (void)wg_copy_n(line, sizeof line, text, part);
        wg_text_tame(line);
        wg_buf_text(&screen->text, line);
        text += part;
        len -= part;
    }
}

void screen_coloured(struct screen *screen, enum screen_colour colour, const char *format, ...)
{
    va_list args;
    bool on = screen->colour && colour != SCREEN_PLAIN;
    if (!speaks(screen)) return;
    if (on) wg_buf_text(&screen->text, colours[colour]);
    va_start(args, format);
    add_args(screen, true, format, args);
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

static size_t lines_of(const struct wg_buf *text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->len; i++) lines += text->data[i] == '\n';
    return lines;
}

bool screen_flush(struct screen *screen, struct wg_error *err)
{
    const char *text = wg_buf_str(&screen->text);
    size_t len = screen->text.len;
    bool ok = wg_buf_check(&screen->text, err, "output");
    bool pages = screen->pages && lines_of(&screen->text) >= screen->height;
    if (ok && !(pages && pager_show(text, len))) ok = write_all(text, len, err);
    wg_buf_clear(&screen->text);
    return ok;
}

/* Rows that the first line of the text takes on the terminal; *len: its bytes. */
static size_t rows_of(const struct screen *screen, const char *text, size_t *len)
{
    size_t columns = 0, at = 0;
    for (; text[at] && text[at] != '\n'; at++) {
        if (text[at] == '\033') {
            at += strcspn(text + at, "m"); /* a colour */
            if (!text[at]) break;
        } else {
            columns += ((unsigned char)text[at] & 0xc0) != 0x80;
        }
    }
    *len = at + (text[at] == '\n');
    size_t width = screen->width > 0 ? screen->width : 1;
    return columns > width ? (columns + width - 1) / width : 1;
}

bool screen_frame(struct screen *screen, struct wg_error *err)
{
    char up[32] = "";
    size_t rows = 0, used = 0;
    const char *text = wg_buf_str(&screen->text);
    /* the cursor goes up no further than the terminal is long */
    while (used < screen->text.len) {
        size_t len, more = rows_of(screen, text + used, &len);
        if (rows + more >= screen->height) break;
        rows += more;
        used += len;
    }
    if (screen->lines_shown > 0)
        (void)snprintf(up, sizeof up, "\033[%zuA\033[J", screen->lines_shown);
    screen->lines_shown = rows;
    bool ok = wg_buf_check(&screen->text, err, "output") && write_all(up, strlen(up), err) &&
              write_all(text, used, err);
    if (ok && screen->colour && used < screen->text.len) ok = write_all("\033[0m", 4, err);
    wg_buf_clear(&screen->text);
    return ok;
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
