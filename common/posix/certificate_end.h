/* certificate_end.h: when certificates end that a program shows, believes or is shown, and the line
 * of its log that says so in time. */
#ifndef WG_COMMON_POSIX_CERTIFICATE_END_H
#define WG_COMMON_POSIX_CERTIFICATE_END_H

#include "common/time.h"

#define CERTIFICATE_END_SOON (30 * WG_DAY)
#define CERTIFICATE_END_LOOK WG_DAY /* between two lines about the same one */

/* The first end of all certificates of a PEM file, whatever their keys; 0: it cannot be read. */
wg_time certificate_file_end(const char *file);
/* If it ends soon, has ended, or could not be read (end 0). of: what it is for; name: its file, or
 * whose it is. */
void certificate_end_warn(const char *of, const char *name, wg_time end, wg_time now);

#endif
