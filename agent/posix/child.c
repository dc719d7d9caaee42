/* child.c: fork, exec, and the end of the whole group. */
#include "agent/posix/child.h"

#include "common/posix/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's ends. */
struct ends {
    int input, output, error;
};

static void close_one(int *fd)
{
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

void child_init(struct child *child)
{
    *child = (struct child){
        .process_fd = -1, .input_fd = -1, .unread_fd = -1, .output_fd = -1, .error_fd = -1};
}

/* In the child, between fork and exec: only calls that are safe there. A library's descriptors are
 * not all closed by exec: the broker's socket would stay open when the agent dies. */
static void become(const struct child_job *job, const struct ends *ends, pid_t agent)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != agent) _exit(127); /* it died before the line above */
    wg_signals_default();
    int input = ends->input >= 0 ? ends->input : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (chdir(job->folder) == 0 && dup2(input, STDIN_FILENO) >= 0 &&
        dup2(ends->output, STDOUT_FILENO) >= 0 && dup2(ends->error, STDERR_FILENO) >= 0 &&
        close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
        (void)execve(job->program, job->arguments, job->environment);
    _exit(127);
}

/* A pipe of which the agent's end does not block. Ends above the standard ones: what the child puts
 * there would close them. */
static bool open_pipe(int *ours, int *theirs, bool we_write)
{
    int both[2];
    if (pipe2(both, O_CLOEXEC) != 0) return false;
    for (int i = 0; i < 2; i++) {
        if (both[i] > STDERR_FILENO) continue;
        int moved = fcntl(both[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        (void)close(both[i]);
        both[i] = moved;
    }
    *ours = both[we_write ? 1 : 0];
    *theirs = both[we_write ? 0 : 1];
    return both[0] >= 0 && both[1] >= 0 && fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

static bool open_pipes(struct child *child, const struct child_job *job, struct ends *ends)
{
    if (!open_pipe(&child->output_fd, &ends->output, false) ||
        !open_pipe(&child->error_fd, &ends->error, false))
        return false;
    if (!job->input) return true;
    if (!open_pipe(&child->input_fd, &ends->input, true)) return false;
    child->unread_fd = fcntl(ends->input, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return child->unread_fd >= 0;
}

static bool spawn(struct child *child, const struct child_job *job, const struct ends *ends)
{
    pid_t agent = getpid(), pid = fork();
    if (pid < 0) return false;
    if (pid == 0) become(job, ends, agent);
    (void)setpgid(pid, pid); /* here too: whoever comes first */
    child->pid = pid;
    child->process_fd = pidfd_open(pid, 0);
    return child->process_fd >= 0;
}

bool child_start(struct child *child, const struct child_job *job, struct wg_error *err)
{
    struct ends ends = {-1, -1, -1};
    child_clear(child);
    bool ok = (open_pipes(child, job, &ends) && spawn(child, job, &ends)) ||
              wg_fail_errno(err, "starting %s", job->program);
    close_one(&ends.input);
    close_one(&ends.output);
    close_one(&ends.error);
    if (!ok) child_clear(child);
    return ok;
}

void child_close_input(struct child *child)
{
    close_one(&child->input_fd);
}

bool child_has_ended(const struct child *child)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child->pid;
}

size_t child_unread(const struct child *child)
{
    int count = 0;
    return child->unread_fd >= 0 && ioctl(child->unread_fd, FIONREAD, &count) == 0 && count > 0
               ? (size_t)count
               : 0;
}

/* It is waited for last: until then its pid is not given to another process. */
int child_end(struct child *child)
{
    int status = 0;
    if (!child->pid) return status;
    if (kill(-child->pid, SIGKILL) != 0) (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) continue;
    child->pid = 0;
    close_one(&child->process_fd);
    close_one(&child->input_fd);
    close_one(&child->unread_fd);
    return status;
}

void child_clear(struct child *child)
{
    (void)child_end(child);
    close_one(&child->process_fd);
    close_one(&child->input_fd);
    close_one(&child->unread_fd);
    close_one(&child->output_fd);
    close_one(&child->error_fd);
}
