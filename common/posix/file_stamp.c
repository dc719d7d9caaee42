/* file_stamp.c: node, size and time of change. */
#include "common/posix/file_stamp.h"

#include <sys/stat.h>

bool wg_file_stamp_moved(const char *path, struct wg_file_stamp *stamp)
{
    struct stat info;
    if (!path[0] || stat(path, &info) != 0) return false;
    bool other = info.st_ino != stamp->node || info.st_size != stamp->size ||
                 info.st_mtim.tv_sec != stamp->changed.tv_sec ||
                 info.st_mtim.tv_nsec != stamp->changed.tv_nsec;
    *stamp =
        (struct wg_file_stamp){.node = info.st_ino, .size = info.st_size, .changed = info.st_mtim};
    return other;
}
