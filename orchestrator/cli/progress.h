/* progress.h: how far long work is: on a terminal a line that is drawn over, elsewhere a line now
 * and then, with --quiet nothing; always on standard error. Ctrl-C ends the work in order. */
#ifndef WG_ORCHESTRATOR_CLI_PROGRESS_H
#define WG_ORCHESTRATOR_CLI_PROGRESS_H

#include "orchestrator/cli/screen.h"

#include <signal.h>

enum progress_how { PROGRESS_QUIET, PROGRESS_LINES, PROGRESS_DRAWN };

struct progress {
    enum progress_how how;
    const char *what; /* is worked at */
    wg_time begun, shown;
    bool drawn;  /* a line stands on the terminal */
    int signals; /* descriptor that tells of them; -1: none */
    sigset_t before;
};

/* Until progress_end, SIGINT and SIGTERM are only heard of by the functions below. what: borrowed.
 */
void progress_begin(struct progress *progress, const struct screen *screen, const char *what);
void progress_end(struct progress *progress); /* takes its line away */

/* So many bytes of total (0: not known) are done. WG_E_INTERRUPTED after Ctrl-C. */
WG_MUST_CHECK bool progress_told(void *progress, int64_t done, int64_t total, struct wg_error *err);
/* Waits until fd can be read. WG_E_INTERRUPTED after Ctrl-C. */
WG_MUST_CHECK bool progress_wait(struct progress *progress, int fd, struct wg_error *err);

/* The line of that moment, "" when there is none to show yet. Pure. */
void progress_line(struct progress *progress, wg_time now, int64_t done, int64_t total,
                   char out[160]);

#endif
