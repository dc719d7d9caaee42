/* log.c: formats one logfmt line and writes it with one call. */
#include "common/log.h"

#include "common/buf.h"
#include "common/text.h"
#include "common/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define VALUE_MAX 1024

static const char *const levels[] = {[WG_LOG_ERROR] = "error",
                                     [WG_LOG_WARN] = "warn",
                                     [WG_LOG_INFO] = "info",
                                     [WG_LOG_DEBUG] = "debug"};

/* The one global state of the project: who logs, and how much. */
static struct {
    char program[32];
    enum wg_log_level most;
} setup = {"wavegate", WG_LOG_INFO};

void wg_log_setup(const char *program, enum wg_log_level most)
{
    (void)wg_copy(setup.program, sizeof setup.program, program);
    setup.most = most;
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

static bool is_plain(const char *value)
{
    if (!*value) return false;
    for (; *value; value++)
        if ((unsigned char)*value <= ' ' || *value == '"' || *value == '=' || *value == '\\' ||
            *value == 0x7f)
            return false;
    return true;
}

static void add_value(struct wg_buf *line, const char *value)
{
    if (is_plain(value)) {
        wg_buf_add(line, value, strnlen(value, VALUE_MAX));
        return;
    }
    wg_buf_char(line, '"');
    for (size_t i = 0; value[i] && i < VALUE_MAX; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c == '"' || c == '\\')
            wg_buf_printf(line, "\\%c", c);
        else if (c == '\n')
            wg_buf_text(line, "\\n");
        else if (c < ' ' || c == 0x7f)
            wg_buf_printf(line, "\\x%02x", c);
        else
            wg_buf_char(line, (char)c);
    }
    wg_buf_char(line, '"');
}

void wg_log(enum wg_log_level level, const char *what, ...)
{
    if (level > setup.most) return;
    struct wg_buf line;
    struct timespec now = {0};
    char stamp[WG_TIME_TEXT];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    wg_time_text((wg_time)now.tv_sec * WG_SECOND + now.tv_nsec / 1000000, stamp);
    wg_buf_init(&line, LINE_MAX_BYTES);
    wg_buf_printf(&line, "time=%s level=%s program=%s msg=", stamp, levels[level], setup.program);
    add_value(&line, what);
    va_list args;
    va_start(args, what);
    for (const char *key; (key = va_arg(args, const char *)) != NULL;) {
        const char *value = va_arg(args, const char *);
        if (!value) break;
        wg_buf_printf(&line, " %s=", key);
        add_value(&line, value);
    }
    va_end(args);
    wg_buf_char(&line, '\n');
    if (line.data && write(STDERR_FILENO, line.data, line.len) < 0) {
        /* nowhere left to say so */
    }
    wg_buf_clear(&line);
}

void wg_log_error(const char *what, const struct wg_error *err)
{
    wg_log(WG_LOG_ERROR, what, "error", err->text, NULL);
}
