/* records.h: the enrolment records of claimed devices in a file, a line each, as `wavegate device
 * enrol` takes them. The file may be renamed at any time: the next record begins a new one. Who
 * then waits for its lock (flock(2)) has it whole. */
#ifndef WG_PKI_ENROL_RECORDS_H
#define WG_PKI_ENROL_RECORDS_H

#include "common/error.h"

/* On disk when it returns. What a power cut left of a line before is cut off: the device that it
 * was for has had no answer, and asks again. */
WG_MUST_CHECK bool records_append(const char *file, const char *record, struct wg_error *err);

#endif
