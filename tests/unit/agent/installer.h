/* installer.h: a backend whose installer is a script of the test, in a folder of its own. */
#ifndef WG_TESTS_UNIT_AGENT_INSTALLER_H
#define WG_TESTS_UNIT_AGENT_INSTALLER_H

#include "agent/posix/slot/exec.h"
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONG (20 * WG_SECOND)
#define SHORT ((wg_duration)1000) /* for what hangs; long enough for a shell to begin */

struct trial {
    struct folder folder;
    char program[PATH_MAX], state[PATH_MAX];
    struct slot_exec_config config;
    struct slot_backend *backend;
    struct slot_release release;
    struct slot_status status;
    struct wg_error err;
    int64_t have;
    int fds;
};

static inline int count_fds(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir)) count++;
    if (dir) (void)closedir(dir);
    return count;
}

/* The script's own folder is its state folder, where it leaves what the test looks at. */
static inline void open_trial(struct trial *trial, const char *script)
{
    char text[4096];
    memset(trial, 0, sizeof *trial);
    trial->fds = count_fds();
    folder_make(&trial->folder);
    (void)snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    folder_put(&trial->folder, "installer", text, 0700);
    (void)wg_copy(trial->program, sizeof trial->program, folder_file(&trial->folder, "installer"));
    (void)wg_copy(trial->state, sizeof trial->state, folder_file(&trial->folder, "state"));
    trial->config = (struct slot_exec_config){
        .program = trial->program, .folder = trial->state, .quick = LONG, .work = LONG};
    trial->release = (struct slot_release){
        .component = "brake", .version = "2.0.0", .sha256 = "00ff", .length = 1 << 20};
}

static inline void start(struct trial *trial)
{
    trial->backend = slot_exec_new(&trial->config, &trial->err);
    if (!trial->backend) printf("\n    %s\n", trial->err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial->backend);
}

static inline void close_trial(struct trial *trial)
{
    if (trial->backend) trial->backend->ops->free(trial->backend);
    CU_ASSERT_EQUAL(count_fds(), trial->fds);
    folder_remove(&trial->folder);
}

static inline bool probe(struct trial *trial)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->probe(trial->backend, &trial->status, &trial->err);
}

static inline bool begin(struct trial *trial, bool fresh)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->begin(trial->backend, &trial->release, fresh, &trial->have,
                                      &trial->err);
}

static inline bool put(struct trial *trial, const char *data, size_t len)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->write(trial->backend, data, len, &trial->err);
}

static inline bool sync_it(struct trial *trial)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->sync(trial->backend, &trial->err);
}

static inline bool activate(struct trial *trial)
{
    wg_error_clear(&trial->err);
    return trial->backend->ops->activate(trial->backend, &trial->err);
}

static inline void expect(const struct trial *trial, enum wg_error_code code, const char *part)
{
    CU_ASSERT_EQUAL(trial->err.code, code);
    if (!strstr(trial->err.text, part)) ASSERT_TEXT(trial->err.text, part);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial->err.text, part));
}

static inline const char *left(struct trial *trial, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "state/%s", name);
    return folder_get(&trial->folder, path);
}

/* A process that the installer wrote the number of into a file: gone, or a corpse, soon. */
static inline bool is_gone(struct trial *trial, const char *name)
{
    pid_t pid = (pid_t)strtol(left(trial, name), NULL, 10);
    CU_ASSERT_FATAL(pid > 1);
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) return errno == ESRCH;
    struct timespec limit = {.tv_sec = 20};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    bool gone = pselect(fd + 1, &set, NULL, NULL, &limit, NULL) == 1;
    (void)close(fd);
    return gone;
}

#endif
