/* store.c: files of trusted metadata. */
#include "agent/tuf/store.h"

#include "common/posix/file.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#define FILE_MODE 0644

bool store_load(const char *folder, const char *name, struct wg_buf *out, bool *there,
                struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_error own = {0};
    if (!wg_path_join(path, sizeof path, folder, name, err)) return false;
    *there = wg_file_read(path, out, &own);
    if (*there || own.code == WG_E_NOT_FOUND || own.code == WG_E_LIMIT) return true;
    return wg_fail(err, own.code, "%s", own.text);
}

bool store_put(const char *folder, const char *name, const void *data, size_t len,
               struct wg_error *err)
{
    char path[PATH_MAX];
    return wg_path_join(path, sizeof path, folder, name, err) &&
           wg_file_replace(path, data, len, FILE_MODE, err);
}

bool store_remove(const char *folder, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_path_join(path, sizeof path, folder, name, err)) return false;
    if (unlink(path) == 0) return wg_folder_sync(folder, err);
    return errno == ENOENT || wg_fail_errno(err, "removing %s", path);
}
