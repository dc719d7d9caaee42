/* process.h: one program as a child process that is given some bytes and ends with an answer.
 * Watched from the owner's loop, ended with its whole process group, and ended too when this
 * process dies. */
#ifndef WG_ORCHESTRATOR_HOOK_PROCESS_H
#define WG_ORCHESTRATOR_HOOK_PROCESS_H

#include "common/error.h"
#include "common/time.h"
#include "orchestrator/hook/words.h"

#include <poll.h>
#include <sys/types.h>

#define PROCESS_POLL_MAX 3
#define PROCESS_GRACE (2 * WG_SECOND) /* between SIGTERM and SIGKILL */

enum process_end {
    PROCESS_EXITED,    /* code: its exit code */
    PROCESS_SIGNALLED, /* code: the signal */
    PROCESS_TIMED_OUT,
    PROCESS_FLOODED,    /* it wrote more than it may */
    PROCESS_NOT_STARTED /* code: errno of what failed in the child, before the program ran */
};

struct process_stream {
    int fd; /* -1: closed */
    struct words words;
};

struct process {
    pid_t pid; /* 0: nothing runs */
    int process_fd, start_fd;
    struct process_stream out, err;
    size_t room;      /* bytes that it may still write */
    wg_time deadline; /* when something is to be done to it; 0: never */
    bool ending;      /* it was told to end, for the reason in end */
    enum process_end end;
    int code;
};

/* Borrowed for the time of process_start. Lists end with NULL. */
struct process_job {
    const char *program, *folder;
    const char *const *arguments, *const *environment;
    const void *input; /* what it reads from its standard input */
    size_t input_len;
    size_t output_max; /* bytes it may write to both its outputs together */
    wg_duration timeout;
};

/* That the program itself cannot be run is told later, by PROCESS_NOT_STARTED. */
WG_MUST_CHECK bool process_start(struct process *process, const struct process_job *job,
                                 wg_time now, struct wg_error *err);
/* At most PROCESS_POLL_MAX descriptors to wait for. */
size_t process_poll_set(const struct process *process, struct pollfd out[PROCESS_POLL_MAX]);
/* True when it has ended and is gone: end, code and the words of both outputs are set. */
bool process_look(struct process *process, wg_time now);
void process_kill(struct process *process); /* at once, with its group; nothing is told */

#endif
