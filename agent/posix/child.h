/* child.h: a program as a child process in a group of its own, with a pipe for what it reads and
 * one each for what it prints. It is killed when the thread that started it ends, so also when the
 * agent dies; what it started itself is not, and sees its pipes close. Linux. Not shared between
 * threads. */
#ifndef WG_AGENT_POSIX_CHILD_H
#define WG_AGENT_POSIX_CHILD_H

#include "common/error.h"

#include <sys/types.h>

struct child {
    pid_t pid;      /* 0: nothing runs */
    int process_fd; /* readable when it has ended */
    int input_fd;   /* written to; -1: it reads from /dev/null, or all is said */
    int unread_fd;  /* the other end of the same pipe: no write is ever a SIGPIPE, and what was
                       left unread is counted */
    int output_fd, error_fd; /* read from; -1: closed by the child */
};

struct child_job {
    const char *program; /* an absolute path */
    char *const *arguments, *const *environment;
    const char *folder; /* its working directory */
    bool input;         /* it is written to */
};

void child_init(struct child *child);
WG_MUST_CHECK bool child_start(struct child *child, const struct child_job *job,
                               struct wg_error *err);
/* Nothing more is written: the child reads the end. */
void child_close_input(struct child *child);
WG_MUST_CHECK bool child_has_ended(const struct child *child);
/* Bytes that were written and not read, before the child is ended. */
WG_MUST_CHECK size_t child_unread(const struct child *child);
/* Kills what is left of the group and waits; the status of wait(2). The two output pipes stay open,
 * for the rest, until child_clear(). */
int child_end(struct child *child);
void child_clear(struct child *child); /* ends it, closes all; may be called again */

#endif
