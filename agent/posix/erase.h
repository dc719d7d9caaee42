/* erase.h: the device's keys, destroyed: all that it is known by, and what opens artifacts for it.
 *
 * Each file is written over, synced and unlinked, its folder synced. On flash the medium may keep
 * what was written before until it reuses the block (docs/identity.md). */
#ifndef WG_AGENT_POSIX_ERASE_H
#define WG_AGENT_POSIX_ERASE_H

#include "agent/posix/settings.h"

/* Also what an earlier try has left; the certificate last. What is not there is gone already. All
 * is tried; the first that fails is told. */
WG_MUST_CHECK bool erase_keys(const struct settings *settings, struct wg_error *err);
/* Key and certificate are there. */
bool erase_has_keys(const struct settings *settings);

#endif
