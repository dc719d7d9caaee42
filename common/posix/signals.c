/* signals.c: signals as a descriptor, and as a new program expects them. */
#include "common/posix/signals.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct sigaction has other members than the C library's; all zero is SIG_DFL with no
 * flags and an empty mask on every architecture. */
struct kernel_default {
    unsigned char zero[64];
};

void wg_signals_default(void)
{
    static const struct kernel_default by_default;
    sigset_t none;
    /* The C library keeps two real-time signals for itself and refuses to set them, but hands on
     * what they were when the process began. */
    for (int number = 1; number < NSIG; number++)
        (void)syscall(SYS_rt_sigaction, number, &by_default, NULL, NSIG / 8);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

bool wg_signals_open(int *signals, struct wg_error *err)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    *signals = -1;
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return wg_fail_errno(err, "blocking signals");
    *signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *signals >= 0 || wg_fail_errno(err, "opening signals");
}
