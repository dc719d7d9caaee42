/* tool.c: runs a program and waits for it, but not for ever. */
#include "agent/posix/slot/tool.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDERS "/usr/sbin:/usr/bin:/sbin:/bin"
#define CHUNK 4096

static bool find(const struct tool *tool, char out[PATH_MAX], struct wg_error *err)
{
    const char *rest = tool->folders[0] ? tool->folders : FOLDERS;
    while (*rest) {
        size_t len = strcspn(rest, ":");
        int size = snprintf(out, PATH_MAX, "%.*s/%s", (int)len, rest, tool->argv[0]);
        if (size > 0 && size < PATH_MAX && access(out, X_OK) == 0) return true;
        rest += len + (rest[len] == ':');
    }
    return wg_fail(err, WG_E_NOT_FOUND, "%s: there is no such program in %s", tool->argv[0],
                   tool->folders[0] ? tool->folders : FOLDERS);
}

/* Its own group, so that what it starts ends with it; signals as a program expects them. */
static int spawn(const char *path, char *const *argv, int output, pid_t *pid)
{
    char paths[] = "PATH=" FOLDERS, locale[] = "LC_ALL=C";
    char *const environment[] = {paths, locale, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int code = posix_spawn_file_actions_init(&files);
    if (code != 0) return code;
    code = posix_spawnattr_init(&how);
    if (code == 0) {
        (void)posix_spawnattr_setpgroup(&how, 0);
        (void)posix_spawnattr_setsigmask(&how, &none);
        (void)posix_spawnattr_setsigdefault(&how, &all);
        (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                 POSIX_SPAWN_SETSIGDEF);
        code = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (code == 0) code = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        if (code == 0) code = posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
        if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
        if (code == 0) code = posix_spawn(pid, path, &files, &how, argv, environment);
        (void)posix_spawnattr_destroy(&how);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return code;
}

/* False: the time is up. */
static bool wait_for(int fd, wg_time until)
{
    for (;;) {
        struct pollfd set = {.fd = fd, .events = POLLIN};
        wg_time left = until - wg_monotonic();
        if (left <= 0) return false;
        if (poll(&set, 1, left < INT_MAX ? (int)left : INT_MAX) > 0) return true;
    }
}

/* Until the output ends; false: it did not in time. */
static bool collect(int fd, wg_time until, struct wg_buf *out)
{
    char chunk[CHUNK];
    for (;;) {
        if (!wait_for(fd, until)) return false;
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return true;
        wg_buf_add(out, chunk, (size_t)got);
    }
}

/* Who has closed its output may still be at work. */
static bool wait_end(pid_t pid, wg_time until)
{
    int fd = pidfd_open(pid, 0);
    if (fd < 0) return false;
    bool ended = wait_for(fd, until);
    (void)close(fd);
    return ended;
}

/* The last line that says something. */
static void last_line(const struct wg_buf *out, char text[200])
{
    const char *all = out->failed ? "" : wg_buf_str(out);
    size_t end = strlen(all);
    while (end > 0 && (all[end - 1] == '\n' || all[end - 1] == ' ')) end--;
    size_t from = end;
    while (from > 0 && all[from - 1] != '\n') from--;
    (void)snprintf(text, 200, "%.*s", (int)(end - from < 199 ? end - from : 199), all + from);
}

static bool judge(const struct tool *tool, int status, const struct wg_buf *out,
                  struct wg_error *err)
{
    char text[200];
    const char *name = tool->argv[0];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return wg_buf_check(out, err, name);
    last_line(out, text);
    if (!WIFEXITED(status))
        return wg_fail(err, WG_E_FAILED, "%s: ended by signal %d", name, WTERMSIG(status));
    return wg_fail(err, WG_E_FAILED, "%s: exit code %d%s%s", name, WEXITSTATUS(status),
                   text[0] ? ": " : "", text);
}

bool tool_run(const struct tool *tool, struct wg_buf *out, struct wg_error *err)
{
    char path[PATH_MAX];
    int ends[2], status = 0;
    pid_t pid = 0;
    if (!find(tool, path, err)) return false;
    if (pipe2(ends, O_CLOEXEC) != 0) return wg_fail_errno(err, "starting %s", tool->argv[0]);
    int code = spawn(path, tool->argv, ends[1], &pid);
    (void)close(ends[1]);
    wg_time until = wg_monotonic() + tool->limit;
    bool ended = code == 0 && collect(ends[0], until, out) && wait_end(pid, until);
    (void)close(ends[0]);
    if (code != 0)
        return wg_fail(err, WG_E_FAILED, "starting %s: %s", tool->argv[0], strerror(code));
    if (!ended) (void)kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (!ended) return wg_fail(err, WG_E_TIMEOUT, "%s: no answer in time", tool->argv[0]);
    return judge(tool, status, out, err);
}
