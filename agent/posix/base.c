/* base.c: read first, in pieces, so that a bad block is an error and not a signal; then mapped. */
#include "agent/posix/base.h"

#include "common/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define READ_CHUNK 65536

static bool hash_piece(int fd, int64_t at, int64_t rest, char *piece, struct wg_sha256 *sha,
                       size_t *got)
{
    ssize_t n = pread(fd, piece, rest < READ_CHUNK ? (size_t)rest : READ_CHUNK, (off_t)at);
    *got = n > 0 ? (size_t)n : 0;
    return n > 0 && wg_sha256_add(sha, piece, *got, NULL);
}

static bool is_this(int fd, int64_t length, const char *sha256, const atomic_bool *cancel)
{
    struct wg_sha256 sha;
    uint8_t digest[WG_SHA256_SIZE];
    char hex[WG_SHA256_HEX], *piece = malloc(READ_CHUNK);
    bool ok = piece && wg_sha256_init(&sha, NULL);
    if (!ok) {
        free(piece);
        return false;
    }
    for (int64_t at = 0; ok && at < length;) {
        size_t got = 0;
        ok = !atomic_load(cancel) && hash_piece(fd, at, length - at, piece, &sha, &got);
        at += (int64_t)got;
    }
    free(piece);
    ok = ok && wg_sha256_end(&sha, digest, NULL);
    wg_sha256_clear(&sha);
    if (!ok) return false;
    wg_hex(digest, sizeof digest, hex);
    return strcmp(hex, sha256) == 0;
}

bool base_open(const char *path, int64_t length, const char *sha256, const atomic_bool *cancel,
               struct zst_base *out)
{
    *out = (struct zst_base){NULL, 0};
    int fd = length > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return false;
    if (lseek(fd, 0, SEEK_END) >= length && is_this(fd, length, sha256, cancel)) {
        void *data = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data != MAP_FAILED) *out = (struct zst_base){data, (size_t)length};
    }
    (void)close(fd);
    return out->data != NULL;
}

void base_close(struct zst_base *base)
{
    if (base->data) (void)munmap((void *)(uintptr_t)base->data, base->len);
    *base = (struct zst_base){NULL, 0};
}
