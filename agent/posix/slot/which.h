/* which.h: which of the two slots the kernel was started from, by its command line. */
#ifndef WG_AGENT_POSIX_SLOT_WHICH_H
#define WG_AGENT_POSIX_SLOT_WHICH_H

#include "common/error.h"

struct which {
    const char *cmdline; /* file: /proc/cmdline */
    const char *key;     /* "wg.slot" for wg.slot=a; "root": its value is the slot's partition, as a
                            path, or as PARTLABEL=, PARTUUID=, LABEL= or UUID= */
    const char *a, *b;   /* the partitions, or image files */
};

/* *out: 'a' or 'b'. WG_E_FAILED: the command line does not say. */
WG_MUST_CHECK bool which_runs(const struct which *which, char *out, struct wg_error *err);
/* The boot script could not load the slot that it had chosen, and has started this one: it says
 * wg.fallback=yes on the command line. */
bool which_fell_back(const struct which *which);
/* Two names for one device or file. */
bool which_is_same(const char *one, const char *other);

#endif
