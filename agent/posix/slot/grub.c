/* grub.c: GRUB's environment block, read and written in place. */
#include "agent/posix/slot/grub.h"

#include "common/log.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNATURE "# GRUB Environment Block\n"
#define SIGNATURE_LEN (sizeof SIGNATURE - 1)

struct grub {
    struct boot boot;
    char file[PATH_MAX];
};

static bool is_block(const char block[GRUB_BLOCK])
{
    return memcmp(block, SIGNATURE, SIGNATURE_LEN) == 0;
}

/* Where the line ends; a backslash takes the next byte with it, also a newline. */
static size_t line_end(const char *block, size_t at, size_t end)
{
    while (at < end && block[at] != '\n') at += block[at] == '\\' ? 2 : 1;
    return at < end ? at : end;
}

/* The end of the last whole line: behind it is filler, or what a torn write has left. */
static size_t lines_end(const char block[GRUB_BLOCK])
{
    size_t end = SIGNATURE_LEN;
    for (size_t at = end; at < GRUB_BLOCK;) {
        size_t stop = line_end(block, at, GRUB_BLOCK);
        if (stop == GRUB_BLOCK) break;
        at = end = stop + 1;
    }
    return end;
}

struct place {
    size_t from, to; /* of the value */
};

static bool find(const char block[GRUB_BLOCK], const char *name, struct place *out)
{
    size_t end = lines_end(block), len = strlen(name);
    for (size_t at = SIGNATURE_LEN, stop; at < end; at = stop + 1) {
        stop = line_end(block, at, end);
        if (stop - at <= len || memcmp(block + at, name, len) != 0 || block[at + len] != '=')
            continue;
        *out = (struct place){.from = at + len + 1, .to = stop};
        return true;
    }
    return false;
}

bool grub_block_get(const char block[GRUB_BLOCK], const char *name, char out[BOOT_VALUE_MAX])
{
    struct place place;
    out[0] = '\0';
    if (!is_block(block) || !find(block, name, &place)) return false;
    size_t len = place.to - place.from;
    if (len >= BOOT_VALUE_MAX) len = BOOT_VALUE_MAX - 1;
    memcpy(out, block + place.from, len);
    out[len] = '\0';
    return true;
}

static void put(char block[GRUB_BLOCK], size_t *at, const void *bytes, size_t len)
{
    memcpy(block + *at, bytes, len);
    *at += len;
}

bool grub_block_set(char block[GRUB_BLOCK], const char *name, const char *value,
                    struct wg_error *err)
{
    char old[GRUB_BLOCK];
    size_t name_len = strlen(name), value_len = strlen(value), at = 0;
    struct place place;
    memset(old, '#', sizeof old);
    memcpy(old, is_block(block) ? block : SIGNATURE, is_block(block) ? GRUB_BLOCK : SIGNATURE_LEN);
    size_t end = lines_end(old);
    bool found = find(old, name, &place);
    size_t need =
        found ? end - (place.to - place.from) + value_len : end + name_len + value_len + 2;
    if (need > GRUB_BLOCK)
        return wg_fail(err, WG_E_LIMIT, "no room for %s: the block is full", name);
    put(block, &at, old, found ? place.from : end);
    if (!found) {
        put(block, &at, name, name_len);
        put(block, &at, "=", 1);
    }
    put(block, &at, value, value_len);
    if (found)
        put(block, &at, old + place.to, end - place.to);
    else
        put(block, &at, "\n", 1);
    memset(block + at, '#', GRUB_BLOCK - at);
    return true;
}

static bool read_block(const struct grub *grub, int fd, char block[GRUB_BLOCK],
                       struct wg_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return wg_fail_errno(err, "%s", grub->file);
    if (info.st_size != GRUB_BLOCK)
        return wg_fail(err, WG_E_BAD_FILE,
                       "%s: expected an environment block of %d bytes, found %lld: make one with "
                       "grub-editenv FILE create",
                       grub->file, GRUB_BLOCK, (long long)info.st_size);
    ssize_t got = pread(fd, block, GRUB_BLOCK, 0);
    if (got == GRUB_BLOCK) return true;
    if (got >= 0) errno = EIO;
    return wg_fail_errno(err, "reading %s", grub->file);
}

static bool load(const struct grub *grub, char block[GRUB_BLOCK], struct wg_error *err)
{
    int fd = open(grub->file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", grub->file);
    bool ok = read_block(grub, fd, block, err);
    (void)close(fd);
    if (ok && !is_block(block))
        wg_log(WG_LOG_WARN, "the boot environment is damaged: GRUB boots slot a", "file",
               grub->file, NULL);
    return ok;
}

static bool get(struct boot *boot, const char *name, char out[BOOT_VALUE_MAX], struct wg_error *err)
{
    char block[GRUB_BLOCK] = "";
    if (!load((struct grub *)boot, block, err)) return false;
    (void)grub_block_get(block, name, out);
    return true;
}

static bool write_block(const struct grub *grub, int fd, const char block[GRUB_BLOCK],
                        struct wg_error *err)
{
    ssize_t wrote = pwrite(fd, block, GRUB_BLOCK, 0);
    if (wrote >= 0 && wrote < GRUB_BLOCK) errno = EIO;
    return (wrote == GRUB_BLOCK && fsync(fd) == 0) || wg_fail_errno(err, "writing %s", grub->file);
}

static bool set(struct boot *boot, const char *name, const char *value, struct wg_error *err)
{
    const struct grub *grub = (struct grub *)boot;
    char block[GRUB_BLOCK];
    int fd = open(grub->file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", grub->file);
    bool ok = read_block(grub, fd, block, err) &&
              (grub_block_set(block, name, value, err) || wg_context(err, "%s", grub->file)) &&
              write_block(grub, fd, block, err);
    (void)close(fd);
    return ok;
}

static void free_grub(struct boot *boot)
{
    free(boot);
}

static const struct boot_ops ops = {.get = get, .set = set, .free = free_grub};

struct boot *grub_new(const char *file, struct wg_error *err)
{
    struct grub *grub = calloc(1, sizeof *grub);
    if (!grub) {
        (void)wg_fail_memory(err, "the boot environment");
        return NULL;
    }
    grub->boot.ops = &ops;
    if (wg_copy(grub->file, sizeof grub->file, file)) return &grub->boot;
    (void)wg_fail(err, WG_E_LIMIT, "the path of the boot environment is too long");
    free(grub);
    return NULL;
}
