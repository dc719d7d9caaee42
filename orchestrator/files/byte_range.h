/* byte_range.h: the Range header (RFC 9110, section 14), one range of bytes. Pure. */
#ifndef WG_ORCHESTRATOR_FILES_BYTE_RANGE_H
#define WG_ORCHESTRATOR_FILES_BYTE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct byte_range {
    int64_t start, length; /* length 0: nothing of the file */
};

/* "bytes=A-B", "bytes=A-", "bytes=-N" against a file of total bytes. False for whatever else: what
 * lies outside the file, several ranges, other units, blanks. Servers in front may read those
 * differently, so they are refused (416) and never ignored. */
bool byte_range_read(const char *header, int64_t total, struct byte_range *out);

#endif
