/* process.c: starts, watches and ends a child process and its group. */
#include "orchestrator/hook/process.h"

#include "common/posix/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK 4096
#define CHUNKS_PER_LOOK 16 /* who writes without end may not hold up the owner's loop */

/* Through START the child tells why it could not become the program: it is closed by exec. */
enum { OUTPUT, ERRORS, START, PIPES, INPUT = PIPES, ENDS };

struct ends {
    int ours[PIPES], theirs[ENDS];
};

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) (void)close(fds[i]);
        fds[i] = -1;
    }
}

/* A file in memory, not a pipe: nobody has to feed it, and a program that does not read it does no
 * harm. */
static int input_file(const struct process_job *job)
{
    const char *bytes = job->input;
    int fd = memfd_create("input", MFD_CLOEXEC);
    for (size_t at = 0; fd >= 0 && at < job->input_len;) {
        ssize_t put = write(fd, bytes + at, job->input_len - at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) close_all(&fd, 1);
        if (put > 0) at += (size_t)put;
    }
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0) close_all(&fd, 1);
    return fd;
}

static bool open_ends(struct ends *ends, const struct process_job *job, struct wg_error *err)
{
    memset(ends, -1, sizeof *ends);
    for (int i = 0; i < PIPES; i++) {
        int pair[2];
        if (pipe2(pair, O_CLOEXEC) != 0) return wg_fail_errno(err, "opening a pipe");
        ends->ours[i] = pair[0];
        ends->theirs[i] = pair[1];
        /* the reading end alone: the program's writes must wait, not fail */
        if (fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0) return wg_fail_errno(err, "opening a pipe");
    }
    ends->theirs[INPUT] = input_file(job);
    return ends->theirs[INPUT] >= 0 || wg_fail_errno(err, "laying the input ready");
}

/* In the child, between fork and exec: only calls that are safe there. A library's descriptors are
 * not all closed by exec, so all are marked. */
static void become(const struct process_job *job, const int given[ENDS], pid_t parent)
{
    int fds[ENDS];
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127); /* it died before the line above */
    wg_signals_default();
    /* one of them may be 0, 1 or 2, when this process was started without */
    for (int i = 0; i < ENDS; i++) fds[i] = fcntl(given[i], F_DUPFD, STDERR_FILENO + 1);
    if (chdir(job->folder) == 0 && dup2(fds[INPUT], STDIN_FILENO) >= 0 &&
        dup2(fds[OUTPUT], STDOUT_FILENO) >= 0 && dup2(fds[ERRORS], STDERR_FILENO) >= 0 &&
        close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        (void)execve(job->program, (char *const *)(uintptr_t)job->arguments,
                     (char *const *)(uintptr_t)job->environment);
    int reason = errno;
    if (write(fds[START], &reason, sizeof reason) < 0) _exit(126);
    _exit(127);
}

static bool spawn(struct process *process, const struct process_job *job, const struct ends *ends,
                  struct wg_error *err)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) return wg_fail_errno(err, "starting a process");
    if (pid == 0) become(job, ends->theirs, parent);
    /* here too, so that the group is there before anybody wants to end it */
    (void)setpgid(pid, pid);
    process->process_fd = pidfd_open(pid, 0);
    if (process->process_fd >= 0) {
        process->pid = pid;
        return true;
    }
    (void)wg_fail_errno(err, "watching a process");
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return false;
}

bool process_start(struct process *process, const struct process_job *job, wg_time now,
                   struct wg_error *err)
{
    struct ends ends;
    *process = (struct process){.process_fd = -1,
                                .start_fd = -1,
                                .out.fd = -1,
                                .err.fd = -1,
                                .room = job->output_max,
                                .deadline = now + job->timeout};
    bool ok = open_ends(&ends, job, err) && spawn(process, job, &ends, err);
    close_all(ends.theirs, ENDS);
    if (ok) {
        process->out.fd = ends.ours[OUTPUT];
        process->err.fd = ends.ours[ERRORS];
        process->start_fd = ends.ours[START];
    } else {
        close_all(ends.ours, PIPES);
    }
    return ok;
}

size_t process_poll_set(const struct process *process, struct pollfd out[PROCESS_POLL_MAX])
{
    const int fds[PROCESS_POLL_MAX] = {process->process_fd, process->out.fd, process->err.fd};
    size_t count = 0;
    for (size_t i = 0; i < PROCESS_POLL_MAX; i++)
        if (process->pid && fds[i] >= 0)
            out[count++] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    return count;
}

static void read_stream(struct process *process, struct process_stream *stream)
{
    char chunk[CHUNK];
    for (int i = 0; i < CHUNKS_PER_LOOK && stream->fd >= 0; i++) {
        ssize_t got = read(stream->fd, chunk, sizeof chunk);
        if (got < 0) return;
        /* its end stays readable: poll would not wait any more */
        if (got == 0) close_all(&stream->fd, 1);
        words_add(&stream->words, chunk, (size_t)got);
        process->room -= (size_t)got < process->room ? (size_t)got : process->room;
    }
}

static bool has_ended(const struct process *process)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process->pid;
}

static void signal_group(const struct process *process, int number)
{
    if (kill(-process->pid, number) != 0) (void)kill(process->pid, number);
}

/* Also what it left running in its group. It is waited for last: until then its number is not given
 * to another process. */
static int finish(struct process *process)
{
    int status = 0;
    signal_group(process, SIGKILL);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) continue;
    close_all(&process->process_fd, 1);
    close_all(&process->start_fd, 1);
    close_all(&process->out.fd, 1);
    close_all(&process->err.fd, 1);
    process->pid = 0;
    process->deadline = 0;
    return status;
}

static void take_end(struct process *process)
{
    int reason = 0;
    bool started = read(process->start_fd, &reason, sizeof reason) != (ssize_t)sizeof reason;
    int status = finish(process);
    if (process->ending) return;
    process->end = !started            ? PROCESS_NOT_STARTED
                   : WIFEXITED(status) ? PROCESS_EXITED
                                       : PROCESS_SIGNALLED;
    process->code = !started ? reason : WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

static void tell_to_end(struct process *process, enum process_end why, wg_time now)
{
    process->ending = true;
    process->end = why;
    process->deadline = now + PROCESS_GRACE;
    signal_group(process, SIGTERM);
    /* nobody reads them any more: who goes on writing is ended by that too */
    close_all(&process->out.fd, 1);
    close_all(&process->err.fd, 1);
}

bool process_look(struct process *process, wg_time now)
{
    if (!process->pid) return false;
    bool ended = has_ended(process);
    read_stream(process, &process->out);
    read_stream(process, &process->err);
    if (!process->ending && process->room == 0) tell_to_end(process, PROCESS_FLOODED, now);
    if (ended) {
        take_end(process);
        return true;
    }
    if (process->deadline == 0 || now < process->deadline) return false;
    if (!process->ending) {
        tell_to_end(process, PROCESS_TIMED_OUT, now);
    } else {
        signal_group(process, SIGKILL);
        process->deadline = 0;
    }
    return false;
}

void process_kill(struct process *process)
{
    if (process->pid) (void)finish(process);
}
