/* block.c: partitions as slots. The order of what becomes durable is all that matters here: a slot
 * loses its mark and its record before its first byte changes, and gets them back after its last.
 */
#include "agent/posix/slot/block.h"

#include "agent/posix/slot/record.h"
#include "agent/posix/slot/which.h"
#include "common/crypto.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define SYNC_EVERY ((int64_t)4 * 1024 * 1024) /* of a provision */

struct block {
    struct slot_backend backend;
    struct block_settings settings;
    char folder[PATH_MAX - 16]; /* of the records */
    struct boot *boot;
    pthread_mutex_t setting;  /* held while a variable of the boot loader is changed */
    char running[2], idle[2]; /* "a", "b"; "" until probe() */
    bool trial;
    int fd; /* of the idle slot, between begin() and finish(); -1: not open */
    bool broken;
    struct progress progress; /* its `done` is what was synced last */
    int64_t at;               /* bytes that were written */
};

static const char *device(const struct block *block, const char *slot)
{
    return slot[0] == 'a' ? block->settings.a : block->settings.b;
}

static void record_path(const struct block *block, const char *name, char out[PATH_MAX])
{
    (void)wg_format(out, PATH_MAX, "%s/%s.json", block->folder, name);
}

static bool is_slot(const char *text)
{
    return strcmp(text, "a") == 0 || strcmp(text, "b") == 0;
}

/* As the boot scripts do: what is no slot's name counts as a. */
static bool get_default(const struct block *block, char out[BOOT_VALUE_MAX], struct wg_error *err)
{
    if (!block->boot->ops->get(block->boot, BOOT_DEFAULT, out, err)) return false;
    if (!is_slot(out)) (void)wg_copy(out, BOOT_VALUE_MAX, "a");
    return true;
}

/* One variable at a time: no environment can tear a single one. */
static bool set(struct block *block, const char *name, const char *value, struct wg_error *err)
{
    char found[BOOT_VALUE_MAX];
    (void)pthread_mutex_lock(&block->setting);
    bool ok = block->boot->ops->get(block->boot, name, found, err) &&
              (strcmp(found, value) == 0 || block->boot->ops->set(block->boot, name, value, err));
    (void)pthread_mutex_unlock(&block->setting);
    return ok;
}

static bool clear_mark(struct block *block, struct wg_error *err)
{
    return set(block, BOOT_ONCE, BOOT_NONE, err);
}

/* The default could not be loaded, or was never well, so what runs takes its place. It runs on
 * where that cannot be noted: it would only be booted again. */
static void take_over(struct block *block, enum slot_fallback why, char standard[BOOT_VALUE_MAX],
                      struct slot_status *out)
{
    struct wg_error err = {0};
    if (why == SLOT_AS_CHOSEN || strcmp(standard, block->running) == 0) return;
    out->fallback = why;
    wg_log(WG_LOG_ERROR,
           why == SLOT_FOR_ONE_NOT_WELL
               ? "the default slot was started again and again and was never well: what runs takes "
                 "its place"
               : "the boot loader could not load the default slot: what runs takes its place",
           "default", standard, "runs", block->running, NULL);
    if (!set(block, BOOT_DEFAULT, block->running, &err))
        wg_log_error("the default slot could not be changed", &err);
    (void)wg_copy(standard, BOOT_VALUE_MAX, block->running);
}

static bool read_boot(struct block *block, enum slot_fallback why, struct slot_status *out,
                      struct wg_error *err)
{
    char standard[BOOT_VALUE_MAX], once[BOOT_VALUE_MAX];
    if (!get_default(block, standard, err) ||
        !block->boot->ops->get(block->boot, BOOT_ONCE, once, err))
        return false;
    take_over(block, why, standard, out);
    block->trial = out->trial = strcmp(block->running, standard) != 0;
    out->marked = strcmp(once, block->idle) == 0 && !out->trial;
    /* the boot script could not, or it would not be running: it must not boot it a second time */
    return !is_slot(once) || out->marked || clear_mark(block, err);
}

static bool probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    struct slot_release release;
    char path[PATH_MAX];
    const struct which which = {.cmdline = block->settings.cmdline,
                                .key = block->settings.key,
                                .a = block->settings.a,
                                .b = block->settings.b};
    *out = (struct slot_status){0};
    if (!which_runs(&which, block->running, err)) return false;
    (void)wg_copy(block->idle, sizeof block->idle, block->running[0] == 'a' ? "b" : "a");
    (void)wg_copy(out->running, sizeof out->running, block->running);
    (void)wg_copy(out->idle, sizeof out->idle, block->idle);
    record_path(block, block->running, path);
    if (record_load(path, &release)) record_tell(&release, out);
    return read_boot(block, which_fell_back(&which), out, err);
}

