/* cutter.h: stands between the code under test and the system calls that change a disk: counts
 * them, lets one fail, or ends the process before one or in its middle, and then takes back what
 * was never synced, as a power cut may. One to a program; include it in one file. */
#ifndef WG_TESTS_UNIT_AGENT_CUTTER_H
#define WG_TESTS_UNIT_AGENT_CUTTER_H

#define FOLDER_IN_MEMORY
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define CUTTER_UNDOS 2048

enum cutter_mode {
    CUT_NOTHING,
    CUT_KEPT, /* before the call; all that was written reached the disk */
    CUT_LOST, /* before the call; what was not synced is as before */
    CUT_TORN, /* a write in its middle, the first half of it kept; other calls as CUT_KEPT */
    CUT_FAIL, /* the call fails with EIO */
    CUT_SICK, /* it, and all that follow */
    CUT_MODES
};

/* What takes a change back: bytes of an open file, or a name in a folder. */
struct cutter_undo {
    int fd; /* -1: a name */
    off_t at;
    char path[256];
    bool was_there;
    size_t len;
    char *bytes;
};

static struct {
    enum cutter_mode mode;
    long at, steps; /* counted from 1 */
    size_t count;
    struct cutter_undo undos[CUTTER_UNDOS];
} cutter;

static inline void cutter_forget(struct cutter_undo *undo)
{
    if (undo->fd >= 0) (void)close(undo->fd);
    free(undo->bytes);
}

static inline void cutter_take_back(void)
{
    while (cutter.count > 0) {
        struct cutter_undo *undo = &cutter.undos[--cutter.count];
        if (undo->fd >= 0) {
            (void)syscall(SYS_pwrite64, undo->fd, undo->bytes, undo->len, undo->at);
        } else if (undo->was_there) {
            int fd = open(undo->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            (void)syscall(SYS_write, fd, undo->bytes, undo->len);
            (void)close(fd);
        } else {
            (void)syscall(SYS_unlinkat, AT_FDCWD, undo->path, 0);
        }
        cutter_forget(undo);
    }
}

static inline bool cutter_step(void)
{
    cutter.steps++;
    if (cutter.mode == CUT_NOTHING || cutter.steps < cutter.at) return true;
    if (cutter.mode == CUT_LOST) cutter_take_back();
    if (cutter.mode < CUT_FAIL) _exit(0);
    errno = EIO;
    return cutter.mode == CUT_FAIL && cutter.steps > cutter.at;
}

/* True: this write is to be torn. */
static inline bool cutter_tears(void)
{
    return cutter.mode == CUT_TORN && cutter.steps + 1 == cutter.at;
}

static inline struct cutter_undo *cutter_remember(int fd)
{
    CU_ASSERT_TRUE_FATAL(cutter.count < CUTTER_UNDOS);
    struct cutter_undo *undo = &cutter.undos[cutter.count++];
    *undo = (struct cutter_undo){.fd = fd};
    return undo;
}

/* The name as it is now. */
static inline void cutter_remember_name(const char *path)
{
    struct cutter_undo *undo = cutter_remember(-1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    (void)wg_copy(undo->path, sizeof undo->path, path);
    undo->was_there = fd >= 0;
    undo->bytes = calloc(1, 4096);
    if (fd < 0 || !undo->bytes) return;
    undo->len = (size_t)read(fd, undo->bytes, 4096);
    (void)close(fd);
}

static inline bool cutter_covers(const struct cutter_undo *undo, const struct stat *synced)
{
    struct stat info;
    char folder[256];
    if (undo->fd >= 0) return fstat(undo->fd, &info) == 0 && info.st_ino == synced->st_ino;
    (void)wg_copy(folder, sizeof folder, undo->path);
    *strrchr(folder, '/') = '\0';
    return stat(folder, &info) == 0 && info.st_ino == synced->st_ino;
}

/* The disk itself is not waited for: nobody cuts the power of the machine that tests. */
static inline int cutter_sync(int fd)
{
    struct stat synced;
    size_t kept = 0;
    if (!cutter_step()) return -1;
    if (fstat(fd, &synced) != 0) return -1;
    for (size_t i = 0; i < cutter.count; i++) {
        if (cutter_covers(&cutter.undos[i], &synced))
            cutter_forget(&cutter.undos[i]);
        else
            cutter.undos[kept++] = cutter.undos[i];
    }
    cutter.count = kept;
    return 0;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    if (cutter_tears())
        len /= 2;
    else if (!cutter_step())
        return -1;
    struct cutter_undo *undo = cutter_remember(dup(fd));
    undo->at = at;
    undo->len = len;
    undo->bytes = calloc(1, len + 1);
    if (undo->bytes && pread(fd, undo->bytes, len, at) != (ssize_t)len) undo->len = 0;
    ssize_t wrote = syscall(SYS_pwrite64, fd, data, len, at);
    if (cutter_tears()) (void)cutter_step();
    return wrote;
}

ssize_t write(int fd, const void *data, size_t len)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return syscall(SYS_write, fd, data, len);
    if (cutter_tears()) {
        (void)syscall(SYS_write, fd, data, len / 2);
        (void)cutter_step();
    }
    return cutter_step() ? syscall(SYS_write, fd, data, len) : -1;
}

int fsync(int fd)
{
    return cutter_sync(fd);
}

int fdatasync(int fd)
{
    return cutter_sync(fd);
}

int rename(const char *from, const char *to)
{
    if (!cutter_step()) return -1;
    cutter_remember_name(to);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    if (!cutter_step()) return -1;
    if (access(path, F_OK) == 0) cutter_remember_name(path);
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

struct cutter_outcome {
    long steps;
    bool ok;
};

/* In a process of its own, that may be ended. */
static inline struct cutter_outcome cutter_play(bool (*script)(void), enum cutter_mode mode,
                                                long at)
{
    struct cutter_outcome *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_TRUE_FATAL(shared != MAP_FAILED);
    pid_t child = fork();
    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0) {
        cutter.steps = 0;
        cutter.count = 0;
        cutter.at = at;
        cutter.mode = mode;
        shared->ok = script();
        shared->steps = cutter.steps;
        _exit(CU_get_number_of_failures() == 0 ? 0 : 9);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct cutter_outcome outcome = *shared;
    (void)munmap(shared, sizeof *shared);
    return outcome;
}

#endif
