/* cut.c: preloaded into an agent: counts every call that changes something below CUT_ROOT, writes
 * it down, and cuts the power at one of them: SIGKILL before it, after it, or in the middle of a
 * write.
 *
 *   CUT_ROOT   folder                    CUT_COUNT  file of 8 bytes that outlives a simulated
 * reboot CUT_LOG    a line a call             CUT_AT     number of the call; 0: none CUT_HOW
 * before, after, torn */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE 512
#define OPEN_MAX_CHANGES 128 /* that are not durable yet */

static const char *root;
static size_t root_len;
static _Atomic uint64_t *count;
static uint64_t cut_at;
static char how;
static int log_fd = -1;

/* Names that were changed: what is at `to` was at `from` ("" nowhere); what was at `to` before is
 * at `kept` ("" nothing was). And files whose content is not synced: from and kept are "". */
struct change {
    bool is_name;
    char to[LINE], from[LINE], kept[LINE];
};
static struct change changes[OPEN_MAX_CHANGES];
static size_t change_count;
static unsigned kept_count;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

/* Payloads are programs of their own: what they change is theirs. */
__attribute__((constructor)) static void start(void)
{
    const char *file = getenv("CUT_COUNT"), *log = getenv("CUT_LOG"), *at = getenv("CUT_AT"),
               *mode = getenv("CUT_HOW");
    root = getenv("CUT_ROOT");
    if (!root || !file || !log || strcmp(program_invocation_short_name, "wavegate-agent") != 0) {
        root = NULL;
        return;
    }
    root_len = strlen(root);
    cut_at = at ? strtoull(at, NULL, 10) : 0;
    how = mode ? mode[0] : 'b';
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    log_fd =
        (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || log_fd < 0 || syscall(SYS_ftruncate, fd, sizeof *count) != 0) abort();
    void *shared = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) abort();
    count = shared;
}

static void forget(size_t index)
{
    if (changes[index].kept[0]) (void)syscall(SYS_unlink, changes[index].kept);
    memmove(&changes[index], &changes[index + 1], (change_count - index - 1) * sizeof changes[0]);
    change_count--;
}

static struct change *note(bool is_name, const char *to)
{
    if (change_count == OPEN_MAX_CHANGES) abort();
    struct change *change = &changes[change_count++];
    *change = (struct change){.is_name = is_name};
    (void)snprintf(change->to, LINE, "%s", to);
    return change;
}

/* Before a name is changed. */
static void note_name(const char *to, const char *from)
{
    if (how != 'l') return;
    (void)pthread_mutex_lock(&guard);
    struct change *change = note(true, to);
    (void)snprintf(change->from, LINE, "%s", from);
    (void)snprintf(change->kept, LINE, "%.400s.kept-%d-%u", to, (int)getpid(), kept_count++);
    if (syscall(SYS_link, to, change->kept) != 0) change->kept[0] = '\0';
    for (size_t i = 0; from[0] && i < change_count; i++) /* what is not synced goes along */
        if (!changes[i].is_name && strcmp(changes[i].to, from) == 0)
            (void)snprintf(changes[i].to, LINE, "%s", to);
    (void)pthread_mutex_unlock(&guard);
}

static void note_content(const char *path)
{
    if (how != 'l') return;
    (void)pthread_mutex_lock(&guard);
    bool known = false;
    for (size_t i = 0; i < change_count; i++)
        known = known || (!changes[i].is_name && strcmp(changes[i].to, path) == 0);
    if (!known) (void)note(false, path);
    (void)pthread_mutex_unlock(&guard);
}

static bool is_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/' && !strchr(path + len + 1, '/');
}

static void note_sync(const char *path)
{
    if (how != 'l') return;
    (void)pthread_mutex_lock(&guard);
    for (size_t i = change_count; i-- > 0;)
        if (changes[i].is_name ? is_in(changes[i].to, path) : strcmp(changes[i].to, path) == 0)
            forget(i);
    (void)pthread_mutex_unlock(&guard);
}

/* The newest first: a name may have been changed twice. */
static void lose(void)
{
    for (size_t i = change_count; i-- > 0;) {
        const struct change *change = &changes[i];
        if (!change->is_name) {
            (void)syscall(SYS_truncate, change->to, 0);
            continue;
        }
        if (change->from[0]) (void)syscall(SYS_rename, change->to, change->from);
        if (change->kept[0]) (void)syscall(SYS_rename, change->kept, change->to);
    }
}

static void power_cut(void)
{
    if (how == 'l') lose();
    (void)kill(getpid(), SIGKILL);
    for (;;) (void)pause();
}

static bool is_ours(const char *path)
{
    return root && path && strncmp(path, root, root_len) == 0 &&
           (path[root_len] == '/' || !path[root_len]);
}

