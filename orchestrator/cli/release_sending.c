/* release_sending.c: hashes, says, sends, says again. */
#include "orchestrator/cli/release_sending.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "orchestrator/cli/file_sending.h"
#include "orchestrator/cli/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)65536)
#define HEADER_MAX ((size_t)4096)

struct hashing {
    const char *file;
    int fd;
    int64_t total, done; /* bytes */
    struct progress progress;
    struct wg_sha256 sha;
};

static bool read_all(struct hashing *hashing, struct wg_error *err)
{
    char *block = malloc(BLOCK);
    bool ok = block || wg_fail_memory(err, "reading the artifact");
    ssize_t got = 1;
    while (ok && (got = read(hashing->fd, block, BLOCK)) != 0) {
        if (got < 0) {
            ok = wg_fail_errno(err, "reading %s", hashing->file);
            break;
        }
        hashing->done += got;
        ok = wg_sha256_add(&hashing->sha, block, (size_t)got, err) &&
             progress_told(&hashing->progress, hashing->done, hashing->total, err);
    }
    free(block);
    return ok && (hashing->done > 0 ||
                  wg_fail(err, WG_E_BAD_FILE, "artifact %s is empty", hashing->file));
}

static bool open_file(struct hashing *hashing, struct wg_error *err)
{
    struct stat info;
    hashing->fd = open(hashing->file, O_RDONLY | O_CLOEXEC);
    if (hashing->fd < 0) return wg_fail_errno(err, "artifact %s", hashing->file);
    if (fstat(hashing->fd, &info) != 0 || !S_ISREG(info.st_mode))
        return wg_fail(err, WG_E_BAD_FILE, "artifact %s: expected a regular file", hashing->file);
    hashing->total = (int64_t)info.st_size;
    return true;
}

static bool hash(struct cli *cli, const char *file, char hex[WG_SHA256_HEX], struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    struct hashing hashing = {.file = file, .fd = -1};
    bool ok = open_file(&hashing, err);
    if (ok && wg_sha256_init(&hashing.sha, err)) {
        progress_begin(&hashing.progress, &cli->screen, file);
        ok = read_all(&hashing, err);
        progress_end(&hashing.progress);
        ok = ok && wg_sha256_end(&hashing.sha, digest, err);
        wg_sha256_clear(&hashing.sha);
        if (ok) wg_hex(digest, sizeof digest, hex);
    } else {
        ok = false;
    }
    if (hashing.fd >= 0) (void)close(hashing.fd);
    return ok;
}

static bool take_header(const struct cli *cli, json_t *request, struct wg_error *err)
{
    const char *file = args_value(cli->args, "header");
    struct wg_buf header;
    if (!file) return true;
    wg_buf_init(&header, HEADER_MAX);
    bool ok = wg_file_read(file, &header, err);
    json_t *text = ok ? json_stringn(wg_buf_str(&header), header.len) : NULL;
    if (ok && !text) ok = wg_fail(err, WG_E_BAD_INPUT, "%s: it is no header of an age file", file);
    if (ok) (void)json_object_set(request, "header", text);
    json_decref(text);
    wg_buf_clear(&header);
    return ok || wg_context(err, "--header");
}

bool release_sending_hash(struct cli *cli, const char *file, json_t *request, struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    return hash(cli, file, hex, err) && take_header(cli, request, err) &&
           (json_object_set_new(request, "sha256", json_string(hex)) == 0 ||
            wg_fail_memory(err, "a release"));
}

static bool lacks_artifact(const struct cli *cli)
{
    const char *code = json_string_value(json_object_get(remote_problem(cli->remote), "code"));
    return code && strcmp(code, "no-artifact") == 0;
}

static bool put(struct cli *cli, const char *file, const char *sha256, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/artifacts/{}", sha256);
    json_t *answer = file_put(cli, &path, "application/octet-stream", file, err);
    json_decref(answer);
    return answer != NULL;
}

json_t *release_send(struct cli *cli, const struct remote_path *path, const char *file,
                     json_t *request, struct wg_error *err)
{
    const char *sha256 = json_string_value(json_object_get(request, "sha256"));
    json_t *answer = remote_send(cli->remote, "POST", path, json_incref(request), err);
    if (answer || !lacks_artifact(cli)) return answer;
    *err = (struct wg_error){0};
    if (!put(cli, file, sha256, err)) return NULL;
    return remote_send(cli->remote, "POST", path, json_incref(request), err);
}
