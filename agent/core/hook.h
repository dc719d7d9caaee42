/* hook.h: the moments of an update at which the device's own programs, its hooks, are asked or
 * told.
 */
#ifndef WG_AGENT_CORE_HOOK_H
#define WG_AGENT_CORE_HOOK_H

#include "common/message.h"

enum core_hook_phase {
    CORE_HOOK_CHECK, /* before an order is accepted */
    CORE_HOOK_DOWNLOAD,
    CORE_HOOK_INSTALL,
    CORE_HOOK_REBOOT, /* enter: before the new slot is marked to boot; leave: when it has booted */
    CORE_HOOK_HEALTH, /* enter: every health check in probation */
    CORE_HOOK_PHASES
};

enum core_hook_moment {
    CORE_HOOK_ENTER,
    CORE_HOOK_LEAVE,
    CORE_HOOK_ERROR, /* told that the order ended badly in this phase; has no say */
    CORE_HOOK_MOMENTS
};

/* What the hooks of one moment are asked about. */
struct core_hook {
    enum core_hook_phase phase;
    enum core_hook_moment moment;
    enum wg_cause cause;            /* error */
    char reason[WG_DETAIL_MAX + 1]; /* error: for a person */
    char order[WG_ORDER_ID_MAX];
    char campaign[WG_NAME_MAX + 1];
    char component[WG_NAME_MAX + 1];
    char version[WG_VERSION_MAX + 1];
    char from[WG_VERSION_MAX + 1]; /* that ran when the order was accepted; "" not known */
};

const char *core_hook_phase_text(enum core_hook_phase phase);    /* "download" */
const char *core_hook_moment_text(enum core_hook_moment moment); /* "enter" */

#endif
