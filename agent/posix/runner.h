/* runner.h: one verb of a payload as a child process: "payload install | boot | health". Watched
 * from the owner's loop, ended with its whole process group, and ended too when the agent dies. */
#ifndef WG_AGENT_POSIX_RUNNER_H
#define WG_AGENT_POSIX_RUNNER_H

#include "common/error.h"
#include "common/time.h"

#include <sys/types.h>

#define RUNNER_TEXT_MAX 256

struct runner {
    pid_t pid;                  /* 0: nothing runs */
    int process_fd, output_fd;  /* for the owner's poll; -1: closed, nothing to wait for */
    wg_time deadline;           /* monotonic */
    char line[RUNNER_TEXT_MAX]; /* the last whole line of output, and what follows it */
    size_t line_len;
    char last[RUNNER_TEXT_MAX];
};

struct runner_job {
    const char *program, *verb, *folder;
    const char *slot, *component, *version, *state; /* for its environment */
    wg_duration timeout;
};

void runner_init(struct runner *runner);
WG_MUST_CHECK bool runner_start(struct runner *runner, const struct runner_job *job, wg_time now,
                                struct wg_error *err);
/* Reads what it prints; true when it has ended: *ok for exit code 0, text says what it said last.
 */
bool runner_look(struct runner *runner, wg_time now, bool *ok, char text[RUNNER_TEXT_MAX]);
void runner_stop(struct runner *runner); /* kills; nothing is told */

#endif
