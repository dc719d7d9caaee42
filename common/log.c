/* log.c: formats one logfmt line and writes it with one call.
 *
 * The line is made on the stack, so an error can be told when memory is out, and is no longer than
 * what a pipe takes in one piece (PIPE_BUF), so lines of several threads and processes do not mix.
 * A pair that no longer fits is left out, with all after it, and "cut=true" says so. */
#include "common/log.h"

#include "common/log_form.h"
#include "common/text.h"
#include "common/time.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096
#define VALUE_MAX LOG_VALUE_MAX
#define PAIRS_MAX 32

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
    _Atomic(enum wg_log_level) most; /* may change later */
    unsigned form;                   /* 0: logfmt; WG_LOG_JSON, WG_LOG_JOURNAL */
    int journal;                     /* socket, once it is wanted; -1 */
    struct sockaddr_un at;
    wg_log_tap_fn tap;
    void *tap_ctx;
} setup = {.program = "wavegate",
           .most = WG_LOG_INFO,
           .journal = -1,
           .at = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"}};

void wg_log_journal_at(const char *path)
{
    (void)wg_copy(setup.at.sun_path, sizeof setup.at.sun_path, path);
}

void wg_log_setup(const char *program, enum wg_log_level most)
{
    (void)wg_copy(setup.program, sizeof setup.program, program);
    wg_log_set(most);
    setup.form = (unsigned)most & ~(unsigned)WG_LOG_LEVELS;
    if (setup.form == WG_LOG_JOURNAL && setup.journal < 0)
        setup.journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void wg_log_set(enum wg_log_level most)
{
    setup.most = (enum wg_log_level)((unsigned)most & WG_LOG_LEVELS);
}

void wg_log_tap(wg_log_tap_fn tap, void *ctx)
{
    setup.tap = tap;
    setup.tap_ctx = ctx;
}

#ifdef WG_LOG_LINES_ALONE /* the small agent: supervisors of small systems take lines */
static bool form_parse(const char *text, unsigned *out)
{
    *out = 0;
    return !text[0] || strcmp(text, "logfmt") == 0;
}
#else
static bool form_parse(const char *text, unsigned *out)
{
    *out = strcmp(text, "json") == 0 ? WG_LOG_JSON : WG_LOG_JOURNAL;
    if (!text[0] || strcmp(text, "logfmt") == 0) *out = 0;
    return *out != WG_LOG_JOURNAL || strcmp(text, "journal") == 0;
}
#endif

bool wg_log_level_parse(const char *text, enum wg_log_level *out)
{
    unsigned form = 0;
    size_t len = strcspn(text, " ");
    if (text[len] == ' ' && (!text[len + 1] || !form_parse(text + len + 1, &form))) return false;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strlen(levels[i]) == len && strncmp(text, levels[i], len) == 0) {
            *out = (enum wg_log_level)(i | form);
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
static void write_line(const char *text, size_t len)
{
    ssize_t wrote;
    do {
        wrote = write(STDERR_FILENO, text, len);
    } while (wrote < 0 && errno == EINTR);
}

#ifdef WG_LOG_LINES_ALONE
static void tell(enum wg_log_level level, const struct log_pair *pairs, size_t count,
                 const struct line *line)
{
    (void)level;
    (void)pairs;
    (void)count;
    write_line(line->text, line->len);
}
#else
/* As syslog counts, and systemd. */
static int priority(enum wg_log_level level)
{
    static const int priorities[] = {3, 4, 6, 7};
    return priorities[level];
}

/* The message for people: what happened, and the pairs as in a line. */
static bool send_record(enum wg_log_level level, const struct log_pair *pairs, size_t count)
{
    char out[LOG_RECORD_BYTES];
    struct line message = {0};
    bool whole = put_text(&message, pairs[3].value);
    for (size_t i = 4; whole && i < count; i++)
        whole = put_pair(&message, pairs[i].key, pairs[i].value);
    message.text[message.len < LINE_BYTES ? message.len : LINE_BYTES - 1] = '\0';
    size_t len = log_form_journal(pairs, count, priority(level), message.text, out);
    return setup.journal >= 0 &&
           sendto(setup.journal, out, len, MSG_NOSIGNAL, (const struct sockaddr *)&setup.at,
                  sizeof setup.at) == (ssize_t)len;
}

/* Whoever has no journal gets the line. */
static void tell(enum wg_log_level level, const struct log_pair *pairs, size_t count,
                 const struct line *line)
{
    char out[LOG_FORM_BYTES];
    if (setup.form == WG_LOG_JOURNAL && send_record(level, pairs, count)) return;
    size_t len = setup.form == WG_LOG_JSON ? log_form_json(pairs, count, out) : 0;
    if (len)
        write_line(out, len);
    else
        write_line(line->text, line->len);
}
#endif

static void put_all(struct line *line, const struct log_pair *pairs, size_t count)
{
    bool whole = true;
    for (size_t i = 0; whole && i < count; i++)
        whole = put_pair(line, pairs[i].key, pairs[i].value);
    const char *tail = whole ? "\n" : cut_tail;
    memcpy(line->text + line->len, tail, strlen(tail));
    line->len += strlen(tail);
}

void wg_log(enum wg_log_level level, const char *what, ...)
{
    if (level > setup.most) return;
    int number = errno;
    struct line line = {0};
    char stamp[WG_TIME_TEXT];
    struct log_pair pairs[PAIRS_MAX] = {
        {"time", stamp}, {"level", levels[level]}, {"program", setup.program}, {"msg", what}};
    size_t count = 4;
    wg_time_text(wall_clock(), stamp);
    va_list args;
    va_start(args, what);
    for (const char *key; count < PAIRS_MAX && (key = va_arg(args, const char *)) != NULL;) {
        const char *value = va_arg(args, const char *);
        if (!value) break;
        pairs[count++] = (struct log_pair){key, value};
    }
    if (count == PAIRS_MAX && va_arg(args, const char *))
        pairs[count - 1] = (struct log_pair){"cut", "true"};
    va_end(args);
    put_all(&line, pairs, count);
    tell(level, pairs, count, &line);
    if (setup.tap) setup.tap(setup.tap_ctx, line.text, line.len);
    errno = number;
}

void wg_log_error(const char *what, const struct wg_error *err)
{
    wg_log(WG_LOG_ERROR, what, "error", err->text, NULL);
}
