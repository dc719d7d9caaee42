/* artifact.c: copies a file into the artifact folder while hashing it; the name comes last, by
 * rename. */
#include "orchestrator/release/artifact.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_CHUNK 65536

static bool write_all(int fd, const char *data, size_t len, const char *path, struct wg_error *err)
{
    while (len > 0) {
        ssize_t wrote = write(fd, data, len);
        if (wrote < 0) return wg_fail_errno(err, "writing %s", path);
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool copy_hashing(int from, int to, const char *path, struct wg_sha256 *sha, int64_t *length,
                         struct wg_error *err)
{
    static const char *const what = "reading the artifact";
    char *chunk = malloc(COPY_CHUNK);
    if (!chunk) return wg_fail_memory(err, what);
    bool ok = true;
    ssize_t got;
    while (ok && (got = read(from, chunk, COPY_CHUNK)) != 0) {
        if (got < 0) {
            ok = wg_fail_errno(err, "%s", what);
        } else {
            *length += got;
            ok = *length <= ARTIFACT_BYTES_MAX
                     ? wg_sha256_add(sha, chunk, (size_t)got, err) &&
                           write_all(to, chunk, (size_t)got, path, err)
                     : wg_fail(err, WG_E_LIMIT, "the artifact is larger than 64 GiB");
        }
    }
    free(chunk);
    return ok;
}

static bool copy_to(int from, int to, const char *path, struct artifact *out, struct wg_error *err)
{
    struct wg_sha256 sha;
    uint8_t digest[WG_SHA256_SIZE];
    out->length = 0;
    if (!wg_sha256_init(&sha, err)) return false;
    bool ok =
        copy_hashing(from, to, path, &sha, &out->length, err) && wg_sha256_end(&sha, digest, err);
    wg_sha256_clear(&sha);
    if (!ok) return false;
    if (out->length == 0) return wg_fail(err, WG_E_BAD_FILE, "the artifact is empty");
    wg_hex(digest, sizeof digest, out->sha256);
    /* the web server runs as another user */
    if (fchmod(to, 0644) != 0 || fsync(to) != 0) return wg_fail_errno(err, "storing %s", path);
    return true;
}

static bool store(const char *folder, int from, struct artifact *out, struct wg_error *err)
{
    char incoming[PATH_MAX], final[PATH_MAX];
    if (!wg_path_join(incoming, sizeof incoming, folder, ".incoming-XXXXXX", err)) return false;
    int to = mkstemp(incoming);
    if (to < 0) return wg_fail_errno(err, "creating a file in %s", folder);
    bool ok = copy_to(from, to, incoming, out, err);
    if (close(to) != 0 && ok) ok = wg_fail_errno(err, "storing %s", incoming);
    ok = ok && wg_path_join(final, sizeof final, folder, out->sha256, err);
    if (ok && rename(incoming, final) != 0) ok = wg_fail_errno(err, "storing %s", final);
    if (!ok) {
        (void)unlink(incoming);
        return false;
    }
    return wg_folder_sync(folder, err);
}

bool artifact_add(const char *folder, const char *file, struct artifact *out, struct wg_error *err)
{
    struct stat info;
    int from = open(file, O_RDONLY | O_CLOEXEC);
    if (from < 0) return wg_fail_errno(err, "artifact %s", file);
    bool ok = fstat(from, &info) == 0 && S_ISREG(info.st_mode);
    if (!ok) (void)wg_fail(err, WG_E_BAD_FILE, "artifact %s: expected a regular file", file);
    ok = ok && wg_folder_make(folder, 0755, err) && store(folder, from, out, err);
    (void)close(from);
    return ok;
}
