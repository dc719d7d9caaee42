/* trail.c: two files a source, the full one renamed over the older one. */
#include "agent/posix/trail.h"

#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 4096 /* written at once */

static bool open_file(struct trail_file *file, int more)
{
    struct stat info;
    file->size = 0;
    file->mid_line = false;
    file->fd =
        open(file->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | more, 0600);
    if (file->fd < 0 || fstat(file->fd, &info) != 0) return false;
    file->size = (size_t)info.st_size;
    file->mid_line = file->size > 0; /* a line too many does no harm */
    return true;
}

static void close_file(struct trail_file *file)
{
    if (file->fd >= 0) (void)close(file->fd);
    file->fd = -1;
}

bool trail_open(struct trail *trail, const char *state, struct wg_error *err)
{
    (void)pthread_mutex_init(&trail->lock, NULL);
    for (int i = 0; i < TRAIL_SOURCES; i++) {
        struct trail_file *file = &trail->files[i];
        char name[32], older[32];
        const char *source = wg_log_source_text((enum wg_log_source)i);
        file->fd = -1;
        (void)snprintf(name, sizeof name, "trail-%s", source);
        (void)snprintf(older, sizeof older, "trail-%s.1", source);
        if (!wg_path_join(file->path, sizeof file->path, state, name, err) ||
            !wg_path_join(file->older, sizeof file->older, state, older, err))
            return false;
        (void)open_file(file, 0);
    }
    return true;
}

void trail_close(struct trail *trail)
{
    for (int i = 0; i < TRAIL_SOURCES; i++) close_file(&trail->files[i]);
    (void)pthread_mutex_destroy(&trail->lock);
}

/* An empty older file says that something was left out before the present one. */
static void begin_anew(struct trail_file *file, bool left_out)
{
    close_file(file);
    (void)unlink(file->older);
    if (!open_file(file, O_TRUNC) || !left_out) return;
    int older = open(file->older, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (older >= 0) (void)close(older);
}

static void swap(struct trail_file *file)
{
    close_file(file);
    if (rename(file->path, file->older) == 0 && open_file(file, O_TRUNC)) return;
    begin_anew(file, true);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* After a gap nothing stays of what was before it: a secret that lies across would be two halves
 * that nobody knows for one. A full disk is such a gap. */
static void append(struct trail_file *file, const char *bytes, size_t len)
{
    if (file->fd < 0)
        begin_anew(file, true);
    else if (file->size >= TRAIL_HALF)
        swap(file);
    if (file->fd >= 0 && !write_all(file->fd, bytes, len)) begin_anew(file, true);
    file->size += len;
    file->mid_line = bytes[len - 1] != '\n';
}

void trail_add(struct trail *trail, enum wg_log_source source, const char *bytes, size_t len)
{
    char piece[PIECE];
    int number = errno;
    (void)pthread_mutex_lock(&trail->lock);
    for (size_t at = 0; at < len;) {
        size_t n = len - at < PIECE ? len - at : PIECE;
        memcpy(piece, bytes + at, n);
        for (size_t i = 0; i < n; i++)
            if (!piece[i]) piece[i] = '?';
        append(&trail->files[source], piece, n);
        at += n;
    }
    (void)pthread_mutex_unlock(&trail->lock);
    errno = number;
}

void trail_note(struct trail *trail, enum wg_log_source source, const char *line)
{
    char text[512];
    bool mid_line = trail->files[source].mid_line;
    int len = snprintf(text, sizeof text, "%s%s\n", mid_line ? "\n" : "", line);
    if (len > 0 && (size_t)len < sizeof text) trail_add(trail, source, text, (size_t)len);
}

void trail_forget(struct trail *trail, enum wg_log_source source)
{
    (void)pthread_mutex_lock(&trail->lock);
    begin_anew(&trail->files[source], false);
    (void)pthread_mutex_unlock(&trail->lock);
}

void trail_sync(struct trail *trail)
{
    (void)pthread_mutex_lock(&trail->lock);
    for (int i = 0; i < TRAIL_SOURCES; i++)
        if (trail->files[i].fd >= 0) (void)fdatasync(trail->files[i].fd);
    (void)pthread_mutex_unlock(&trail->lock);
}

/* A power cut may leave zeros where something was: what is behind them begins in the middle. We
 * write none. */
static void add_file(const char *path, struct wg_buf *out, bool *cut)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, TRAIL_MAX);
    if (wg_file_read(path, &bytes, NULL) && bytes.len > 0) {
        const char *zero = memrchr(bytes.data, 0, bytes.len);
        size_t from = zero ? (size_t)(zero + 1 - bytes.data) : 0;
        if (zero) {
            size_t max = out->max;
            wg_buf_clear(out);
            wg_buf_init(out, max);
            *cut = true;
        }
        wg_buf_add(out, bytes.data + from, bytes.len - from);
    }
    wg_buf_clear(&bytes);
}

void trail_read(struct trail *trail, enum wg_log_source source, struct wg_buf *out, bool *cut)
{
    struct trail_file *file = &trail->files[source];
    (void)pthread_mutex_lock(&trail->lock);
    *cut = access(file->older, F_OK) == 0;
    add_file(file->older, out, cut);
    add_file(file->path, out, cut);
    (void)pthread_mutex_unlock(&trail->lock);
}
