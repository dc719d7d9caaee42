/* download.c: a target's bytes, counted and hashed as they come. */
#include "agent/tuf/download.h"

#include "common/posix/file.h"
#include "common/tuf/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define URL_MAX 4096
#define FILE_NAME_MAX (NAME_MAX - 4) /* room for ".new" and the NUL */

struct incoming {
    int fd;
    int64_t length;
    struct tuf_digest digest;
};

/* Is the file that is there the target? A file that cannot be read is not. */
static bool is_there(const char *path, const struct tuf_target *target)
{
    char chunk[CHUNK];
    struct tuf_digest digest;
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    bool same = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == target->length &&
                tuf_digest_init(&digest, target->hashes, NULL);
    if (same) {
        ssize_t got = 0;
        while (same && (got = read(fd, chunk, sizeof chunk)) > 0)
            same = tuf_digest_add(&digest, chunk, (size_t)got, NULL);
        same = same && got == 0 && tuf_digest_end(&digest, NULL);
        tuf_digest_clear(&digest);
    }
    (void)close(fd);
    return same;
}

static bool body_add(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    struct incoming *incoming = ctx;
    incoming->length += (int64_t)len;
    if (!tuf_digest_add(&incoming->digest, data, len, err)) return false;
    while (len > 0) {
        ssize_t wrote = write(incoming->fd, data, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return wg_fail_errno(err, "writing the target");
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool receive(const struct update *update, const char *url, const struct tuf_target *target,
                    struct incoming *incoming, struct wg_error *err)
{
    if (!tuf_digest_init(&incoming->digest, target->hashes, err)) return false;
    bool ok = http_get(&update->http, url, target->length, body_add, incoming, err);
    if (ok && incoming->length != target->length)
        ok = wg_fail(err, WG_E_VERIFY, "%" PRId64 " bytes, expected %" PRId64, incoming->length,
                     target->length);
    ok = ok && tuf_digest_end(&incoming->digest, err);
    tuf_digest_clear(&incoming->digest);
    return ok;
}

/* Into path.new, which takes the place of path once it is checked and durable. */
static bool fetch(const struct update *update, const char *url, const struct tuf_target *target,
                  const char *folder, const char *path, struct wg_error *err)
{
    char new[PATH_MAX + 8];
    struct incoming incoming = {.length = 0};
    (void)snprintf(new, sizeof new, "%s.new", path);
    (void)unlink(new);
    incoming.fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (incoming.fd < 0) return wg_fail_errno(err, "creating %s", new);
    bool ok = receive(update, url, target, &incoming, err);
    if (ok && fsync(incoming.fd) != 0) ok = wg_fail_errno(err, "writing %s", new);
    (void)close(incoming.fd);
    if (ok && rename(new, path) != 0) ok = wg_fail_errno(err, "replacing %s", path);
    if (!ok) (void)unlink(new);
    return ok && wg_folder_sync(folder, err);
}

static bool place(const struct update *update, const struct download *download,
                  const struct tuf_target *target, bool consistent, struct wg_error *err)
{
    char name[FILE_NAME_MAX], path[PATH_MAX], below[TUF_TARGET_URL_MAX], url[URL_MAX];
    const char *hash = consistent ? tuf_digest_prefix(target->hashes) : NULL;
    if (consistent && !hash)
        return wg_fail(err, WG_E_VERIFY, "hashes: neither sha256 nor sha512 is there");
    if (!tuf_target_file_name(download->name, name, sizeof name, err) ||
        !wg_path_join(path, sizeof path, download->folder, name, err) ||
        !tuf_target_url(download->name, hash, below, err) ||
        !update_url(download->target_url, below, url, sizeof url, err))
        return false;
    return is_there(path, target) || fetch(update, url, target, download->folder, path, err);
}

bool download_run(const struct update *update, const struct download *download,
                  struct tuf_client *client, struct wg_error *err)
{
    if (!tuf_client_look_up(client, download->name, err) || !update_run(update, client, err))
        return false;
    const struct tuf_target *target = tuf_client_target(client);
    if (!target)
        return wg_fail(err, WG_E_NOT_FOUND, "%s: the repository has no such target",
                       download->name);
    return place(update, download, target, tuf_client_is_consistent(client), err) ||
           wg_context(err, "%s", download->name);
}
