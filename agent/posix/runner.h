/* runner.h: one program as a child process: a verb of a payload, "payload install | boot | health",
 * or a hook. Watched from the owner's loop, ended with its whole process group, and ended too when
 * the agent dies. */
#ifndef WG_AGENT_POSIX_RUNNER_H
#define WG_AGENT_POSIX_RUNNER_H

#include "common/error.h"
#include "common/time.h"

#include <stddef.h>
#include <sys/types.h>

#define RUNNER_TEXT_MAX 256
#define RUNNER_ENVIRONMENT_MAX 16

struct runner {
    pid_t pid;                  /* 0: nothing runs */
    int process_fd, output_fd;  /* for the owner's poll; -1: closed, nothing to wait for */
    wg_time deadline;           /* monotonic */
    char line[RUNNER_TEXT_MAX]; /* the last whole line of output, and what follows it */
    size_t line_len;
    char last[RUNNER_TEXT_MAX], before_last[RUNNER_TEXT_MAX];
    const char *mark;             /* of the job */
    char marked[RUNNER_TEXT_MAX]; /* the last line behind the mark */
    bool payload;
    /* who gets all of the output as it comes; NULL: nobody. Set after runner_init(). */
    void (*heard)(void *ctx, const char *bytes, size_t len);
    void *ctx;
};

struct runner_end {
    int code;                   /* of its exit; -1: a signal, or no answer in time */
    char text[RUNNER_TEXT_MAX]; /* what it said last, or how it ended */
    char marked[RUNNER_TEXT_MAX];
};

struct runner_job {
    const char *program, *folder;
    const char *verb;               /* its argument, of a payload; NULL: none, a hook */
    const char *const *environment; /* "NAME=value", up to RUNNER_ENVIRONMENT_MAX, then NULL; a PATH
                                       goes along */
    const char *mark; /* lines that begin so are kept apart; NULL: none. Borrowed while it runs */
    wg_duration timeout;
};

void runner_init(struct runner *runner);
WG_MUST_CHECK bool runner_start(struct runner *runner, const struct runner_job *job, wg_time now,
                                struct wg_error *err);
/* Reads what it prints; true when it has ended. What it said is without secrets then
 * (common/redact.h): it goes into a report. */
bool runner_look(struct runner *runner, wg_time now, struct runner_end *end);
void runner_stop(struct runner *runner); /* kills; nothing is told */

#endif
