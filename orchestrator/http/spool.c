/* spool.c: an unlinked file, written and read through its descriptor. */
#include "orchestrator/http/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void spool_init(struct spool *spool)
{
    *spool = (struct spool){.fd = -1};
}

bool spool_open(struct spool *spool, const char *folder, int64_t max, struct wg_error *err)
{
    *spool = (struct spool){.fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), .max = max};
    return spool->fd >= 0 || wg_fail_errno(err, "a file in %s", folder);
}

void spool_clear(struct spool *spool)
{
    if (spool->fd >= 0) (void)close(spool->fd);
    spool_init(spool);
}

bool spool_add(struct spool *spool, const void *data, size_t len, struct wg_error *err)
{
    const char *bytes = data;
    spool->over = spool->over || (int64_t)len > spool->max - spool->len;
    if (spool->over) return true;
    while (len > 0) {
        ssize_t done = write(spool->fd, bytes, len);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return wg_fail_errno(err, "keeping a file");
        bytes += done;
        len -= (size_t)done;
        spool->len += done;
    }
    return true;
}

bool spool_rewind(const struct spool *spool, struct wg_error *err)
{
    return lseek(spool->fd, 0, SEEK_SET) == 0 || wg_fail_errno(err, "a file that was kept");
}

bool spool_read(const struct spool *spool, void *out, size_t size, size_t *got,
                struct wg_error *err)
{
    ssize_t done;
    do {
        done = read(spool->fd, out, size);
    } while (done < 0 && errno == EINTR);
    *got = done > 0 ? (size_t)done : 0;
    return done >= 0 || wg_fail_errno(err, "a file that was kept");
}
