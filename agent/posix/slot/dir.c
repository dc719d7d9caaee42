/* dir.c: folders as slots; every step that matters is on disk before the next begins. */
#include "agent/posix/slot/dir.h"

#include "agent/posix/slot/record.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define CHUNK 65536
#define RECORD_MAX 1024

struct slots {
    struct slot_backend backend;
    char state[PATH_MAX - 256]; /* folder; room is left for names below it */
    char running[2], idle[2];   /* "a", "b" */
    int fd;                     /* of the part; -1: not open */
    int64_t at;                 /* bytes that were written to it */
    int64_t length;             /* of all of it */
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

/* How many commits there had been when this slot was; 0: it never was, or an agent of old did it.
 */
static int64_t commit_of(const struct slots *slots, const char *slot)
{
    static const char *const keys[] = {"number", NULL};
    char path[PATH_MAX];
    enum kept_found found;
    int64_t number = 0;
    if (!slots_path(slots, slot, "committed.json", path, NULL)) return 0;
    json_t *json = kept_json_load(path, RECORD_MAX, keys, &found);
    if (!json || !wg_json_int(json, "number", 1, INT64_MAX - 1, &number, NULL)) number = 0;
    json_decref(json);
    return number;
}

/* For rebuild() alone: the commit is what boot.json says. */
static void note_commit(const struct slots *slots, const char *slot)
{
    char path[PATH_MAX];
    struct wg_error problem = {0};
    int64_t a = commit_of(slots, "a"), b = commit_of(slots, "b");
    json_int_t number = a > b ? a : b;
    json_t *json = json_pack("{s:I}", "number", number + 1);
    bool ok = json ? slots_path(slots, slot, "committed.json", path, &problem) &&
                         kept_json_save(path, json, &problem)
                   : wg_fail_memory(&problem, "noting a commit");
    json_decref(json);
    if (!ok) wg_log_error("which slot was committed last is not noted", &problem);
}

static bool is_whole(const struct slots *slots, const char *slot)
{
    char path[PATH_MAX];
    struct slot_release release;
    return slots_path(slots, slot, "release.json", path, NULL) && record_load(path, &release) &&
           slots_path(slots, slot, "payload", path, NULL) && check_payload(path, &release, NULL);
}

/* The default, from what is really there. A slot on trial never is: it was not committed. */
static void rebuild(const struct slots *slots, char standard[2])
{
    bool a = is_whole(slots, "a"), b = is_whole(slots, "b");
    bool later = commit_of(slots, "b") > commit_of(slots, "a");
    (void)wg_copy(standard, 2, b && (later || !a) ? "b" : "a");
}

static bool write_boot(const struct slots *slots, const char *standard, const char *once,
                       struct wg_error *err)
{
    char path[PATH_MAX];
    json_t *json = json_pack("{s:s,s:s}", "default", standard, "once", once);
    bool ok = json ? wg_path_join(path, sizeof path, slots->state, "boot.json", err) &&
                         kept_json_save(path, json, err)
                   : wg_fail_memory(err, "writing what boots next");
    json_decref(json);
    return ok;
}

/* Without any record: a fresh device that runs slot a, or one that has lost it. */
static bool read_boot(const struct slots *slots, char standard[2], char once[2],
                      struct wg_error *err)
{
    static const char *const keys[] = {"default", "once", NULL};
    char path[PATH_MAX];
    enum kept_found found;
    once[0] = '\0';
    if (!wg_path_join(path, sizeof path, slots->state, "boot.json", err)) return false;
    json_t *json = kept_json_load(path, RECORD_MAX, keys, &found);
    bool ok = json && wg_json_text(json, "default", standard, 2, NULL) &&
              wg_json_text(json, "once", once, 2, NULL) && is_slot(standard);
    json_decref(json);
    if (ok) return true;
    if (found == KEPT_FAILED) return wg_fail_memory(err, path);
    rebuild(slots, standard);
    once[0] = '\0';
    if (found == KEPT_NONE) return true;
    wg_log(WG_LOG_WARN,
           "which slot is the default is not known any more: taking the one that was "
           "committed last and is whole",
           "slot", standard, NULL);
    struct wg_error problem = {0};
    if (!write_boot(slots, standard, "", &problem))
        wg_log_error("it is looked for again at the next start", &problem);
    return true;
}

static bool read_release(const struct slots *slots, const char *slot, struct slot_release *out)
{
    char path[PATH_MAX];
    return slots_path(slots, slot, "release.json", path, NULL) && record_load(path, out);
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

/* A disk that will not be better when it is tried again: read-only, or full. */
static bool takes_nothing(const struct slots *slots)
{
    struct statvfs info;
    return statvfs(slots->state, &info) == 0 &&
           ((info.f_flag & ST_RDONLY) || info.f_bavail * info.f_frsize < CHUNK);
}

/* What a boot loader does: picks the slot. */
static bool probe(struct slot_backend *backend, struct slot_status *out, struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    char standard[2], once[2];
    struct slot_release release;
    *out = (struct slot_status){0};
    if (!read_boot(slots, standard, once, err)) return false;
    struct wg_error problem = {0};
    bool marked = is_slot(once);
    /* a mark that cannot be taken away would boot the new slot for ever */
    if (marked && !write_boot(slots, standard, "", &problem)) {
        if (!takes_nothing(slots)) {
            if (err) *err = problem;
            return false;
        }
        wg_log_error("the boot-once mark cannot be taken away: the default slot runs", &problem);
        marked = false;
    }
    out->trial = marked && strcmp(once, standard) != 0 && read_release(slots, once, &release);
    (void)wg_copy(slots->running, sizeof slots->running, out->trial ? once : standard);
    (void)wg_copy(slots->idle, sizeof slots->idle, slots->running[0] == 'a' ? "b" : "a");
    (void)wg_copy(out->running, sizeof out->running, slots->running);
    (void)wg_copy(out->idle, sizeof out->idle, slots->idle);
    if (read_release(slots, slots->running, &release)) record_tell(&release, out);
    return true;
}

static bool remove_record(const struct slots *slots, const char *slot, const char *file,
                          struct wg_error *err)
{
    char path[PATH_MAX];
    return slots_path(slots, slot, file, path, err) && kept_remove(path, err);
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
    return clear_once(slots, err) && remove_record(slots, slots->idle, "release.json", err) &&
           remove_record(slots, slots->idle, "committed.json", err) &&
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
    if (!slots_path(slots, slots->idle, "", path, err) ||
        !wg_room_check(release->length - size, path, err))
        return false;
    slots->length = release->length;
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

static bool fail_write(const struct slots *slots, struct wg_error *err)
{
    char path[PATH_MAX];
    int number = errno;
    bool full = number == ENOSPC || number == EDQUOT;
    if (full && slots_path(slots, slots->idle, "", path, err))
        return wg_fail_room(slots->length - slots->at, path, err);
    errno = number;
    return wg_fail_errno(err, "writing the artifact");
}

static bool write_part(struct slot_backend *backend, const void *data, size_t len,
                       struct wg_error *err)
{
    struct slots *slots = (struct slots *)backend;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = pwrite(slots->fd, (const char *)data + done, len - done, slots->at);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return fail_write(slots, err);
        done += (size_t)wrote;
        slots->at += wrote;
    }
    return true;
}

static bool sync_part(struct slot_backend *backend, struct wg_error *err)
{
    const struct slots *slots = (struct slots *)backend;
    return fdatasync(slots->fd) == 0 || fail_write(slots, err);
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

static bool base(struct slot_backend *backend, const struct slot_release *release,
                 char out[PATH_MAX], struct wg_error *err)
{
    const struct slots *slots = (const struct slots *)backend;
    (void)release;
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
    struct slot_release release;
    if (!read_release(slots, slots->idle, &release))
        return wg_fail(err, WG_E_FAILED, "slot %s is not complete", slots->idle);
    return write_boot(slots, slots->running, slots->idle, err);
}

static bool confirm(struct slot_backend *backend, struct wg_error *err)
{
    const struct slots *slots = (struct slots *)backend;
    if (!write_boot(slots, slots->running, "", err)) return false;
    note_commit(slots, slots->running);
    return true;
}

static bool revert(struct slot_backend *backend, struct wg_error *err)
{
    return clear_once((const struct slots *)backend, err);
}

static void discard(struct slot_backend *backend)
{
    struct slots *slots = (struct slots *)backend;
    close_part(slots);
    (void)remove_record(slots, slots->idle, "release.json", NULL);
    (void)remove_record(slots, slots->idle, "committed.json", NULL);
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
                                            .keeps = true,
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
    struct slot_release found;
    char path[PATH_MAX];
    if (!open_slots(&slots, state, err)) return false;
    if (read_release(&slots, "a", &found) || read_release(&slots, "b", &found))
        return wg_fail(err, WG_E_CONFLICT, "%s holds %s %s already: nothing was changed", state,
                       found.component, found.version);
    return slots_path(&slots, "a", "payload", path, err) && copy_payload(payload, path, err) &&
           hash_file(path, made.sha256, &made.length, err) &&
           write_release(&slots, "a", &made, err) && write_boot(&slots, "a", "", err);
}
