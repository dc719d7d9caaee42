/* records.c: appends under a lock, durably. */
#include "pki/enrol/records.h"

#include "common/buf.h"
#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL 4096 /* more than a line has */
#define LINE_MAX_BYTES ((size_t)4000)
#define OPEN_TRIES 16

/* The file of that name, locked: it may have been renamed while the lock was waited for. */
static int open_locked(const char *file, struct wg_error *err)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        struct stat mine, named;
        int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &mine) != 0) {
            (void)wg_fail_errno(err, "%s", file);
            if (fd >= 0) (void)close(fd);
            return -1;
        }
        if (stat(file, &named) == 0 && named.st_ino == mine.st_ino && named.st_dev == mine.st_dev)
            return fd;
        (void)close(fd);
    }
    (void)wg_fail(err, WG_E_CONFLICT, "%s: is renamed again and again", file);
    return -1;
}

/* Where the next line begins; -1: it cannot be read. */
static off_t end_of_lines(int fd)
{
    char tail[TAIL];
    off_t end = lseek(fd, 0, SEEK_END);
    off_t from = end > TAIL ? end - TAIL : 0;
    if (end <= 0) return end;
    ssize_t got = pread(fd, tail, (size_t)(end - from), from);
    if (got != end - from) return -1;
    while (got > 0 && tail[got - 1] != '\n') got--;
    return from + got;
}

static bool write_at(int fd, const char *data, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t wrote = pwrite(fd, data, len, at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        data += wrote;
        at += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool sync_folder(const char *file, struct wg_error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(file, '/');
    size_t len = slash ? (size_t)(slash - file) : 0;
    if (!slash) return wg_folder_sync(".", err);
    if (len >= sizeof folder) return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", file);
    memcpy(folder, file, len);
    folder[len] = '\0';
    return wg_folder_sync(len ? folder : "/", err);
}

bool records_append(const char *file, const char *record, struct wg_error *err)
{
    struct wg_buf line;
    if (strchr(record, '\n') || strlen(record) >= LINE_MAX_BYTES)
        return wg_fail(err, WG_E_LIMIT, "%s: a record is one line, and not longer than %zu bytes",
                       file, LINE_MAX_BYTES);
    int fd = open_locked(file, err);
    if (fd < 0) return false;
    wg_buf_init(&line, TAIL);
    wg_buf_printf(&line, "%s\n", record);
    off_t at = end_of_lines(fd);
    bool ok = wg_buf_check(&line, err, "a record");
    if (ok && (at < 0 || ftruncate(fd, at) != 0 || !write_at(fd, line.data, line.len, at) ||
               fsync(fd) != 0))
        ok = wg_fail_errno(err, "writing %s", file);
    wg_buf_clear(&line);
    (void)close(fd);
    return ok && (at > 0 || sync_folder(file, err));
}
