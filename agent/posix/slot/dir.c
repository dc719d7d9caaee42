/* dir.c: folders as slots; every step that matters is on disk before the next begins. */
#include "agent/posix/slot/dir.h"

#include "agent/posix/slot/record.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define RECORD_MAX 1024

struct slots {
    struct slot_backend backend;
    char state[PATH_MAX - 256]; /* folder; room is left for names below it */
    char running[2], idle[2];   /* "a", "b" */
    int fd;                     /* of the part; -1: not open */
    int64_t at;                 /* bytes that were written to it */
};

static bool slots_path(const struct slots *slots, const char *slot, const char *file,
                       char out[PATH_MAX], struct wg_error *err)
{
    int len =
        snprintf(out, PATH_MAX, "%s/slots/%s%s%s", slots->state, slot, file[0] ? "/" : "", file);
    return (len >= 0 && len < PATH_MAX) || wg_fail(err, WG_E_LIMIT, "%s: too long", slots->state);
}

static bool is_slot(const char *text)
{
    return strcmp(text, "a") == 0 || strcmp(text, "b") == 0;
}

static bool write_boot(const struct slots *slots, const char *standard, const char *once,
                       struct wg_error *err)
{
    char path[PATH_MAX], text[64];
    int len =
        snprintf(text, sizeof text, "{\"default\": \"%s\", \"once\": \"%s\"}\n", standard, once);
    return wg_path_join(path, sizeof path, slots->state, "boot.json", err) &&
           wg_file_replace(path, text, (size_t)len, 0600, err);
}

/* No record yet: a fresh device that runs slot a. */
static bool read_boot(const struct slots *slots, char standard[2], char once[2],
                      struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf bytes;
    struct wg_error problem = {0};
    (void)wg_copy(standard, 2, "a");
    once[0] = '\0';
    if (!wg_path_join(path, sizeof path, slots->state, "boot.json", err)) return false;
    wg_buf_init(&bytes, RECORD_MAX);
    bool ok = wg_file_read(path, &bytes, &problem);
    bool fresh = !ok && problem.code == WG_E_NOT_FOUND;
    json_t *json = ok ? wg_json_parse(wg_buf_str(&bytes), bytes.len, RECORD_MAX, &problem) : NULL;
    ok = json && wg_json_text(json, "default", standard, 2, &problem) &&
         wg_json_text(json, "once", once, 2, &problem) && is_slot(standard);
    json_decref(json);
    wg_buf_clear(&bytes);
    if (ok || fresh) return true;
    return wg_fail(err, WG_E_IO, "%s: %s", path, problem.text[0] ? problem.text : "no slot named");
}

static bool read_release(const struct slots *slots, const char *slot, struct wg_component *out)
{
    char path[PATH_MAX];
    struct slot_release release;
    if (!slots_path(slots, slot, "release.json", path, NULL) || !record_load(path, &release))
        return false;
    (void)wg_copy(out->name, sizeof out->name, release.component);
    (void)wg_copy(out->version, sizeof out->version, release.version);
    return true;
}

static bool make_folders(struct slots *slots, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_folder_make(slots->state, 0700, err)) return false;
    for (const char *slot = "a"; slot; slot = *slot == 'a' ? "b" : NULL)
        if (!slots_path(slots, slot, "", path, err) || !wg_folder_make(path, 0700, err))
            return false;
    return wg_path_join(path, sizeof path, slots->state, "slots", err) &&
           wg_folder_sync(path, err) && wg_folder_sync(slots->state, err);
}

static bool open_slots(struct slots *slots, const char *state, struct wg_error *err)
{
    slots->fd = -1;
    if (!wg_copy(slots->state, sizeof slots->state, state))
        return wg_fail(err, WG_E_LIMIT, "state folder: the path is too long");
    return make_folders(slots, err);
}

/* What a boot loader does: picks the slot. */
static bool probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    char standard[2], once[2];
    *out = (struct slot_status){0};
    if (!read_boot(slots, standard, once, err)) return false;
    bool marked = is_slot(once);
    if (marked && !write_boot(slots, standard, "", err)) return false;
    out->trial =
        marked && strcmp(once, standard) != 0 && read_release(slots, once, &out->components[0]);
    (void)wg_copy(slots->running, sizeof slots->running, out->trial ? once : standard);
    (void)wg_copy(slots->idle, sizeof slots->idle, slots->running[0] == 'a' ? "b" : "a");
    (void)wg_copy(out->running, sizeof out->running, slots->running);
    (void)wg_copy(out->idle, sizeof out->idle, slots->idle);
    out->component_count = read_release(slots, slots->running, &out->components[0]) ? 1 : 0;
    return true;
}

