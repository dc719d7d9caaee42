/* file.h: whole files, read with a bound and replaced atomically and durably. */
#ifndef WG_COMMON_POSIX_FILE_H
#define WG_COMMON_POSIX_FILE_H

#include "common/buf.h"
#include "common/time.h"

#include <sys/types.h>

/* Reads the whole file into out (initialised by the caller; its max is the bound). */
WG_MUST_CHECK bool wg_file_read(const char *path, struct wg_buf *out, struct wg_error *err);
/* Writes path.new, fsyncs it, renames it over path, fsyncs the folder: after a power cut the old or
 * the new content is there, whole. */
WG_MUST_CHECK bool wg_file_replace(const char *path, const void *data, size_t len, mode_t mode,
                                   struct wg_error *err);
/* Bytes that may still be written in the folder's file system; -1: not known. */
int64_t wg_room(const char *folder);
/* "no room: N bytes wanted, M free in FOLDER", WG_E_IO; always false. */
bool wg_fail_room(int64_t wanted, const char *folder, struct wg_error *err);
/* False, as wg_fail_room: so many bytes will not fit. */
WG_MUST_CHECK bool wg_room_check(int64_t wanted, const char *folder, struct wg_error *err);
/* Makes the folder and its parents; existing ones are fine. */
WG_MUST_CHECK bool wg_folder_make(const char *path, mode_t mode, struct wg_error *err);
WG_MUST_CHECK bool wg_folder_sync(const char *path, struct wg_error *err); /* fsync of the folder */
/* "folder/name" into out; WG_E_LIMIT when too long. */
WG_MUST_CHECK bool wg_path_join(char *out, size_t size, const char *folder, const char *name,
                                struct wg_error *err);
/* Whether group or others may do more with the secret at that path than they should. systemd lets
 * services read theirs ($CREDENTIALS_DIRECTORY) by a list, which looks like the group's permission
 * to read. */
struct stat;
bool wg_secret_is_open(const char *path, const struct stat *info);
/* Reads a PEM key file, Ed25519 or P-256; refuses secret keys that group or others may read, and
 * those under a passphrase (common/posix/signing_key.h reads them). */
struct wg_identity_key;
struct wg_identity_public;
WG_MUST_CHECK bool wg_identity_load(const char *path, struct wg_identity_key *out,
                                    struct wg_error *err);
WG_MUST_CHECK bool wg_identity_public_load(const char *path, struct wg_identity_public *out,
                                           struct wg_error *err);

wg_time wg_now(void);       /* the wall clock */
wg_time wg_monotonic(void); /* milliseconds that never go back */

#endif
