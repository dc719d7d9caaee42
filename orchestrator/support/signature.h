/* signature.h: what a device said of a failure, without what differs from device to device:
 * numbers, hex, ids, paths, times, addresses and quoted names are folded, so that a thousand
 * devices that failed alike say the same. Pure. */
#ifndef WG_ORCHESTRATOR_SUPPORT_SIGNATURE_H
#define WG_ORCHESTRATOR_SUPPORT_SIGNATURE_H

#define SIGNATURE_MAX 256 /* bytes, with NUL; longer ones are cut */

/* "read of /dev/sda1 failed at 0x7f3a (12 of 20 MB)" -> "read of <path> failed at <hex> (<n> of <n>
 * MB)". device: its own id is folded wherever it stands; may be "". detail is UTF-8, one line. */
void signature_of(const char *detail, const char *device, char out[SIGNATURE_MAX]);

#endif