/* A file that is not there is as good as removed. */
static bool remove_file(const struct slots *slots, const char *slot, const char *file,
                        struct wg_error *err)
{
    char path[PATH_MAX];
    if (!slots_path(slots, slot, file, path, err)) return false;
    return unlink(path) == 0 || errno == ENOENT || wg_fail_errno(err, "removing %s", path);
}

static bool sync_slot(const struct slots *slots, const char *slot, struct wg_error *err)
{
    char path[PATH_MAX];
    return slots_path(slots, slot, "", path, err) && wg_folder_sync(path, err);
}

static bool clear_once(const struct slots *slots, struct wg_error *err)
{
    char standard[2], once[2];
    if (!read_boot(slots, standard, once, err)) return false;
    return !once[0] || write_boot(slots, standard, "", err);
}

static bool close_idle(const struct slots *slots, struct wg_error *err)
{
    return clear_once(slots, err) && remove_file(slots, slots->idle, "release.json", err) &&
           remove_file(slots, slots->idle, "payload", err) && sync_slot(slots, slots->idle, err);
}

static void close_part(struct slots *slots)
{
    if (slots->fd >= 0) (void)close(slots->fd);
    slots->fd = -1;
}

/* What lies there is of this release or of none: whoever hashes it again finds out. */
static bool begin(struct slot_backend *backend, const struct slot_release *release, bool fresh,
                  int64_t *have, struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    char path[PATH_MAX];
    close_part(slots);
    if (!close_idle(slots, err) || !slots_path(slots, slots->idle, "payload.part", path, err))
        return false;
    slots->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    off_t size = slots->fd >= 0 ? lseek(slots->fd, 0, SEEK_END) : -1;
    if (size < 0) return wg_fail_errno(err, "%s", path);
    if (fresh || size > release->length) {
        size = 0;
        if (ftruncate(slots->fd, 0) != 0) return wg_fail_errno(err, "%s", path);
    }
    *have = slots->at = size;
    return true;
}

