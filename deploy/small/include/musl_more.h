/* musl_more.h: included before every file of ours in the small build: what of glibc we use and
 * musl 1.2.3 has not, or has with other types. */
#ifndef WG_SMALL_MUSL_MORE_H
#define WG_SMALL_MUSL_MORE_H

#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLOSE_RANGE_CLOEXEC (1U << 2)

static inline int close_range(unsigned first, unsigned last, unsigned flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}

static inline char *glibc_strerror_r(int number, char *words, size_t size)
{
    if (strerror_r(number, words, size) != 0 && size > 0) words[0] = '\0';
    return words;
}
#define strerror_r glibc_strerror_r

/* In the child it would be exact; all that we open is marked so anyhow, and this marks what Paho
 * has open at this moment. */
static inline int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions,
                                                           int from)
{
    (void)actions;
    (void)close_range((unsigned)from, ~0U, CLOSE_RANGE_CLOEXEC);
    return 0;
}

#define ioctl(fd, request, value) (ioctl)(fd, (int)(request), value)

#endif
