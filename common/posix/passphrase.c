/* passphrase.c: reads a passphrase, without showing it. */
#include "common/posix/passphrase.h"

#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define CONTROL_C 0x03
#define CONTROL_D 0x04
#define CONTROL_H 0x08
#define CONTROL_U 0x15
#define RUBOUT 0x7f

void wg_passphrase_clear(struct wg_passphrase *passphrase)
{
    explicit_bzero(passphrase, sizeof *passphrase);
}

bool wg_secret_file_check(int fd, const char *path, struct wg_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return wg_fail_errno(err, "%s", path);
    if (!S_ISREG(info.st_mode))
        return wg_fail(err, WG_E_BAD_FILE, "%s: expected a regular file", path);
    return !wg_secret_is_open(path, &info) ||
           wg_fail(err, WG_E_DENIED, "%s: others may read this secret (mode %03o): chmod 600 it",
                   path, (unsigned)(info.st_mode & 0777));
}

static bool read_byte(int fd, const char *what, char *out, bool *end, struct wg_error *err)
{
    ssize_t got;
    do got = read(fd, out, 1);
    while (got < 0 && errno == EINTR);
    *end = got == 0;
    return got >= 0 || wg_fail_errno(err, "reading the %s", what);
}

static bool add_byte(struct wg_passphrase *to, char c, const char *what, struct wg_error *err)
{
    if (to->len == WG_PASSPHRASE_MAX)
        return wg_fail(err, WG_E_LIMIT, "the %s has more than %d bytes", what, WG_PASSPHRASE_MAX);
    to->text[to->len++] = c;
    return true;
}

static bool finish(struct wg_passphrase *passphrase, const char *what, struct wg_error *err)
{
    passphrase->text[passphrase->len] = '\0';
    return passphrase->len > 0 || wg_fail(err, WG_E_VERIFY, "the %s is empty", what);
}

/* Up to a newline or the end. */
static bool read_line(int fd, const char *what, struct wg_passphrase *out, struct wg_error *err)
{
    char c = 0;
    bool end = false;
    out->len = 0;
    for (;;) {
        if (!read_byte(fd, what, &c, &end, err)) return false;
        if (end || c == '\n') break;
        if (!add_byte(out, c, what, err)) return false;
    }
    if (out->len > 0 && out->text[out->len - 1] == '\r') out->len--;
    return finish(out, what, err);
}

/* The same from a terminal that gives every key at once. */
static bool read_typed(int fd, const char *what, struct wg_passphrase *out, struct wg_error *err)
{
    char c = 0;
    bool end = false;
    out->len = 0;
    for (;;) {
        if (!read_byte(fd, what, &c, &end, err)) return false;
        if (end || c == '\n' || c == '\r' || c == CONTROL_D) return finish(out, what, err);
        if (c == CONTROL_C) return wg_fail(err, WG_E_INTERRUPTED, "interrupted");
        if (c == CONTROL_U) {
            out->len = 0;
        } else if (c == CONTROL_H || c == RUBOUT) {
            if (out->len > 0) out->len--;
        } else if (!add_byte(out, c, what, err)) {
            return false;
        }
    }
}

static bool from_file(const char *path, const char *what, struct wg_passphrase *out,
                      struct wg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return wg_fail_errno(err, "%s: %s", what, path);
    bool ok = wg_secret_file_check(fd, path, err) && read_line(fd, what, out, err);
    (void)close(fd);
    return ok;
}

static bool say(int fd, const char *text)
{
    return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Without echo; Ctrl-C comes as a byte, so that the terminal is put back before we end. */
static bool from_terminal(const char *what, struct wg_passphrase *out, struct wg_error *err)
{
    struct termios before, quiet;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0) (void)close(fd);
        return wg_fail(err, WG_E_DENIED,
                       "%s: there is no terminal to ask on; give it by a file or a descriptor",
                       what);
    }
    quiet = before;
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    quiet.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ISIG | ICANON);
    bool ok = tcsetattr(fd, TCSAFLUSH, &quiet) == 0 && say(fd, what) && say(fd, ": ");
    if (!ok) (void)wg_fail_errno(err, "asking for the %s", what);
    ok = ok && read_typed(fd, what, out, err);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)say(fd, "\n");
    (void)close(fd);
    return ok;
}

bool wg_passphrase_read(const struct wg_passphrase_source *source, const char *what,
                        struct wg_passphrase *out, struct wg_error *err)
{
    if (source->kept && source->kept->len > 0) {
        *out = *source->kept;
        return true;
    }
    bool ok = source->file      ? from_file(source->file, what, out, err)
              : source->fd >= 0 ? read_line(source->fd, what, out, err)
              : source->ask     ? from_terminal(what, out, err)
                            : wg_fail(err, WG_E_DENIED, "the %s is needed and was not given", what);
    if (ok && source->kept) *source->kept = *out;
    if (!ok) wg_passphrase_clear(out);
    return ok;
}