static bool read_part(struct slot_backend *backend, int64_t at, void *data, size_t len,
                      struct wg_error *err)
{
    const struct slots *slots = (struct slots *)backend;
    for (size_t done = 0; done < len;) {
        ssize_t got = pread(slots->fd, (char *)data + done, len - done, at + (int64_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return wg_fail_errno(err, "reading the part");
        if (got == 0) return wg_fail(err, WG_E_IO, "reading the part: it has become shorter");
        done += (size_t)got;
    }
    return true;
}

static bool write_part(struct slot_backend *backend, const void *data, size_t len,
                       struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = pwrite(slots->fd, (const char *)data + done, len - done, slots->at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return wg_fail_errno(err, "writing the artifact");
        done += (size_t)wrote;
        slots->at += wrote;
    }
    return true;
}

static bool sync_part(struct slot_backend *backend, struct wg_error *err)
{
    const struct slots *slots = (struct slots *)backend;
    return fdatasync(slots->fd) == 0 || wg_fail_errno(err, "writing the artifact");
}

static bool hash_file(const char *path, char hex[WG_SHA256_HEX], int64_t *length,
                      struct wg_error *err)
{
    struct wg_sha256 sha;
    uint8_t digest[WG_SHA256_SIZE];
    char chunk[CHUNK];
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = wg_sha256_init(&sha, err);
    *length = 0;
    while (ok && (got = read(fd, chunk, sizeof chunk)) > 0) {
        *length += got;
        ok = wg_sha256_add(&sha, chunk, (size_t)got, err);
    }
    if (got < 0) ok = wg_fail_errno(err, "reading %s", path);
    ok = ok && wg_sha256_end(&sha, digest, err);
    wg_sha256_clear(&sha);
    (void)close(fd);
    if (ok) wg_hex(digest, sizeof digest, hex);
    return ok;
}

static bool check_payload(const char *path, const struct slot_release *release,
                          struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    int64_t length = 0;
    if (!hash_file(path, hex, &length, err)) return false;
    return (length == release->length && strcmp(hex, release->sha256) == 0) ||
           wg_fail(err, WG_E_VERIFY, "the stored artifact is not the ordered one");
}

/* On disk before the name is: no power cut leaves a payload that cannot be run. */
static bool make_executable(const char *path, struct wg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || wg_fail_errno(err, "%s", path);
    bool ok = (fchmod(fd, 0700) == 0 && fsync(fd) == 0) || wg_fail_errno(err, "%s", path);
    (void)close(fd);
    return ok;
}

/* The fetched part, or what an interrupted install left, becomes the payload. */
static bool place_payload(struct slots *slots, const struct slot_release *release,
                          struct wg_error *err)
{
    char part[PATH_MAX], payload[PATH_MAX];
    if (!slots_path(slots, slots->idle, "payload.part", part, err) ||
        !slots_path(slots, slots->idle, "payload", payload, err))
        return false;
    close_part(slots);
    if (!make_executable(part, err)) return false;
    if (rename(part, payload) != 0 && errno != ENOENT)
        return wg_fail_errno(err, "placing the artifact");
    return check_payload(payload, release, err) && sync_slot(slots, slots->idle, err);
}

static bool base(struct slot_backend *backend, char out[PATH_MAX], struct wg_error *err)
{
    const struct slots *slots = (const struct slots *)backend;
    return slots_path(slots, slots->running, "payload", out, err);
}

static bool program(struct slot_backend *backend, bool idle, const struct slot_release *release,
                    struct slot_program *out, struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    const char *slot = idle ? slots->idle : slots->running;
    return (!idle || place_payload(slots, release, err)) &&
           slots_path(slots, slot, "payload", out->path, err) &&
           slots_path(slots, slot, "", out->folder, err);
}

static bool write_release(const struct slots *slots, const char *slot,
                          const struct slot_release *release, struct wg_error *err)
{
    char path[PATH_MAX];
    return slots_path(slots, slot, "release.json", path, err) && record_save(path, release, err);
}

/* program() has put it into its place, and begin() had taken away what was there before. */
static bool finish(struct slot_backend *backend, const struct slot_release *release,
                   struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    char path[PATH_MAX];
    return slots_path(slots, slots->idle, "payload", path, err) &&
           (access(path, F_OK) == 0 || place_payload(slots, release, err)) &&
           write_release(slots, slots->idle, release, err);
}

static bool activate(struct slot_backend *backend, struct wg_error *err)
{
    const struct slots *slots = (struct slots *)backend;
    struct wg_component release;
    if (!read_release(slots, slots->idle, &release))
        return wg_fail(err, WG_E_FAILED, "slot %s is not complete", slots->idle);
    return write_boot(slots, slots->running, slots->idle, err);
}

static bool confirm(struct slot_backend *backend, struct wg_error *err)
{
    const struct slots *slots = (struct slots *)backend;
    return write_boot(slots, slots->running, "", err);
}

static bool revert(struct slot_backend *backend, struct wg_error *err)
{
    return clear_once((const struct slots *)backend, err);
}

static void discard(struct slot_backend *backend)
{
    struct slots *slots = (struct slots *)backend;
    close_part(slots);
    (void)remove_file(slots, slots->idle, "release.json", NULL);
    (void)remove_file(slots, slots->idle, "payload", NULL);
    (void)remove_file(slots, slots->idle, "payload.part", NULL);
    (void)sync_slot(slots, slots->idle, NULL);
}

static void free_slots(struct slot_backend *backend)
{
    close_part((struct slots *)backend);
    free(backend);
}

static const struct slot_backend_ops ops = {.name = "dir",
                                            .probe = probe,
                                            .begin = begin,
                                            .read = read_part,
                                            .write = write_part,
                                            .sync = sync_part,
                                            .base = base,
                                            .program = program,
                                            .finish = finish,
                                            .activate = activate,
                                            .confirm = confirm,
                                            .revert = revert,
                                            .discard = discard,
                                            .free = free_slots};

struct slot_backend *dir_new(const char *state, struct wg_error *err)
{
    struct slots *slots = calloc(1, sizeof *slots);
    if (!slots) {
        (void)wg_fail_memory(err, "opening the slots");
        return NULL;
    }
    slots->backend.ops = &ops;
    if (open_slots(slots, state, err)) return &slots->backend;
    free(slots);
    return NULL;
}

static bool copy_payload(const char *from, const char *to, struct wg_error *err)
{
    char chunk[CHUNK];
    ssize_t got = 0;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) return wg_fail_errno(err, "payload %s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    bool ok = out >= 0;
    while (ok && (got = read(in, chunk, sizeof chunk)) > 0)
        for (ssize_t done = 0, wrote = 0; ok && done < got; done += wrote) {
            wrote = write(out, chunk + done, (size_t)(got - done));
            ok = wrote > 0;
        }
    ok = ok && got == 0 && fsync(out) == 0;
    if (!ok) (void)wg_fail_errno(err, "copying %s", from);
    if (out >= 0) (void)close(out);
    (void)close(in);
    return ok;
}

bool dir_provision(const char *state, const char *payload, const struct slot_release *release,
                   struct wg_error *err)
{
    struct slots slots = {.fd = -1};
    struct slot_release made = *release;
    struct wg_component found;
    char path[PATH_MAX];
    if (!open_slots(&slots, state, err)) return false;
    if (read_release(&slots, "a", &found) || read_release(&slots, "b", &found))
        return wg_fail(err, WG_E_CONFLICT, "%s holds %s %s already: nothing was changed", state,
                       found.name, found.version);
    return slots_path(&slots, "a", "payload", path, err) && copy_payload(payload, path, err) &&
           hash_file(path, made.sha256, &made.length, err) &&
           write_release(&slots, "a", &made, err) && write_boot(&slots, "a", "", err);
}