/* The idle slot is the confirmed one during a trial: nothing may touch it. */
static bool check_idle(const struct block *block, struct wg_error *err)
{
    if (!block->trial) return true;
    return wg_fail(err, WG_E_CONFLICT, "slot %s runs on trial: slot %s is the way back",
                   block->running, block->idle);
}

static void close_slot(struct block *block)
{
    if (block->fd >= 0) (void)close(block->fd);
    block->fd = -1;
}

/* O_EXCL: a device that is mounted, or in use otherwise, is busy. */
static bool open_slot(struct block *block, const char *slot, int64_t length, struct wg_error *err)
{
    const char *path = device(block, slot);
    struct stat info;
    close_slot(block);
    if (stat(path, &info) != 0) return wg_fail_errno(err, "slot %s: %s", slot, path);
    if (!S_ISBLK(info.st_mode) && !S_ISREG(info.st_mode))
        return wg_fail(err, WG_E_FAILED, "slot %s: %s is no block device and no file", slot, path);
    block->fd = open(path, O_RDWR | O_CLOEXEC | (S_ISBLK(info.st_mode) ? O_EXCL : 0));
    off_t size = block->fd >= 0 ? lseek(block->fd, 0, SEEK_END) : -1;
    if (size < 0) return wg_fail_errno(err, "slot %s: %s", slot, path);
    if (length <= size) return true;
    close_slot(block);
    return wg_fail(err, WG_E_LIMIT, "slot %s is too small: %s has %lld bytes, the release %lld",
                   slot, path, (long long)size, (long long)length);
}

static bool is_release(const struct slot_release *one, const struct slot_release *other)
{
    return strcmp(one->component, other->component) == 0 &&
           strcmp(one->version, other->version) == 0 && strcmp(one->sha256, other->sha256) == 0 &&
           one->length == other->length;
}

static bool save_progress(struct block *block, struct wg_error *err)
{
    char path[PATH_MAX];
    record_path(block, "write", path);
    return progress_save(path, &block->progress, err);
}

/* What was written of this very release into this very slot; else it is noted that there is none.
 */
static bool load_progress(struct block *block, const char *slot, const struct slot_release *release,
                          bool fresh, struct wg_error *err)
{
    char path[PATH_MAX];
    record_path(block, "write", path);
    if (!fresh && progress_load(path, &block->progress) &&
        strcmp(block->progress.slot, slot) == 0 && is_release(&block->progress.release, release))
        return true;
    block->progress = (struct progress){.release = *release};
    (void)wg_copy(block->progress.slot, sizeof block->progress.slot, slot);
    return save_progress(block, err);
}

static bool begin_in(struct block *block, const char *slot, const struct slot_release *release,
                     bool fresh, struct wg_error *err)
{
    char path[PATH_MAX];
    record_path(block, slot, path);
    block->broken = true;
    if (!open_slot(block, slot, release->length, err) || !clear_mark(block, err) ||
        !record_remove(path, err) || !load_progress(block, slot, release, fresh, err))
        return false;
    block->at = block->progress.done;
    block->broken = false;
    return true;
}

static bool begin(struct slot_backend *backend, const struct slot_release *release, bool fresh,
                  int64_t *have, struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    if (!check_idle(block, err) || !begin_in(block, block->idle, release, fresh, err)) return false;
    *have = block->at;
    return true;
}

