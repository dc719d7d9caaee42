/* exec_run.c: the loop between the agent and one run of an installer. */
#include "agent/posix/slot/exec_run.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define CHUNK 4096
#define CHUNKS_PER_TURN 16 /* what prints without end may not hold up the look at the clock */

/* What poll() waits for, in its order. */
enum { PROCESS, OUTPUT, ERROR, STOP, INPUT, FDS };

void exec_run_init(struct exec_run *run)
{
    *run = (struct exec_run){.stop_fd = -1};
    child_init(&run->child);
}

bool exec_run_start(struct exec_run *run, const struct exec_run_job *job, struct wg_error *err)
{
    char *const arguments[] = {(char *)(uintptr_t)job->program, (char *)(uintptr_t)job->verb, NULL};
    struct child_job child = {.program = job->program,
                              .arguments = arguments,
                              .environment = job->environment,
                              .folder = job->folder,
                              .input = job->input};
    exec_run_stop(run);
    run->verb = job->verb;
    run->stop_fd = job->stop_fd;
    run->answers = job->answers;
    run->over = false;
    run->answer_len = run->line_len = 0;
    run->answer[0] = run->last[0] = '\0';
    return child_start(&run->child, &child, err);
}

bool exec_run_is_on(const struct exec_run *run)
{
    return run->child.pid != 0;
}

void exec_run_stop(struct exec_run *run)
{
    child_clear(&run->child);
}

static void take_answer(struct exec_run *run, const char *chunk, size_t len)
{
    if (!run->answers) return;
    size_t room = EXEC_ANSWER_MAX - run->answer_len;
    run->over = run->over || len > room;
    for (size_t i = 0; i < len && i < room; i++) run->answer[run->answer_len++] = chunk[i];
    run->answer[run->answer_len] = '\0';
}

static void end_line(struct exec_run *run)
{
    run->line[run->line_len] = '\0';
    if (run->line_len > 0) (void)wg_copy(run->last, sizeof run->last, run->line);
    run->line_len = 0;
}

static void take_error(struct exec_run *run, const char *chunk, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (chunk[i] == '\n')
            end_line(run);
        else if (chunk[i] != '\0' && run->line_len + 1 < sizeof run->line)
            run->line[run->line_len++] = chunk[i];
    }
}

static void drain(struct exec_run *run, int *fd)
{
    char chunk[CHUNK];
    for (int i = 0; i < CHUNKS_PER_TURN && *fd >= 0; i++) {
        ssize_t got = read(*fd, chunk, sizeof chunk);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            (void)close(*fd);
            *fd = -1;
        } else if (fd == &run->child.output_fd)
            take_answer(run, chunk, (size_t)got);
        else
            take_error(run, chunk, (size_t)got);
    }
}

static void drain_both(struct exec_run *run)
{
    drain(run, &run->child.output_fd);
    drain(run, &run->child.error_fd);
}

/* The text of a failure, in the program's own last words when it had any. */
static bool blame(struct exec_run *run, enum wg_error_code code, const char *otherwise,
                  struct wg_error *err)
{
    end_line(run);
    wg_text_tame(run->last);
    const char *text =
        run->last[0] && wg_text_is_utf8(run->last, strlen(run->last)) ? run->last : otherwise;
    return wg_fail(err, code, "%s: %s", run->verb, text);
}

static bool judge_exit(struct exec_run *run, int status, struct wg_error *err)
{
    char text[64];
    if (WIFSIGNALED(status)) {
        (void)wg_format(text, sizeof text, "ended by signal %d", WTERMSIG(status));
        return blame(run, WG_E_FAILED, text, err);
    }
    int code = WEXITSTATUS(status);
    if (code == 0) return true;
    if (code == 127)
        (void)wg_copy(text, sizeof text, "the program cannot be run (exit code 127)");
    else
        (void)wg_format(text, sizeof text, "exit code %d", code);
    return blame(run,
                 code == EX_DATAERR    ? WG_E_VERIFY
                 : code == EX_TEMPFAIL ? WG_E_CONFLICT
                                       : WG_E_FAILED,
                 text, err);
}

/* It has ended. */
static bool judge(struct exec_run *run, bool more_to_say, struct wg_error *err)
{
    size_t unread = child_unread(&run->child);
    int status = child_end(&run->child);
    drain_both(run);
    child_clear(&run->child);
    if (!judge_exit(run, status, err)) return false;
    if (more_to_say || unread > 0)
        return wg_fail(err, WG_E_FAILED, "%s: it ended with exit code 0 and had not read all",
                       run->verb);
    return !run->over || wg_fail(err, WG_E_BAD_INPUT, "%s: an answer of more than %d bytes",
                                 run->verb, EXEC_ANSWER_MAX);
}

static bool give_up(struct exec_run *run, enum wg_error_code code, const char *text,
                    struct wg_error *err)
{
    exec_run_stop(run);
    return wg_fail(err, code, "%s: %s", run->verb, text);
}

static bool is_ready(const struct pollfd *fd)
{
    return fd->fd >= 0 && fd->revents != 0;
}

/* Waits for something to do, at most until the deadline; *gone: it has ended. false: it was ended.
 */
static bool turn(struct exec_run *run, bool feeding, wg_time deadline, bool *gone,
                 struct wg_error *err)
{
    const struct child *child = &run->child;
    struct pollfd fds[FDS] = {[PROCESS] = {.fd = child->process_fd, .events = POLLIN},
                              [OUTPUT] = {.fd = child->output_fd, .events = POLLIN},
                              [ERROR] = {.fd = child->error_fd, .events = POLLIN},
                              [STOP] = {.fd = run->stop_fd, .events = POLLIN},
                              [INPUT] = {.fd = feeding ? child->input_fd : -1, .events = POLLOUT}};
    wg_duration left = deadline - wg_monotonic();
    if (left <= 0) return give_up(run, WG_E_TIMEOUT, "no end in time", err);
    if (poll(fds, FDS, left > INT32_MAX ? INT32_MAX : (int)left) < 0 && errno != EINTR) {
        (void)wg_fail_errno(err, "%s: waiting", run->verb);
        exec_run_stop(run);
        return false;
    }
    if (is_ready(&fds[STOP])) return give_up(run, WG_E_INTERRUPTED, "stopped", err);
    drain_both(run);
    if (run->over) return give_up(run, WG_E_BAD_INPUT, "an answer without end", err);
    *gone = child_has_ended(child);
    return true;
}

bool exec_run_feed(struct exec_run *run, const void *data, size_t len, wg_duration limit,
                   struct wg_error *err)
{
    wg_time deadline = wg_monotonic() + limit;
    const char *from = data;
    bool gone = false;
    while (len > 0) {
        ssize_t put = write(run->child.input_fd, from, len);
        if (put > 0) {
            from += put;
            len -= (size_t)put;
            continue;
        }
        if (put < 0 && errno != EAGAIN && errno != EINTR) {
            (void)wg_fail_errno(err, "%s: writing to it", run->verb);
            exec_run_stop(run);
            return false;
        }
        if (!turn(run, true, deadline, &gone, err)) return false;
        if (gone) return judge(run, true, err);
    }
    return true;
}

bool exec_run_wait(struct exec_run *run, wg_duration limit, struct wg_error *err)
{
    wg_time deadline = wg_monotonic() + limit;
    bool gone = false;
    child_close_input(&run->child);
    while (!gone)
        if (!turn(run, false, deadline, &gone, err)) return false;
    return judge(run, false, err);
}
