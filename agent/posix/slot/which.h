/* which.h: which of the two slots the kernel was started from, by its command line. */
#ifndef WG_AGENT_POSIX_SLOT_WHICH_H
#define WG_AGENT_POSIX_SLOT_WHICH_H

#include "agent/posix/slot/backend.h"

struct which {
    const char *cmdline; /* file: /proc/cmdline */
    const char *key;     /* "wg.slot" for wg.slot=a; "root": its value is the slot's partition, as a
                            path, or as PARTLABEL=, PARTUUID=, LABEL= or UUID= */
    const char *a, *b;   /* the partitions, or image files */
};

/* *out: 'a' or 'b'. WG_E_FAILED: the command line does not say. */
WG_MUST_CHECK bool which_runs(const struct which *which, char *out, struct wg_error *err);
/* The boot script has started this slot instead of the default: it says wg.fallback=yes on the
 * command line, and wg.starts=5 with it where it could load that one, but nobody said after so many
 * starts that it was well. */
enum slot_fallback which_fell_back(const struct which *which);
/* Two names for one device or file. */
bool which_is_same(const char *one, const char *other);

#endif
