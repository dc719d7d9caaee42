/* name.h: how roles and targets are called in files and URLs. Names come from metadata, so they are
 * percent-encoded wherever they could mean something else (RFC 3986: all but letters, digits and
 * "-._~"). Pure. */
#ifndef WG_COMMON_TUF_NAME_H
#define WG_COMMON_TUF_NAME_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define TUF_ROLE_NAME_MAX 80 /* bytes; encoded and with its ending it is still a file's name */
#define TUF_FILE_NAME_MAX (3 * TUF_ROLE_NAME_MAX + 32) /* with NUL */
#define TUF_PATH_MAX 512                               /* bytes of a target's path */
#define TUF_TARGET_URL_MAX (3 * TUF_PATH_MAX + 160)    /* with NUL */

/* One of root, timestamp, snapshot, targets? No delegation may have such a name. */
bool tuf_role_is_top_level(const char *name);

/* "ROLE.json" or, with a version above 0, "VERSION.ROLE.json"; ROLE encoded, its slashes too. */
WG_MUST_CHECK bool tuf_file_name(const char *role, int64_t version, char out[TUF_FILE_NAME_MAX],
                                 struct wg_error *err);

/* Relative, no empty part, no part "." or "..", no control characters, at most TUF_PATH_MAX. */
WG_MUST_CHECK bool tuf_target_path_check(const char *path, struct wg_error *err);
/* The path below the base URL, encoded but for its slashes; with hash (not NULL) as consistent
 * snapshots want it: "FOLDER/HASH.FILE". The path was checked. */
WG_MUST_CHECK bool tuf_target_url(const char *path, const char *hash, char out[TUF_TARGET_URL_MAX],
                                  struct wg_error *err);
/* One file name for the whole path, its slashes encoded too; at most size - 1 bytes. */
WG_MUST_CHECK bool tuf_target_file_name(const char *path, char *out, size_t size,
                                        struct wg_error *err);

#endif
