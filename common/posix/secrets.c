/* secrets.c: limits on what leaves a process by accident. */
#include "common/posix/secrets.h"

#include "common/posix/passphrase.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void wg_keep_secrets(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
#ifndef __SANITIZE_ADDRESS__ /* whose search for leaks traces the process */
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

bool wg_secret_path_check(const char *path, struct wg_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", path);
    bool ok = wg_secret_file_check(fd, path, err);
    (void)close(fd);
    return ok;
}