static bool path_of(int fd, char out[LINE])
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, out, LINE - 1);
    out[len > 0 ? len : 0] = '\0';
    return len > 0 && is_ours(out);
}

/* True: this is the call, and it is to be cut after or in the middle. */
static bool meets(const char *call, const char *path)
{
    char line[LINE];
    uint64_t number = atomic_fetch_add(count, 1) + 1;
    int len = snprintf(line, sizeof line, "%llu %s %s\n", (unsigned long long)number, call,
                       path[root_len] ? path + root_len + 1 : ".");
    if (len > 0 && syscall(SYS_write, log_fd, line, (size_t)len) < 0) abort();
    if (number != cut_at) return false;
    if (how == 'b') power_cut();
    return true;
}

#define AROUND(call, path, expression)                                                             \
    do {                                                                                           \
        bool cut_ = meets(call, path);                                                             \
        __typeof__(expression) result_ = (expression);                                             \
        if (cut_) power_cut();                                                                     \
        return result_;                                                                            \
    } while (0)

/* ---- files by descriptor ---- */

ssize_t write(int fd, const void *data, size_t len)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return syscall(SYS_write, fd, data, len);
    bool cut = meets("write", path);
    note_content(path);
    ssize_t done = syscall(SYS_write, fd, data, cut && how == 't' ? len / 2 : len);
    if (cut) power_cut();
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return syscall(SYS_pwrite64, fd, data, len, at);
    bool cut = meets("write", path);
    note_content(path);
    ssize_t done = syscall(SYS_pwrite64, fd, data, cut && how == 't' ? len / 2 : len, at);
    if (cut) power_cut();
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
    return pwrite(fd, data, len, at);
}

static int sync_with(long call, int fd, const char *path)
{
    int done = (int)syscall(call, fd);
    if (done == 0) note_sync(path);
    return done;
}

int fsync(int fd)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return (int)syscall(SYS_fsync, fd);
    AROUND("fsync", path, sync_with(SYS_fsync, fd, path));
}

int fdatasync(int fd)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return (int)syscall(SYS_fdatasync, fd);
    AROUND("fsync", path, sync_with(SYS_fdatasync, fd, path));
}

int ftruncate(int fd, off_t len)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return (int)syscall(SYS_ftruncate, fd, len);
    note_content(path);
    AROUND("truncate", path, (int)syscall(SYS_ftruncate, fd, len));
}

int ftruncate64(int fd, off_t len)
{
    return ftruncate(fd, len);
}

int posix_fallocate(int fd, off_t at, off_t len)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return syscall(SYS_fallocate, fd, 0, at, len) == 0 ? 0 : errno;
    note_content(path);
    AROUND("allocate", path, syscall(SYS_fallocate, fd, 0, at, len) == 0 ? 0 : errno);
}

int posix_fallocate64(int fd, off_t at, off_t len)
{
    return posix_fallocate(fd, at, len);
}

int fchmod(int fd, mode_t mode)
{
    char path[LINE];
    if (!root || !path_of(fd, path)) return (int)syscall(SYS_fchmod, fd, mode);
    AROUND("chmod", path, (int)syscall(SYS_fchmod, fd, mode));
}

/* ---- files by name ---- */

/* Only one that makes or empties a file changes something. */
static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    bool makes = (flags & O_CREAT) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
    if (!is_ours(path) || !(makes || (flags & O_TRUNC)))
        return (int)syscall(SYS_openat, folder, path, flags, mode);
    AROUND("create", path, (int)syscall(SYS_openat, folder, path, flags, mode));
}

#define MODE_OF(flags)                                                                             \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                       \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode = va_arg(args, mode_t);                                                               \
        va_end(args);                                                                              \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return open_at(folder, path, flags, mode);
}

int rename(const char *from, const char *to)
{
    if (!is_ours(to)) return (int)syscall(SYS_rename, from, to);
    bool cut = meets("rename", to);
    note_name(to, from);
    int done = (int)syscall(SYS_rename, from, to);
    if (cut) power_cut();
    return done;
}

int unlink(const char *path)
{
    if (!is_ours(path)) return (int)syscall(SYS_unlink, path);
    bool cut = meets("unlink", path);
    note_name(path, "");
    int done = (int)syscall(SYS_unlink, path);
    if (cut) power_cut();
    return done;
}

int rmdir(const char *path)
{
    if (!is_ours(path)) return (int)syscall(SYS_rmdir, path);
    AROUND("rmdir", path, (int)syscall(SYS_rmdir, path));
}

int remove(const char *path)
{
    int done = unlink(path);
    return done != 0 && errno == EISDIR ? rmdir(path) : done;
}

/* One that is there already is not made. */
int mkdir(const char *path, mode_t mode)
{
    if (!is_ours(path) || syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0)
        return (int)syscall(SYS_mkdir, path, mode);
    AROUND("mkdir", path, (int)syscall(SYS_mkdir, path, mode));
}
