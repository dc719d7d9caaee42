/* identity_file.h: the device's age key as a file of age-keygen: lines of comments, and one with
 * AGE-SECRET-KEY-1... */
#ifndef WG_COMMON_POSIX_IDENTITY_FILE_H
#define WG_COMMON_POSIX_IDENTITY_FILE_H

#include "common/age/key.h"

/* WG_E_DENIED when group or others may read the file; WG_E_BAD_FILE when it does not hold exactly
 * one key. age_identity_clear() afterwards. */
WG_MUST_CHECK bool identity_file_load(const char *path, struct age_identity *out,
                                      struct wg_error *err);

#endif
