/* sys/pidfd.h: pidfd_open(2), which musl 1.2.3 does not name yet. */
#ifndef WG_SMALL_PIDFD_H
#define WG_SMALL_PIDFD_H

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int pidfd_open(pid_t pid, unsigned flags)
{
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

#endif
