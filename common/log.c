/* log.c: formats one logfmt line and writes it with one call.
 *
 * The line is made on the stack, so an error can be told when memory is out, and is no longer than
 * what a pipe takes in one piece (PIPE_BUF), so lines of several threads and processes do not mix.
 * A pair that no longer fits is left out, with all after it, and "cut=true" says so. */
#include "common/log.h"

#include "common/text.h"
#include "common/time.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096
#define VALUE_MAX 1024 /* bytes of a value that are looked at */

static const char cut_tail[] = " cut=true\n";

struct line {
    size_t len;
    char text[LINE_BYTES];
};

static const char *const levels[] = {[WG_LOG_ERROR] = "error",
                                     [WG_LOG_WARN] = "warn",
                                     [WG_LOG_INFO] = "info",
                                     [WG_LOG_DEBUG] = "debug"};

/* The one global state of the project: who logs, how much, and who else gets it. Set before the
 * first thread. */
static struct {
    char program[32];
    enum wg_log_level most;
    wg_log_tap_fn tap;
    void *tap_ctx;
} setup = {.program = "wavegate", .most = WG_LOG_INFO};

void wg_log_setup(const char *program, enum wg_log_level most)
{
    (void)wg_copy(setup.program, sizeof setup.program, program);
    setup.most = most;
}

void wg_log_tap(wg_log_tap_fn tap, void *ctx)
{
    setup.tap = tap;
    setup.tap_ctx = ctx;
}

bool wg_log_level_parse(const char *text, enum wg_log_level *out)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(text, levels[i]) == 0) {
            *out = (enum wg_log_level)i;
            return true;
        }
    return false;
}

/* All of text or nothing; the last bytes of the line are kept for its end. */
static bool put(struct line *line, const char *text, size_t len)
{
    if (len > sizeof line->text - strlen(cut_tail) - line->len) return false;
    memcpy(line->text + line->len, text, len);
    line->len += len;
    return true;
}

static bool put_text(struct line *line, const char *text)
{
    return put(line, text, strlen(text));
}

static bool is_plain(const char *value)
{
    if (!*value) return false;
    for (; *value; value++)
        if (*value <= ' ' || *value >= 0x7f || strchr("\"=\\", *value)) return false;
    return true;
}

/* May bytes above ASCII stand as they are? Not when they are no UTF-8, nor when they hold one of
 * the two-byte control characters (U+0080 to U+009F), which terminals obey. */
static bool is_printable_utf8(const char *value)
{
    for (const char *c = value; *c; c++)
        if ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] < 0xa0) return false;
    return wg_text_is_utf8(value, strlen(value));
}

static bool put_byte(struct line *line, char c, bool utf8)
{
    unsigned char byte = (unsigned char)c;
    char hex[] = "\\x00";
    if (c == '\n') return put_text(line, "\\n");
    if (c == '"' || c == '\\') return put(line, "\\", 1) && put(line, &c, 1);
    if (byte >= ' ' && byte != 0x7f && (byte < 0x80 || utf8)) return put(line, &c, 1);
    wg_hex(&byte, 1, hex + 2);
    return put_text(line, hex);
}

static bool put_value(struct line *line, const char *value)
{
    char text[VALUE_MAX + 1];
    bool whole = wg_copy(text, sizeof text, value);
    if (whole && is_plain(text)) return put_text(line, text);
    bool utf8 = is_printable_utf8(text);
    if (!put_text(line, "\"")) return false;
    for (const char *c = text; *c; c++)
        if (!put_byte(line, *c, utf8)) return false;
    return put_text(line, whole ? "\"" : "...\"");
}

/* " key=value", whole or not at all. */
static bool put_pair(struct line *line, const char *key, const char *value)
{
    size_t before = line->len;
    if (put_text(line, before > 0 ? " " : "") && put_text(line, key) && put_text(line, "=") &&
        put_value(line, value))
        return true;
    line->len = before;
    return false;
}

static wg_time wall_clock(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (wg_time)now.tv_sec * WG_SECOND + now.tv_nsec / 1000000;
}

/* A log that cannot be written has nowhere to say so. */
static void end_line(struct line *line, bool whole)
{
    const char *tail = whole ? "\n" : cut_tail;
    ssize_t wrote;
    memcpy(line->text + line->len, tail, strlen(tail));
    line->len += strlen(tail);
    do {
        wrote = write(STDERR_FILENO, line->text, line->len);
    } while (wrote < 0 && errno == EINTR);
    if (setup.tap) setup.tap(setup.tap_ctx, line->text, line->len);
}

void wg_log(enum wg_log_level level, const char *what, ...)
{
    if (level > setup.most) return;
    int number = errno;
    struct line line = {0};
    char stamp[WG_TIME_TEXT];
    wg_time_text(wall_clock(), stamp);
    bool whole = put_pair(&line, "time", stamp) && put_pair(&line, "level", levels[level]) &&
                 put_pair(&line, "program", setup.program) && put_pair(&line, "msg", what);
    va_list args;
    va_start(args, what);
    for (const char *key; whole && (key = va_arg(args, const char *)) != NULL;) {
        const char *value = va_arg(args, const char *);
        if (!value) break;
        whole = put_pair(&line, key, value);
    }
    va_end(args);
    end_line(&line, whole);
    errno = number;
}

void wg_log_error(const char *what, const struct wg_error *err)
{
    wg_log(WG_LOG_ERROR, what, "error", err->text, NULL);
}
