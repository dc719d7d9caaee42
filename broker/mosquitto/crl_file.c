/* crl_file.c: sees that the file has changed, and that its lists do not go back. */
#include "broker/mosquitto/crl_file.h"

#include "common/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)

static bool read_all(int fd, struct wg_buf *out, const char *path, struct wg_error *err)
{
    char piece[PIECE];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return wg_fail_errno(err, "%s", path);
        if (got == 0) return wg_buf_check(out, err, path);
        wg_buf_add(out, piece, (size_t)got);
        if (out->failed) return wg_buf_check(out, err, path);
    }
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* What is in use must be there again, and not an older one. */
static bool follows(const struct crl_file *file, const struct crl_set *set, struct wg_error *err)
{
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++) {
        if (!file->lists[i].known) continue;
        if (!set->items[i].found)
            return wg_fail(err, WG_E_VERIFY, "%s: lacks a list that is in use", file->path);
        if (set->items[i].number < file->lists[i].number)
            return wg_fail(err, WG_E_VERIFY, "%s: is older than the lists in use", file->path);
    }
    return true;
}

static void take(struct crl_file *file, struct crl_set *set, struct guard *guard)
{
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++) {
        struct crl *crl = &set->items[i];
        if (!crl->found) continue;
        file->lists[i] =
            (struct crl_known){.known = true, .number = crl->number, .ends = crl->ends};
        guard_set_revoked(guard, i, &crl->revoked);
    }
}

static bool read_lists(struct crl_file *file, int fd, const struct authorities *authorities,
                       struct guard *guard, struct wg_error *err)
{
    struct wg_buf pem;
    struct crl_set set;
    wg_buf_init(&pem, CRL_BYTES_MAX);
    crl_set_init(&set);
    bool ok = read_all(fd, &pem, file->path, err) &&
              (crl_parse(wg_buf_str(&pem), pem.len, authorities, &set, err) ||
               wg_context(err, "%s", file->path)) &&
              follows(file, &set, err);
    if (ok) take(file, &set, guard);
    crl_set_clear(&set);
    wg_buf_clear(&pem);
    return ok;
}

enum crl_news crl_file_look(struct crl_file *file, const struct authorities *authorities,
                            struct guard *guard, struct wg_error *err)
{
    struct stat now;
    memset(&now, 0, sizeof now); /* of a file that is not there */
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0 && fstat(fd, &now) == 0;
    if (!ok) (void)wg_fail_errno(err, "%s", file->path);
    bool unchanged = file->seen && is_same(&file->last, &now);
    file->last = now;
    file->seen = true;
    ok = ok && (unchanged || read_lists(file, fd, authorities, guard, err));
    if (fd >= 0) (void)close(fd);
    if (unchanged) return CRL_UNCHANGED;
    return ok ? CRL_TAKEN : CRL_REFUSED;
}

wg_time crl_file_ends(const struct crl_file *file)
{
    wg_time first = 0;
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++)
        if (file->lists[i].ends && (!first || file->lists[i].ends < first))
            first = file->lists[i].ends;
    return first;
}
