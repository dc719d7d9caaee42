/* progress.c: when a line is due, and what it says. */
#include "orchestrator/cli/progress.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define CALM 500        /* ms: what is over by then shows nothing */
#define DRAWN_EVERY 100 /* ms */
#define LINES_EVERY (10 * WG_SECOND)

static enum progress_how how_of(const struct screen *screen)
{
    const char *term = getenv("TERM");
    if (screen->quiet) return PROGRESS_QUIET;
    return isatty(STDERR_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0
               ? PROGRESS_DRAWN
               : PROGRESS_LINES;
}

void progress_begin(struct progress *progress, const struct screen *screen, const char *what)
{
    sigset_t set;
    wg_time now = wg_monotonic();
    *progress = (struct progress){.how = how_of(screen), .what = what, .begun = now, .shown = now};
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, &progress->before);
    progress->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (progress->signals < 0) (void)sigprocmask(SIG_SETMASK, &progress->before, NULL);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn) (void)fputs("\r\033[K", stderr);
    progress->drawn = false;
    if (progress->signals < 0) return;
    (void)close(progress->signals);
    progress->signals = -1;
    (void)sigprocmask(SIG_SETMASK, &progress->before, NULL);
}

static void bytes_text(int64_t bytes, char out[32])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= 1000;
        unit++;
    }
    (void)snprintf(out, 32, unit ? "%.1f %s" : "%.0f %s", amount, units[unit]);
}

void progress_line(struct progress *progress, wg_time now, int64_t done, int64_t total,
                   char out[160])
{
    bool drawn = progress->how == PROGRESS_DRAWN;
    wg_duration every = drawn ? DRAWN_EVERY : LINES_EVERY, taken = now - progress->begun;
    char amount[32], left[WG_TIME_TEXT];
    out[0] = '\0';
    if (progress->how == PROGRESS_QUIET || (drawn && taken < CALM) || now - progress->shown < every)
        return;
    progress->shown = now;
    bytes_text(total > 0 ? total : done, amount);
    if (total <= 0 || done <= 0 || done > total) {
        (void)snprintf(out, 160, "%.80s: %s", progress->what, amount);
        return;
    }
    wg_duration rest = (wg_duration)((double)taken * (double)(total - done) / (double)done);
    wg_duration_words(rest - rest % WG_SECOND, left);
    (void)snprintf(out, 160, "%.80s: %d%% of %s, %s left", progress->what,
                   (int)(100.0 * (double)done / (double)total), amount, left);
}

static void show(struct progress *progress, int64_t done, int64_t total)
{
    char line[160];
    progress_line(progress, wg_monotonic(), done, total, line);
    if (!line[0]) return;
    wg_text_tame(line);
    progress->drawn = progress->how == PROGRESS_DRAWN;
    (void)fprintf(stderr, progress->drawn ? "\r\033[K%s" : "wavegate: %s\n", line);
    (void)fflush(stderr);
}

static bool goes_on(const struct progress *progress, struct wg_error *err)
{
    struct signalfd_siginfo heard;
    return progress->signals < 0 ||
           read(progress->signals, &heard, sizeof heard) != (ssize_t)sizeof heard ||
           wg_fail(err, WG_E_INTERRUPTED, "interrupted: nothing was changed");
}

bool progress_told(void *progress, int64_t done, int64_t total, struct wg_error *err)
{
    show(progress, done, total);
    return goes_on(progress, err);
}

bool progress_wait(struct progress *progress, int fd, struct wg_error *err)
{
    struct pollfd set[2] = {{.fd = fd, .events = POLLIN},
                            {.fd = progress->signals, .events = POLLIN}};
    while (poll(set, 2, -1) < 0)
        if (errno != EINTR) return wg_fail_errno(err, "waiting");
    return goes_on(progress, err);
}
