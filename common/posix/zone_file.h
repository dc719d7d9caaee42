/* zone_file.h: time zones from the files of the system's zone database, each read once. */
#ifndef WG_COMMON_POSIX_ZONE_FILE_H
#define WG_COMMON_POSIX_ZONE_FILE_H

#include "common/tz.h"

struct zone_files; /* not shared between threads */

/* folder: NULL for /usr/share/zoneinfo. NULL: out of memory, or the folder's name is too long. */
struct zone_files *zone_files_new(const char *folder);
void zone_files_free(struct zone_files *files); /* NULL is fine */

/* The zone of that IANA name; borrowed until the files are freed, and not read again: a new tzdata
 * counts from the next start. "" is the system's own, read anew by each call and borrowed until the
 * next: /etc/localtime, or in a folder that was given its localtime; UTC when there is none.
 * NULL: WG_E_BAD_INPUT (no name of a zone, or not one in the file), WG_E_NOT_FOUND, WG_E_IO,
 * WG_E_LIMIT, WG_E_MEMORY; what failed is tried again next time. */
const struct wg_tz *zone_files_get(struct zone_files *files, const char *name,
                                   struct wg_error *err);

#endif
