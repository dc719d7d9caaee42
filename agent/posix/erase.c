/* erase.c: files written over and unlinked. */
#include "agent/posix/erase.h"

#include "agent/posix/device_key.h"
#include "common/posix/file.h"
#include "common/posix/token_uri.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096

static bool write_over(int fd, off_t length)
{
    char zeros[BLOCK] = {0};
    off_t done = 0;
    while (done < length) {
        size_t left = (size_t)(length - done) < BLOCK ? (size_t)(length - done) : BLOCK;
        ssize_t wrote = pwrite(fd, zeros, left, done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        done += wrote;
    }
    return fsync(fd) == 0;
}

static bool blank(const char *path, struct wg_error *err)
{
    struct stat info;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = (fstat(fd, &info) == 0 && (!S_ISREG(info.st_mode) || write_over(fd, info.st_size))) ||
              wg_fail_errno(err, "writing over %s", path);
    (void)close(fd);
    return ok;
}

static bool unlink_synced(const char *path, struct wg_error *err)
{
    char folder[PATH_MAX];
    if (unlink(path) != 0 && errno != ENOENT) return wg_fail_errno(err, "removing %s", path);
    (void)wg_copy(folder, sizeof folder, path);
    char *slash = strrchr(folder, '/');
    if (!slash) return wg_folder_sync(".", err);
    slash[slash == folder] = '\0';
    return wg_folder_sync(folder, err);
}

/* The name may lead to a file elsewhere: that is the one with the key in it. */
static bool erase_file(const char *path, struct wg_error *err)
{
    char real[PATH_MAX];
    if (!path[0]) return true;
    if (!realpath(path, real))
        return errno == ENOENT ? unlink_synced(path, err) : wg_fail_errno(err, "%s", path);
    return blank(real, err) && unlink_synced(real, err) &&
           (strcmp(real, path) == 0 || unlink_synced(path, err));
}

/* Where wg_file_replace had begun to write it, too. */
static bool erase_with_incoming(const char *path, struct wg_error *err)
{
    char incoming[PATH_MAX];
    if (!path[0]) return true;
    if (!wg_format(incoming, sizeof incoming, "%s.new", path))
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
    bool ok = access(incoming, F_OK) != 0 || erase_file(incoming, err);
    return erase_file(path, err) && ok;
}

static bool erase_in_state(const struct settings *settings, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, settings->state, name, err) &&
           erase_with_incoming(path, err);
}

bool erase_keys(const struct settings *settings, struct wg_error *err)
{
    /* agent/posix/renewal.h */
    static const char *const pairs[] = {"identity.pem", "identity.pem.1", "identity.pem.damaged",
                                        "identity.next.pem", "identity.next.pem.damaged"};
    bool in_token = wg_token_uri_is(settings->key);
    const char *const files[] = {in_token ? "" : settings->key, settings->age_key,
                                 settings->certificate};
    struct wg_error first = {0};
    bool ok = !in_token || device_key_destroy(settings->key, &first);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        ok = erase_in_state(settings, pairs[i], ok ? &first : NULL) && ok;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        ok = erase_with_incoming(files[i], ok ? &first : NULL) && ok;
    if (!ok) *err = first;
    return ok;
}

bool erase_has_keys(const struct settings *settings)
{
    struct device_key key;
    struct wg_error ignored = {0};
    if (access(settings->certificate, F_OK) != 0) return false;
    if (!wg_token_uri_is(settings->key)) return access(settings->key, F_OK) == 0;
    bool there = device_key_load(settings->key, &key, &ignored);
    device_key_clear(&key);
    return there;
}
