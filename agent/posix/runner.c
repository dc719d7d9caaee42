/* runner.c: starts, watches and ends a payload's verb. */
#include "agent/posix/runner.h"

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

void runner_init(struct runner *runner)
{
    *runner = (struct runner){.process_fd = -1, .output_fd = -1};
}

/* In the child, between fork and exec: only calls that are safe there. */
static void become(const struct runner_job *job, char *const environment[], int output)
{
    char *const arguments[] = {(char *)(uintptr_t)job->program, (char *)(uintptr_t)job->verb, NULL};
    sigset_t none;
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(job->folder) == 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0)
        (void)execve(job->program, arguments, environment);
    _exit(127);
}

static bool spawn(struct runner *runner, const struct runner_job *job, int output,
                  struct wg_error *err)
{
    char slot[32], component[128], version[128], state[4352];
    char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    (void)snprintf(slot, sizeof slot, "WAVEGATE_SLOT=%s", job->slot);
    (void)snprintf(component, sizeof component, "WAVEGATE_COMPONENT=%s", job->component);
    (void)snprintf(version, sizeof version, "WAVEGATE_VERSION=%s", job->version);
    (void)snprintf(state, sizeof state, "WAVEGATE_STATE=%s", job->state);
    char *const environment[] = {path, slot, component, version, state, NULL};
    pid_t pid = fork();
    if (pid < 0) return wg_fail_errno(err, "starting %s", job->verb);
    if (pid == 0) become(job, environment, output);
    runner->process_fd = pidfd_open(pid, 0);
    if (runner->process_fd >= 0) {
        runner->pid = pid;
        return true;
    }
    (void)wg_fail_errno(err, "watching %s", job->verb);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return false;
}

bool runner_start(struct runner *runner, const struct runner_job *job, wg_time now,
                  struct wg_error *err)
{
    int ends[2];
    runner_stop(runner);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return wg_fail_errno(err, "starting %s", job->verb);
    bool ok = spawn(runner, job, ends[1], err);
    (void)close(ends[1]);
    if (!ok) {
        (void)close(ends[0]);
        return false;
    }
    runner->output_fd = ends[0];
    runner->deadline = now + job->timeout;
    runner->line_len = 0;
    runner->last[0] = '\0';
    return true;
}

static void end_line(struct runner *runner)
{
    runner->line[runner->line_len] = '\0';
    if (runner->line_len > 0) (void)wg_copy(runner->last, sizeof runner->last, runner->line);
    runner->line_len = 0;
}

static void read_output(struct runner *runner)
{
    char chunk[4096];
    ssize_t got;
    while ((got = read(runner->output_fd, chunk, sizeof chunk)) > 0)
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] == '\n')
                end_line(runner);
            else if (runner->line_len + 1 < sizeof runner->line)
                runner->line[runner->line_len++] = chunk[i];
        }
}

static void forget(struct runner *runner)
{
    (void)close(runner->process_fd);
    (void)close(runner->output_fd);
    runner->process_fd = runner->output_fd = -1;
    runner->pid = 0;
}

static void describe(struct runner *runner, int status, char text[RUNNER_TEXT_MAX])
{
    end_line(runner);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && !runner->last[0])
        (void)snprintf(text, RUNNER_TEXT_MAX, "the payload cannot be run");
    else if (runner->last[0])
        (void)wg_copy(text, RUNNER_TEXT_MAX, runner->last);
    else if (WIFEXITED(status))
        (void)snprintf(text, RUNNER_TEXT_MAX, "exit code %d", WEXITSTATUS(status));
    else
        (void)snprintf(text, RUNNER_TEXT_MAX, "ended by signal %d", WTERMSIG(status));
}

bool runner_look(struct runner *runner, wg_time now, bool *ok, char text[RUNNER_TEXT_MAX])
{
    int status = 0;
    if (!runner->pid) return false;
    read_output(runner);
    if (waitpid(runner->pid, &status, WNOHANG) == runner->pid) {
        read_output(runner);
        *ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        describe(runner, status, text);
        (void)kill(-runner->pid, SIGKILL); /* what it left running in its group */
        forget(runner);
        return true;
    }
    if (now < runner->deadline) return false;
    runner_stop(runner);
    *ok = false;
    (void)snprintf(text, RUNNER_TEXT_MAX, "no answer in time");
    return true;
}

void runner_stop(struct runner *runner)
{
    if (!runner->pid) return;
    if (kill(-runner->pid, SIGKILL) != 0) (void)kill(runner->pid, SIGKILL);
    while (waitpid(runner->pid, NULL, 0) < 0 && errno == EINTR) continue;
    forget(runner);
}
