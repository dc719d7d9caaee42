/* worker.h: the verbs of the slots, one after the other, on a thread of their own: they may take
 * half an hour, and the owner's loop waits for none of them. It hears of their ends through a
 * descriptor. Every backend is worked with in this way. Called by the owner's thread alone. */
#ifndef WG_AGENT_POSIX_SLOT_WORKER_H
#define WG_AGENT_POSIX_SLOT_WORKER_H

#include "agent/posix/slot/backend.h"

enum worker_kind {
    WORKER_PROBE,
    WORKER_PROGRAM,
    WORKER_FINISH,
    WORKER_ACTIVATE,
    WORKER_CONFIRM,
    WORKER_WELL,
    WORKER_REVERT,
    WORKER_DISCARD /* revert(), then discard(), also when that failed */
};

struct worker_job {
    enum worker_kind kind;
    bool idle;                   /* program: of the idle slot */
    struct slot_release release; /* finish, program */
};

struct worker_end {
    enum worker_kind kind;
    bool ok, idle; /* idle: of the job */
    struct wg_error err;
    struct slot_status status;   /* probe */
    struct slot_program program; /* program */
};

struct worker;

/* slots: borrowed. stop_fd: an eventfd(2), non-blocking, that the backend ends its programs for;
 * borrowed. */
WG_MUST_CHECK struct worker *worker_new(struct slot_backend *slots, int stop_fd,
                                        struct wg_error *err);
/* Ends what runs, as far as the backend looks at stop_fd, and waits for it; what waits is not done.
 */
void worker_free(struct worker *worker);

/* Done after all that was handed in before; copied. WG_E_MEMORY, or WG_E_FAILED when there is no
 * thread to be had. */
WG_MUST_CHECK bool worker_do(struct worker *worker, const struct worker_job *job,
                             struct wg_error *err);
/* Programs, finish, activate and confirm that wait are not done any more, one that runs is ended;
 * of none of them an end is told. What cleans up goes on. Waits for nothing. */
void worker_cancel(struct worker *worker);
/* Nothing waits or runs, and all ends were told: the slots may be lent to a download. */
bool worker_is_idle(struct worker *worker);
/* Since when a call of the backend goes on; monotonic, 0: none does. */
wg_time worker_since(struct worker *worker);

int worker_fd(const struct worker *worker); /* readable: look at worker_next() */
bool worker_next(struct worker *worker, struct worker_end *out);

#endif
