/* world_restart.c: the end of a process that is to begin again, with the machine or by itself. */
#include "agent/posix/world.h"
#include "agent/posix/world_part.h"
#include "common/posix/signals.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of a file that was replaced meanwhile, the new one. */
static void start_anew(char *const argv[])
{
    static const char gone[] = " (deleted)";
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len > (ssize_t)strlen(gone) && memcmp(path + len - strlen(gone), gone, strlen(gone)) == 0) {
        path[len - (ssize_t)strlen(gone)] = '\0';
        (void)execv(path, argv);
    }
    (void)execv("/proc/self/exe", argv);
}

bool world_again(char *const argv[], struct wg_error *err)
{
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC); /* what libraries left open */
    start_anew(argv);
    return wg_fail_errno(err, "reboot");
}

bool world_restart(const char *program, char *const argv[], struct wg_error *err)
{
    if (!program[0]) return world_again(argv, err);
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    wg_signals_default();
    (void)execl(program, program, (char *)NULL);
    return wg_fail_errno(err, "reboot program %s", program);
}
