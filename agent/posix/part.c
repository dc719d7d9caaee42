/* part.c: the part file, with or without decryption. */
#include "agent/posix/part.h"

#include "common/crypto.h"
#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_CHUNK 65536
#define SYNC_EVERY ((int64_t)4 * 1024 * 1024) /* bytes that a power cut may cost */

static bool fail_disk(struct part *part, struct wg_error *err)
{
    part->disk = true;
    return wg_fail_errno(err, "%s", part->path);
}

static bool nonce_path(const struct part *part, char out[PATH_MAX], struct wg_error *err)
{
    return wg_format(out, PATH_MAX, "%s.nonce", part->path) ||
           wg_fail(err, WG_E_LIMIT, "%s: the path is too long", part->path);
}

static bool write_all(struct part *part, const void *data, size_t len, struct wg_error *err)
{
    const char *bytes = data;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(part->fd, bytes + done, len - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) {
            part->disk = true;
            return wg_fail_errno(err, "writing the artifact");
        }
        done += (size_t)wrote;
    }
    return true;
}

static bool keep_content(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct part *part = ctx;
    if ((int64_t)len > part->content_length - part->have)
        return wg_fail(err, WG_E_VERIFY, "the artifact opens to more than the ordered %lld bytes",
                       (long long)part->content_length);
    if (!wg_sha256_add(&part->sha, data, len, err) || !write_all(part, data, len, err))
        return false;
    part->have += (int64_t)len;
    if (part->have - part->synced < SYNC_EVERY) return true;
    part->synced = part->have;
    /* the kernel says so once: the sync at the end would know nothing of it */
    return fdatasync(part->fd) == 0 || fail_disk(part, err);
}

static bool new_decryptor(struct part *part, const uint8_t *nonce, int64_t chunk,
                          struct wg_error *err)
{
    const struct age_sink sink = {.write = keep_content, .ctx = part};
    age_decryptor_free(part->decryptor);
    part->nonce_kept = nonce != NULL;
    part->decryptor = nonce ? age_decryptor_resume(&part->key, nonce, chunk, sink, err)
                            : age_decryptor_new(&part->key, sink, err);
    return part->decryptor != NULL;
}

bool part_restart(struct part *part, struct wg_error *err)
{
    part->at = part->have = part->synced = 0;
    part->resumed = false;
    wg_sha256_clear(&part->sha);
    if (!wg_sha256_init(&part->sha, err)) return false;
    if (part->is_age && !new_decryptor(part, NULL, 0, err)) return false;
    return (ftruncate(part->fd, 0) == 0 && lseek(part->fd, 0, SEEK_SET) == 0) ||
           fail_disk(part, err);
}

/* Hashes the first bytes of the file and cuts it behind them. */
static bool take_over(struct part *part, int64_t keep, struct wg_error *err)
{
    char *chunk = malloc(READ_CHUNK);
    ssize_t got = 1;
    bool ok = chunk || wg_fail_memory(err, "reading the part");
    while (ok && part->have < keep && got > 0) {
        int64_t rest = keep - part->have;
        got = read(part->fd, chunk, rest < READ_CHUNK ? (size_t)rest : READ_CHUNK);
        if (got <= 0) break;
        part->have += got;
        ok = wg_sha256_add(&part->sha, chunk, (size_t)got, err);
        if (ok && atomic_load(part->cancel)) ok = wg_fail(err, WG_E_INTERRUPTED, "cancelled");
    }
    free(chunk);
    if (ok && got < 0) ok = fail_disk(part, err);
    part->resumed = part->have > 0;
    part->synced = part->have;
    if (!ok || part->have < keep) return ok;
    return ftruncate(part->fd, keep) == 0 || fail_disk(part, err);
}

static bool read_nonce(const struct part *part, uint8_t out[AGE_NONCE])
{
    char path[PATH_MAX];
    struct wg_error ignored = {0};
    struct wg_buf bytes;
    wg_buf_init(&bytes, AGE_NONCE);
    bool ok = nonce_path(part, path, &ignored) && wg_file_read(path, &bytes, &ignored) &&
              bytes.len == AGE_NONCE;
    if (ok) memcpy(out, bytes.data, AGE_NONCE);
    wg_buf_clear(&bytes);
    return ok;
}

