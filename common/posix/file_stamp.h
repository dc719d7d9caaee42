/* file_stamp.h: whether a file is another one than the last time somebody looked. */
#ifndef WG_COMMON_POSIX_FILE_STAMP_H
#define WG_COMMON_POSIX_FILE_STAMP_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct wg_file_stamp {
    ino_t node;
    off_t size;
    struct timespec changed;
};

/* Keeps what it saw. path "" or a file that is not there: false. */
bool wg_file_stamp_moved(const char *path, struct wg_file_stamp *stamp);

#endif
