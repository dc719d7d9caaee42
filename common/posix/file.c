/* file.c: whole files, paths and clocks of a POSIX system. */
#include "common/posix/file.h"

#include "common/identity_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536
#define KEY_FILE_MAX 4096 /* bytes; comments may stand around a key */

static bool read_all(int fd, struct wg_buf *out)
{
    char chunk[CHUNK];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) return true;
        wg_buf_add(out, chunk, (size_t)got);
        if (out->failed) return true;
    }
}

bool wg_file_read(const char *path, struct wg_buf *out, struct wg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = read_all(fd, out) || wg_fail_errno(err, "reading %s", path);
    (void)close(fd);
    return ok && wg_buf_check(out, err, path);
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, data, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool folder_of(const char *path, char out[PATH_MAX], struct wg_error *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len >= PATH_MAX) return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
    (void)snprintf(out, PATH_MAX, "%.*s", slash ? (int)(len ? len : 1) : 1, slash ? path : ".");
    return true;
}

/* After a call that has failed. */
static bool fail_write(const char *path, size_t len, struct wg_error *err)
{
    char folder[PATH_MAX];
    int number = errno;
    if ((number == ENOSPC || number == EDQUOT) && folder_of(path, folder, NULL))
        return wg_fail_room((int64_t)len, folder, err) || wg_context(err, "%s", path);
    errno = number;
    return wg_fail_errno(err, "writing %s", path);
}

static bool write_new(const char *path, const void *data, size_t len, mode_t mode,
                      struct wg_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) return fail_write(path, len, err);
    bool ok = (fchmod(fd, mode) == 0 && write_all(fd, data, len) && fsync(fd) == 0) ||
              fail_write(path, len, err);
    if (close(fd) != 0 && ok) ok = fail_write(path, len, err);
    return ok;
}

bool wg_file_replace(const char *path, const void *data, size_t len, mode_t mode,
                     struct wg_error *err)
{
    char incoming[PATH_MAX], folder[PATH_MAX];
    int size = snprintf(incoming, sizeof incoming, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof incoming)
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
    if (!write_new(incoming, data, len, mode, err)) {
        (void)unlink(incoming);
        return false;
    }
    if (rename(incoming, path) != 0) return wg_fail_errno(err, "replacing %s", path);
    return folder_of(path, folder, err) && wg_folder_sync(folder, err);
}

int64_t wg_room(const char *folder)
{
    struct statvfs info;
    if (statvfs(folder, &info) != 0) return -1;
    return (int64_t)(info.f_bavail * info.f_frsize);
}

bool wg_fail_room(int64_t wanted, const char *folder, struct wg_error *err)
{
    int64_t left = wg_room(folder);
    return wg_fail(err, WG_E_IO, "no room: %lld bytes wanted, %lld free in %s", (long long)wanted,
                   (long long)(left > 0 ? left : 0), folder);
}

bool wg_room_check(int64_t wanted, const char *folder, struct wg_error *err)
{
    int64_t left = wg_room(folder);
    return left < 0 || left >= wanted || wg_fail_room(wanted, folder, err);
}

bool wg_folder_make(const char *path, mode_t mode, struct wg_error *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part) return wg_fail(err, WG_E_LIMIT, "%s: bad path", path);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0') continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, kept ? 0755 : mode) != 0 && errno != EEXIST)
            return wg_fail_errno(err, "making folder %s", part);
        part[i] = kept;
    }
    return true;
}

bool wg_folder_sync(const char *path, struct wg_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "opening folder %s", path);
    bool ok = fsync(fd) == 0 || wg_fail_errno(err, "writing folder %s", path);
    (void)close(fd);
    return ok;
}

bool wg_path_join(char *out, size_t size, const char *folder, const char *name,
                  struct wg_error *err)
{
    int len = snprintf(out, size, "%s/%s", folder, name);
    return (len >= 0 && (size_t)len < size) ||
           wg_fail(err, WG_E_LIMIT, "%s/%s: the path is too long", folder, name);
}

bool wg_secret_is_open(const char *path, const struct stat *info)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t len = folder ? strlen(folder) : 0;
    mode_t others = S_IRWXG | S_IRWXO;
    if (len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/') others &= ~(mode_t)S_IRGRP;
    return (info->st_mode & others) != 0;
}

/* Others must not be able to read a secret key. */
static bool check_mode(const char *path, struct wg_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) return wg_fail_errno(err, "%s", path);
    return !wg_secret_is_open(path, &info) ||
           wg_fail(err, WG_E_DENIED, "%s: others may read this key (mode %03o): chmod 600 it", path,
                   (unsigned)(info.st_mode & 0777));
}

bool wg_identity_load(const char *path, struct wg_identity_key *out, struct wg_error *err)
{
    struct wg_buf pem;
    wg_buf_init(&pem, KEY_FILE_MAX);
    bool ok =
        check_mode(path, err) && wg_file_read(path, &pem, err) &&
        (wg_identity_from_pem(wg_buf_str(&pem), pem.len, out, err) || wg_context(err, "%s", path));
    if (pem.data) explicit_bzero(pem.data, pem.cap);
    wg_buf_clear(&pem);
    return ok;
}

bool wg_identity_public_load(const char *path, struct wg_identity_public *out, struct wg_error *err)
{
    struct wg_buf pem;
    wg_buf_init(&pem, KEY_FILE_MAX);
    bool ok = wg_file_read(path, &pem, err) &&
              (wg_identity_public_from_pem(wg_buf_str(&pem), pem.len, out, err) ||
               wg_context(err, "%s", path));
    wg_buf_clear(&pem);
    return ok;
}

static wg_time read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (wg_time)now.tv_sec * WG_SECOND + now.tv_nsec / 1000000;
}

wg_time wg_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

wg_time wg_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