/* Whole chunks stay; the last one comes again, because it alone proves that it is the last. */
static bool resume_age(struct part *part, int64_t size, struct wg_error *err)
{
    uint8_t nonce[AGE_NONCE];
    if (size == 0 || size > part->content_length || !read_nonce(part, nonce))
        return part_restart(part, err);
    int64_t chunk = age_chunk_to_resume(size, part->content_length);
    if (!take_over(part, age_chunk_content(chunk), err)) return false;
    part->at = age_chunk_body(chunk);
    return new_decryptor(part, nonce, chunk, err);
}

static bool resume_plain(struct part *part, int64_t size, struct wg_error *err)
{
    if (size > part->content_length) return part_restart(part, err);
    if (!take_over(part, size, err)) return false;
    part->at = part->have;
    return true;
}

static bool check_lengths(struct part *part, struct wg_error *err)
{
    int64_t content = part->length;
    if (part->is_age && !age_content_length(part->length, &content, err)) return false;
    part->wrong = content != part->content_length;
    return !part->wrong ||
           wg_fail(err, WG_E_VERIFY, "an artifact of %lld bytes cannot hold the ordered %lld",
                   (long long)part->length, (long long)part->content_length);
}

bool part_open(struct part *part, const char *path, int64_t length,
               const struct core_release *release, const struct age_file_key *key,
               const atomic_bool *cancel, struct wg_error *err)
{
    *part = (struct part){.fd = -1,
                          .length = length,
                          .content_length = release->length,
                          .cancel = cancel,
                          .is_age = key != NULL};
    if (key) part->key = *key;
    if (!wg_copy(part->path, sizeof part->path, path))
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
    if (!check_lengths(part, err)) return false;
    part->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (part->fd < 0) return fail_disk(part, err);
    off_t size = lseek(part->fd, 0, SEEK_END);
    if (size < 0 || lseek(part->fd, 0, SEEK_SET) != 0) return fail_disk(part, err);
    return wg_sha256_init(&part->sha, err) &&
           (part->is_age ? resume_age(part, size, err) : resume_plain(part, size, err));
}

void part_close(struct part *part)
{
    age_decryptor_free(part->decryptor);
    age_file_key_clear(&part->key);
    wg_sha256_clear(&part->sha);
    if (part->fd >= 0) {
        (void)fdatasync(part->fd);
        (void)close(part->fd);
    }
    part->fd = -1;
    part->decryptor = NULL;
}

/* Before any content: without it the content could not be gone on with. */
static bool keep_nonce(struct part *part, struct wg_error *err)
{
    const uint8_t *nonce = age_decryptor_nonce(part->decryptor);
    char path[PATH_MAX];
    if (part->nonce_kept || !nonce) return true;
    if (!nonce_path(part, path, err)) return false;
    part->nonce_kept = wg_file_replace(path, nonce, AGE_NONCE, 0600, err);
    part->disk = part->disk || !part->nonce_kept;
    return part->nonce_kept;
}

static bool push(struct part *part, const void *data, size_t len, struct wg_error *err)
{
    if (age_decryptor_push(part->decryptor, data, len, err)) return true;
    part->wrong = err->code == WG_E_VERIFY;
    return false;
}

bool part_add(struct part *part, const void *data, size_t len, struct wg_error *err)
{
    if ((int64_t)len > part->length - part->at)
        return wg_fail(err, WG_E_NETWORK, "the server sends more than it said");
    part->at += (int64_t)len;
    if (!part->is_age) return keep_content(part, data, len, err);
    if (part->nonce_kept) return push(part, data, len, err);
    size_t first = len < AGE_NONCE ? len : AGE_NONCE;
    return push(part, data, first, err) && keep_nonce(part, err) &&
           (first == len || push(part, (const char *)data + first, len - first, err));
}

bool part_end(struct part *part, const char *sha256, struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    char hex[WG_SHA256_HEX], path[PATH_MAX];
    if (part->is_age && !age_decryptor_end(part->decryptor, err)) {
        part->wrong = true;
        return false;
    }
    if (!wg_sha256_end(&part->sha, digest, err)) return false;
    wg_hex(digest, sizeof digest, hex);
    part->wrong = strcmp(hex, sha256) != 0;
    if (part->wrong)
        return wg_fail(err, WG_E_VERIFY, "the artifact's SHA-256 is not the ordered one");
    if (fsync(part->fd) != 0) return fail_disk(part, err);
    if (part->is_age && nonce_path(part, path, err)) (void)unlink(path);
    return true;
}

void part_remove(const struct part *part)
{
    char path[PATH_MAX];
    struct wg_error ignored = {0};
    (void)unlink(part->path);
    if (nonce_path(part, path, &ignored)) (void)unlink(path);
}
