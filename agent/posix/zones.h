/* zones.h: the device's own time zone, as it is now, and all others by name. A device may be
 * carried into another zone while the agent runs: the system's own is read again when it changes.
 */
#ifndef WG_AGENT_POSIX_ZONES_H
#define WG_AGENT_POSIX_ZONES_H

#include "common/tz.h"

struct zones;

/* Where the own zone comes from: the first of these that says something. */
struct zones_sources {
    const char *configured;  /* a name; "": it is not configured */
    const char *environment; /* what TZ says; NULL: it is not set */
    const char *localtime;   /* a file, as /etc/localtime; its link target is its name */
    const char *timezone; /* a file with the name, as /etc/timezone, where localtime is no link */
};

/* The texts are copied. NULL: WG_E_MEMORY or WG_E_LIMIT. */
struct zones *zones_new(const struct zones_sources *sources, struct wg_error *err);
void zones_free(struct zones *zones); /* NULL is fine */

/* The own zone's IANA name now; "": not known. Borrowed until the next call. */
const char *zones_own(struct zones *zones);
/* For core_config.tz: zones is a struct zones. Borrowed until the next call. */
const struct wg_tz *zones_get(void *zones, const char *name);

#endif
