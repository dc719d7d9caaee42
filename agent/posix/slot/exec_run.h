/* exec_run.h: one verb of an installer as a child process: fed, listened to, ended in time.
 * Whatever the program does (hang, flood, die, close its pipes), every call returns within the time
 * it was given, and holds no more of what was printed than fits below. Linux; one thread. */
#ifndef WG_AGENT_POSIX_SLOT_EXEC_RUN_H
#define WG_AGENT_POSIX_SLOT_EXEC_RUN_H

#include "agent/posix/child.h"
#include "common/time.h"

#define EXEC_ANSWER_MAX 8192 /* bytes of an answer on stdout */
#define EXEC_LINE_MAX 256    /* of stderr's last line, with NUL */

struct exec_run {
    struct child child;
    const char *verb;
    int stop_fd;  /* readable: the run is ended, WG_E_INTERRUPTED; -1: nobody asks */
    bool answers; /* stdout is kept; otherwise it is read and dropped */
    bool over;    /* it said more than an answer holds */
    size_t answer_len, line_len;
    char answer[EXEC_ANSWER_MAX + 1];
    char line[EXEC_LINE_MAX + 8]; /* longer: it is cut where last ends, never inside a character */
    char last[EXEC_LINE_MAX];
};

struct exec_run_job {
    const char *program, *verb, *folder;
    char *const *environment;
    bool input, answers;
    int stop_fd;
};

void exec_run_init(struct exec_run *run);
WG_MUST_CHECK bool exec_run_start(struct exec_run *run, const struct exec_run_job *job,
                                  struct wg_error *err);
WG_MUST_CHECK bool exec_run_is_on(const struct exec_run *run);
/* All of data into its stdin, within limit; on failure the run is ended. */
WG_MUST_CHECK bool exec_run_feed(struct exec_run *run, const void *data, size_t len,
                                 wg_duration limit, struct wg_error *err);
/* Its stdin ends; waits until it has. WG_E_VERIFY for exit code 65, WG_E_CONFLICT for 75,
 * WG_E_TIMEOUT, WG_E_FAILED for the rest; the text is the last line that it wrote to stderr. */
WG_MUST_CHECK bool exec_run_wait(struct exec_run *run, wg_duration limit, struct wg_error *err);
void exec_run_stop(struct exec_run *run); /* kills; nothing is told */

#endif
