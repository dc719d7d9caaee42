/* runner.c: starts, watches and ends a payload's verb, or a hook. */
#include "agent/posix/runner.h"

#include "common/posix/signals.h"
#include "common/redact.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK 4096
#define CHUNKS_PER_LOOK                                                                            \
    16 /* a payload that prints without end may not hold up the owner's loop                       \
        */

void runner_init(struct runner *runner)
{
    *runner = (struct runner){.process_fd = -1, .output_fd = -1};
}

/* In the child, between fork and exec: only calls that are safe there. A library's descriptors are
 * not all closed by exec: the broker's socket would stay open when the agent dies. */
static void become(const struct runner_job *job, char *const environment[], int output, pid_t agent)
{
    char *const arguments[] = {(char *)(uintptr_t)job->program, (char *)(uintptr_t)job->verb, NULL};
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != agent) _exit(127); /* it died before the line above */
    wg_signals_default();
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (chdir(job->folder) == 0 && dup2(input, STDIN_FILENO) >= 0 &&
        dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0 &&
        close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
        (void)execve(job->program, arguments, environment);
    _exit(127);
}

static bool spawn(struct runner *runner, const struct runner_job *job, int output,
                  struct wg_error *err)
{
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *environment[RUNNER_ENVIRONMENT_MAX + 2] = {path};
    for (size_t i = 0; i < RUNNER_ENVIRONMENT_MAX && job->environment[i]; i++)
        environment[i + 1] = (char *)(uintptr_t)job->environment[i];
    pid_t agent = getpid(), pid = fork();
    if (pid < 0) return wg_fail_errno(err, "starting %s", job->program);
    if (pid == 0) become(job, environment, output, agent);
    runner->process_fd = pidfd_open(pid, 0);
    if (runner->process_fd >= 0) {
        runner->pid = pid;
        return true;
    }
    (void)wg_fail_errno(err, "watching %s", job->program);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return false;
}

bool runner_start(struct runner *runner, const struct runner_job *job, wg_time now,
                  struct wg_error *err)
{
    int ends[2];
    runner_stop(runner);
    if (pipe2(ends, O_CLOEXEC) != 0) return wg_fail_errno(err, "starting %s", job->program);
    /* the reading end alone: a payload's writes must wait, not fail */
    bool ok = fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0
                  ? spawn(runner, job, ends[1], err)
                  : wg_fail_errno(err, "watching %s", job->program);
    (void)close(ends[1]);
    if (!ok) {
        (void)close(ends[0]);
        return false;
    }
    runner->output_fd = ends[0];
    runner->deadline = now + job->timeout;
    runner->line_len = 0;
    runner->last[0] = runner->before_last[0] = runner->marked[0] = '\0';
    runner->mark = job->mark;
    runner->payload = job->verb != NULL;
    return true;
}

static void end_line(struct runner *runner)
{
    size_t mark = runner->mark ? strlen(runner->mark) : 0;
    runner->line[runner->line_len] = '\0';
    if (mark > 0 && strncmp(runner->line, runner->mark, mark) == 0)
        (void)wg_copy(runner->marked, sizeof runner->marked, runner->line + mark);
    else if (runner->line_len > 0) {
        memcpy(runner->before_last, runner->last, sizeof runner->last);
        (void)wg_copy(runner->last, sizeof runner->last, runner->line);
    }
    runner->line_len = 0;
}

static void take_output(struct runner *runner, const char *chunk, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (chunk[i] == '\n')
            end_line(runner);
        else if (runner->line_len + 1 < sizeof runner->line)
            runner->line[runner->line_len++] = chunk[i];
    }
}

static void close_output(struct runner *runner)
{
    if (runner->output_fd >= 0) (void)close(runner->output_fd);
    runner->output_fd = -1;
}

static void read_output(struct runner *runner)
{
    char chunk[CHUNK];
    for (int i = 0; i < CHUNKS_PER_LOOK && runner->output_fd >= 0; i++) {
        ssize_t got = read(runner->output_fd, chunk, sizeof chunk);
        if (got > 0) {
            take_output(runner, chunk, (size_t)got);
            if (runner->heard) runner->heard(runner->ctx, chunk, (size_t)got);
        } else if (got == 0) {
            close_output(runner); /* its end stays readable: poll would not wait any more */
        } else {
            return;
        }
    }
}

static void forget(struct runner *runner)
{
    (void)close(runner->process_fd);
    close_output(runner);
    runner->process_fd = -1;
    runner->pid = 0;
}

/* Also what it left running in its group. It is waited for last: until then its pid is not given to
 * another process. */
static int end_group(struct runner *runner)
{
    int status = 0;
    if (kill(-runner->pid, SIGKILL) != 0) (void)kill(runner->pid, SIGKILL);
    while (waitpid(runner->pid, &status, 0) < 0 && errno == EINTR) continue;
    forget(runner);
    return status;
}

static bool has_ended(const struct runner *runner)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)runner->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == runner->pid;
}

/* The last line; the one before it may be what makes it a secret. */
static void say_last(const struct runner *runner, char text[RUNNER_TEXT_MAX])
{
    char lines[2 * RUNNER_TEXT_MAX];
    struct wg_buf clean;
    int len = snprintf(lines, sizeof lines, "%s\n%s", runner->before_last, runner->last);
    wg_buf_init(&clean, CHUNK);
    if (len > 0 && wg_redact(lines, (size_t)len, false, &clean, NULL)) {
        const char *line = strrchr(wg_buf_str(&clean), '\n');
        (void)wg_copy(text, RUNNER_TEXT_MAX, line ? line + 1 : wg_buf_str(&clean));
    } else {
        (void)snprintf(text, RUNNER_TEXT_MAX, "what it said cannot be told");
    }
    wg_buf_clear(&clean);
}

static void describe(struct runner *runner, int status, char text[RUNNER_TEXT_MAX])
{
    end_line(runner);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && !runner->last[0])
        (void)snprintf(text, RUNNER_TEXT_MAX, "%s cannot be run",
                       runner->payload ? "the payload" : "it");
    else if (runner->last[0])
        say_last(runner, text);
    else if (WIFEXITED(status))
        (void)snprintf(text, RUNNER_TEXT_MAX, "exit code %d", WEXITSTATUS(status));
    else
        (void)snprintf(text, RUNNER_TEXT_MAX, "ended by signal %d", WTERMSIG(status));
}

bool runner_look(struct runner *runner, wg_time now, struct runner_end *end)
{
    *end = (struct runner_end){.code = -1};
    if (!runner->pid) return false;
    bool ended = has_ended(runner);
    read_output(runner);
    if (ended) {
        int status = end_group(runner);
        if (WIFEXITED(status)) end->code = WEXITSTATUS(status);
        describe(runner, status, end->text);
        (void)wg_copy(end->marked, sizeof end->marked, runner->marked);
        return true;
    }
    if (now < runner->deadline) return false;
    runner_stop(runner);
    (void)snprintf(end->text, sizeof end->text, "no answer in time");
    return true;
}

void runner_stop(struct runner *runner)
{
    if (runner->pid) (void)end_group(runner);
}
