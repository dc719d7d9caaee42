/* artifact.c: takes bytes into the artifact folder while hashing them; the name comes last, by
 * rename. */
#include "orchestrator/release/artifact.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COPY_CHUNK 65536
#define INCOMING ".incoming-"
#define LEFT_SECONDS ((time_t)24 * 3600)

struct artifact_intake {
    char folder[PATH_MAX], incoming[PATH_MAX];
    int fd;
    struct wg_sha256 sha;
    int64_t length;
    bool stored;
};

struct artifact_intake *artifact_intake_new(const char *folder, struct wg_error *err)
{
    struct artifact_intake *intake = calloc(1, sizeof *intake);
    if (!intake) {
        (void)wg_fail_memory(err, "an artifact");
        return NULL;
    }
    intake->fd = -1;
    bool ok = wg_sha256_init(&intake->sha, err) && wg_folder_make(folder, 0755, err) &&
              wg_path_join(intake->incoming, PATH_MAX, folder, INCOMING "XXXXXX", err);
    (void)wg_copy(intake->folder, PATH_MAX, folder);
    intake->fd = ok ? mkostemp(intake->incoming, O_CLOEXEC) : -1;
    if (intake->fd >= 0) return intake;
    if (ok) (void)wg_fail_errno(err, "creating a file in %s", folder);
    artifact_intake_free(intake);
    return NULL;
}

void artifact_intake_free(struct artifact_intake *intake)
{
    if (!intake) return;
    if (intake->fd >= 0) {
        (void)close(intake->fd);
        if (!intake->stored) (void)unlink(intake->incoming);
    }
    wg_sha256_clear(&intake->sha);
    free(intake);
}

static bool write_all(const struct artifact_intake *intake, const char *data, size_t len,
                      struct wg_error *err)
{
    while (len > 0) {
        ssize_t wrote = write(intake->fd, data, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return wg_fail_errno(err, "writing %s", intake->incoming);
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

bool artifact_intake_push(struct artifact_intake *intake, const void *data, size_t len,
                          struct wg_error *err)
{
    if ((int64_t)len > ARTIFACT_BYTES_MAX - intake->length)
        return wg_fail(err, WG_E_LIMIT, "the artifact is larger than 64 GiB");
    intake->length += (int64_t)len;
    return wg_sha256_add(&intake->sha, data, len, err) && write_all(intake, data, len, err);
}

bool artifact_intake_end(struct artifact_intake *intake, const char *wanted, struct artifact *out,
                         struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    char final[PATH_MAX];
    if (intake->length == 0) return wg_fail(err, WG_E_BAD_FILE, "the artifact is empty");
    if (!wg_sha256_end(&intake->sha, digest, err)) return false;
    wg_hex(digest, sizeof digest, out->sha256);
    out->length = intake->length;
    if (wanted && strcmp(wanted, out->sha256) != 0)
        return wg_fail(err, WG_E_VERIFY, "what came has SHA-256 %s, expected %s", out->sha256,
                       wanted);
    if (!wg_path_join(final, sizeof final, intake->folder, out->sha256, err)) return false;
    /* the web server runs as another user */
    if (fchmod(intake->fd, 0644) != 0 || fsync(intake->fd) != 0 ||
        rename(intake->incoming, final) != 0)
        return wg_fail_errno(err, "storing %s", final);
    intake->stored = true;
    return wg_folder_sync(intake->folder, err);
}

/* ---- a file of this machine ---- */

/* total: bytes, as the folder of the file has it. */
static bool copy(struct artifact_intake *intake, int from, int64_t total,
                 const struct artifact_told *told, struct wg_error *err)
{
    char *chunk = malloc(COPY_CHUNK);
    bool ok = chunk || wg_fail_memory(err, "reading the artifact");
    ssize_t got = 1;
    while (ok && (got = read(from, chunk, COPY_CHUNK)) != 0) {
        if (got < 0)
            ok = wg_fail_errno(err, "reading the artifact");
        else
            ok = artifact_intake_push(intake, chunk, (size_t)got, err) &&
                 (!told || told->told(told->ctx, intake->length, total, err));
    }
    free(chunk);
    return ok;
}

bool artifact_add(const char *folder, const char *file, struct artifact *out, struct wg_error *err)
{
    return artifact_add_told(folder, file, NULL, out, err);
}

bool artifact_add_told(const char *folder, const char *file, const struct artifact_told *told,
                       struct artifact *out, struct wg_error *err)
{
    struct stat info;
    struct artifact_intake *intake = NULL;
    int from = open(file, O_RDONLY | O_CLOEXEC);
    if (from < 0) return wg_fail_errno(err, "artifact %s", file);
    bool ok = fstat(from, &info) == 0 && S_ISREG(info.st_mode);
    if (!ok) (void)wg_fail(err, WG_E_BAD_FILE, "artifact %s: expected a regular file", file);
    if (ok) intake = artifact_intake_new(folder, err);
    ok = intake && copy(intake, from, (int64_t)info.st_size, told, err) &&
         artifact_intake_end(intake, NULL, out, err);
    artifact_intake_free(intake);
    (void)close(from);
    return ok;
}

/* ---- what is there ---- */

bool artifact_find(const char *folder, const char *sha256, struct artifact *out,
                   struct wg_error *err)
{
    char path[PATH_MAX];
    struct stat info;
    if (strlen(sha256) != WG_SHA256_HEX - 1 ||
        strspn(sha256, "0123456789abcdef") != WG_SHA256_HEX - 1)
        return wg_fail(err, WG_E_USAGE, "\"%.64s\": expected a SHA-256 in lower-case hex", sha256);
    if (!wg_path_join(path, sizeof path, folder, sha256, err)) return false;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return wg_fail(err, WG_E_NOT_FOUND, "there is no artifact %s", sha256);
    (void)wg_copy(out->sha256, sizeof out->sha256, sha256);
    out->length = (int64_t)info.st_size;
    return true;
}

size_t artifact_sweep(const char *folder)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    if (!entries) return 0;
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        struct stat info;
        if (strncmp(entry->d_name, INCOMING, sizeof INCOMING - 1) != 0 ||
            fstatat(dirfd(entries), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(info.st_mode) || time(NULL) - info.st_mtime < LEFT_SECONDS)
            continue;
        count += unlinkat(dirfd(entries), entry->d_name, 0) == 0;
    }
    (void)closedir(entries);
    return count;
}