static bool read_slot(struct slot_backend *backend, int64_t at, void *data, size_t len,
                      struct wg_error *err)
{
    const struct block *block = (struct block *)backend;
    for (size_t done = 0; done < len;) {
        ssize_t got = pread(block->fd, (char *)data + done, len - done, at + (int64_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) return wg_fail_errno(err, "reading slot %s", block->progress.slot);
        done += (size_t)got;
    }
    return true;
}

static bool check_usable(const struct block *block, struct wg_error *err)
{
    return !block->broken ||
           wg_fail(err, WG_E_IO, "slot %s: an earlier write has failed", block->progress.slot);
}

static bool write_slot(struct slot_backend *backend, const void *data, size_t len,
                       struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    if (!check_usable(block, err)) return false;
    if ((int64_t)len > block->progress.release.length - block->at)
        return wg_fail(err, WG_E_LIMIT, "slot %s: more than the release's %lld bytes",
                       block->progress.slot, (long long)block->progress.release.length);
    for (size_t done = 0; done < len;) {
        ssize_t wrote = pwrite(block->fd, (const char *)data + done, len - done, block->at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote == 0) errno = ENOSPC;
        block->broken = wrote <= 0;
        if (block->broken) return wg_fail_errno(err, "writing slot %s", block->progress.slot);
        done += (size_t)wrote;
        block->at += wrote;
    }
    return true;
}

static bool sync_slot(struct slot_backend *backend, struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    if (!check_usable(block, err)) return false;
    if (block->at == block->progress.done) return true;
    block->broken = true;
    if (fdatasync(block->fd) != 0)
        return wg_fail_errno(err, "writing slot %s", block->progress.slot);
    block->progress.done = block->at;
    block->broken = !save_progress(block, err);
    return !block->broken;
}

static bool has_record(const struct block *block, const char *slot,
                       const struct slot_release *release)
{
    struct slot_release found;
    char path[PATH_MAX];
    record_path(block, slot, path);
    return record_load(path, &found) && (!release || is_release(&found, release));
}

static bool finish_in(struct block *block, const char *slot, const struct slot_release *release,
                      struct wg_error *err)
{
    char path[PATH_MAX], write[PATH_MAX];
    struct progress progress;
    record_path(block, slot, path);
    record_path(block, "write", write);
    close_slot(block);
    if (!has_record(block, slot, release)) {
        if (!progress_load(write, &progress) || strcmp(progress.slot, slot) != 0 ||
            !is_release(&progress.release, release) || progress.done != release->length)
            return wg_fail(err, WG_E_FAILED, "slot %s does not hold all of the release", slot);
        if (!record_save(path, release, err)) return false;
    }
    return record_remove(write, err);
}

static bool finish(struct slot_backend *backend, const struct slot_release *release,
                   struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    return check_idle(block, err) && finish_in(block, block->idle, release, err);
}

/* An environment that names no default gets the one that it stood for. What is tried may be an
 * agent that knows of no count: until one says that it is well, nobody counts. */
static bool activate(struct slot_backend *backend, struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    if (!check_idle(block, err)) return false;
    if (!has_record(block, block->idle, NULL))
        return wg_fail(err, WG_E_FAILED, "slot %s is not complete", block->idle);
    return set(block, BOOT_DEFAULT, block->running, err) &&
           set(block, BOOT_STARTS, BOOT_NONE, err) && set(block, BOOT_ONCE, block->idle, err);
}

static bool confirm(struct slot_backend *backend, struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    if (!clear_mark(block, err) || !set(block, BOOT_DEFAULT, block->running, err)) return false;
    block->trial = false;
    return true;
}

static bool revert(struct slot_backend *backend, struct wg_error *err)
{
    return clear_mark((struct block *)backend, err);
}

static bool well(struct slot_backend *backend, struct wg_error *err)
{
    return set((struct block *)backend, BOOT_STARTS, BOOT_WELL, err);
}

static bool empty_idle(struct block *block, struct wg_error *err)
{
    char path[PATH_MAX], write[PATH_MAX];
    record_path(block, block->idle, path);
    record_path(block, "write", write);
    return check_idle(block, err) && clear_mark(block, err) && record_remove(path, err) &&
           record_remove(write, err);
}

static void discard(struct slot_backend *backend)
{
    struct block *block = (struct block *)backend;
    struct wg_error err = {0};
    close_slot(block);
    if (!empty_idle(block, &err)) wg_log_error("what is in the idle slot stays", &err);
}

static void free_block(struct slot_backend *backend)
{
    struct block *block = (struct block *)backend;
    close_slot(block);
    block->boot->ops->free(block->boot);
    (void)pthread_mutex_destroy(&block->setting);
    free(block);
}

static bool base(struct slot_backend *backend, const struct slot_release *release,
                 char out[PATH_MAX], struct wg_error *err)
{
    const struct block *block = (const struct block *)backend;
    (void)release;
    return wg_copy(out, PATH_MAX, device(block, block->running)) ||
           wg_fail(err, WG_E_LIMIT, "slot %s: the path is too long", block->running);
}

static const struct slot_backend_ops ops = {.name = "block",
                                            .keeps = true,
                                            .probe = probe,
                                            .begin = begin,
                                            .read = read_slot,
                                            .write = write_slot,
                                            .sync = sync_slot,
                                            .base = base,
                                            .finish = finish,
                                            .activate = activate,
                                            .confirm = confirm,
                                            .well = well,
                                            .revert = revert,
                                            .discard = discard,
                                            .free = free_block};

static bool open_folder(struct block *block, const char *state, struct wg_error *err)
{
    if (which_is_same(block->settings.a, block->settings.b))
        return wg_fail(err, WG_E_BAD_FILE, "slots: %s and %s are the same", block->settings.a,
                       block->settings.b);
    return wg_path_join(block->folder, sizeof block->folder, state, "block", err) &&
           wg_folder_make(state, 0700, err) && wg_folder_make(block->folder, 0700, err) &&
           wg_folder_sync(state, err);
}

struct slot_backend *block_new(const struct block_settings *settings, const char *state,
                               struct boot *boot, struct wg_error *err)
{
    struct block *block = calloc(1, sizeof *block);
    if (!block) {
        boot->ops->free(boot);
        (void)wg_fail_memory(err, "opening the slots");
        return NULL;
    }
    *block = (struct block){
        .backend.ops = &ops, .settings = *settings, .boot = boot, .fd = -1, .broken = true};
    (void)pthread_mutex_init(&block->setting, NULL);
    if (open_folder(block, state, err)) return &block->backend;
    free_block(&block->backend);
    return NULL;
}

static bool hash_start(int fd, int64_t length, char hex[WG_SHA256_HEX], struct wg_error *err)
{
    struct wg_sha256 sha;
    uint8_t digest[WG_SHA256_SIZE];
    char chunk[CHUNK];
    bool ok = wg_sha256_init(&sha, err);
    for (int64_t at = 0; ok && at < length;) {
        int64_t rest = length - at;
        ssize_t got = pread(fd, chunk, rest < CHUNK ? (size_t)rest : CHUNK, at);
        if (got == 0) errno = EIO;
        ok = got > 0 ? wg_sha256_add(&sha, chunk, (size_t)got, err) : wg_fail_errno(err, "reading");
        at += got;
    }
    ok = ok && wg_sha256_end(&sha, digest, err);
    wg_sha256_clear(&sha);
    if (ok) wg_hex(digest, sizeof digest, hex);
    return ok;
}

static bool copy_image(struct block *block, int from, struct wg_error *err)
{
    char chunk[CHUNK];
    int64_t length = block->progress.release.length;
    bool ok = true;
    while (ok && block->at < length) {
        ssize_t got = pread(from, chunk, sizeof chunk, block->at);
        if (got == 0) errno = EIO;
        ok = got > 0 ? write_slot(&block->backend, chunk, (size_t)got, err)
                     : wg_fail_errno(err, "reading the image");
        if (ok && (block->at == length || block->at - block->progress.done >= SYNC_EVERY))
            ok = sync_slot(&block->backend, err);
    }
    return ok;
}

/* What was flashed by other means is taken as it is, also when it cannot be written now. */
static bool holds_already(const struct block *block, const struct slot_release *release)
{
    char hex[WG_SHA256_HEX];
    int fd = open(device(block, "a"), O_RDONLY | O_CLOEXEC);
    bool same =
        fd >= 0 && hash_start(fd, release->length, hex, NULL) && strcmp(hex, release->sha256) == 0;
    if (fd >= 0) (void)close(fd);
    return same;
}

static bool provision_from(struct block *block, int fd, struct slot_release *release,
                           struct wg_error *err)
{
    char path[PATH_MAX];
    record_path(block, "a", path);
    release->length = lseek(fd, 0, SEEK_END);
    if (release->length < 0) return wg_fail_errno(err, "the image");
    if (release->length == 0) return wg_fail(err, WG_E_BAD_FILE, "the image is empty");
    if (!hash_start(fd, release->length, release->sha256, err)) return false;
    bool there = holds_already(block, release);
    if (!there && (!begin_in(block, "a", release, true, err) || !copy_image(block, fd, err)))
        return false;
    /* the record last: with it, no provision is made again */
    return set(block, BOOT_ONCE, BOOT_NONE, err) && set(block, BOOT_DEFAULT, "a", err) &&
           (there ? record_save(path, release, err) : finish_in(block, "a", release, err));
}

bool block_provision(struct slot_backend *backend, const char *image,
                     const struct slot_release *release, struct wg_error *err)
{
    struct block *block = (struct block *)backend;
    struct slot_release made = *release;
    if (has_record(block, "a", NULL) || has_record(block, "b", NULL))
        return wg_fail(err, WG_E_CONFLICT, "a slot holds a release already: nothing was changed");
    int fd = open(image, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "image %s", image);
    bool ok = provision_from(block, fd, &made, err) || wg_context(err, "image %s", image);
    (void)close(fd);
    return ok;
}
