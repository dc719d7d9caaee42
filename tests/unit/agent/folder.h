/* folder.h: a folder of a test's own, gone when the test is over. */
#ifndef WG_TESTS_UNIT_AGENT_FOLDER_H
#define WG_TESTS_UNIT_AGENT_FOLDER_H

#include "common/posix/file.h"
#include "common/text.h"
#include "tests/unit/harness.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    char name[PATH_MAX]; /* of the last file asked for */
    struct wg_buf text;  /* of the last file read */
};

static inline void folder_make(struct folder *folder)
{
#ifdef FOLDER_IN_MEMORY /* by tests that make thousands, and start nothing that lies in them */
    (void)wg_copy(folder->path, sizeof folder->path, "/dev/shm/wg-test-XXXXXX");
    if (!mkdtemp(folder->path))
#endif
    {
        (void)wg_copy(folder->path, sizeof folder->path, "/tmp/wg-test-XXXXXX");
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder->path));
    }
    wg_buf_init(&folder->text, 1 << 20);
}

static inline int folder_remove_one(const char *path, const struct stat *info, int kind,
                                    struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static inline void folder_remove(struct folder *folder)
{
    wg_buf_clear(&folder->text);
    CU_ASSERT_EQUAL(nftw(folder->path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Path of a file in it; until the next call. */
static inline const char *folder_file(struct folder *folder, const char *name)
{
    (void)snprintf(folder->name, sizeof folder->name, "%s/%s", folder->path, name);
    return folder->name;
}

static inline void folder_put(struct folder *folder, const char *name, const char *text,
                              mode_t mode)
{
    const char *path = folder_file(folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE_FATAL(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    CU_ASSERT_EQUAL_FATAL(chmod(path, mode), 0);
}

/* Both copies of a file that is kept twice. */
static inline void folder_put_twice(struct folder *folder, const char *name, const char *text)
{
    char second[NAME_MAX + 1];
    (void)snprintf(second, sizeof second, "%s.1", name);
    folder_put(folder, name, text, 0600);
    folder_put(folder, second, text, 0600);
}

/* Content of a file; "" when there is none; until the next call. */
static inline const char *folder_get(struct folder *folder, const char *name)
{
    wg_buf_clear(&folder->text);
    if (!wg_file_read(folder_file(folder, name), &folder->text, NULL)) return "";
    return wg_buf_str(&folder->text);
}

static inline bool folder_has(struct folder *folder, const char *name)
{
    return access(folder_file(folder, name), F_OK) == 0;
}

#endif
