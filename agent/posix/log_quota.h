/* log_quota.h: of how many failures a day logs are sent, and whose output the trail holds: kept in
 * STATE/logs.json, so that a device that starts again and again does not send again and again. */
#ifndef WG_AGENT_POSIX_LOG_QUOTA_H
#define WG_AGENT_POSIX_LOG_QUOTA_H

#include "common/message.h"

#include <limits.h>

struct log_quota {
    char path[PATH_MAX];
    int64_t day;                 /* since 1970, the latest that was seen; 0: none */
    int64_t spent;               /* on that day */
    char order[WG_ORDER_ID_MAX]; /* whose payload's output is kept; "": nobody's */
};

/* A file that is missing or damaged counts as none. */
WG_MUST_CHECK bool log_quota_open(struct log_quota *quota, const char *state, struct wg_error *err);
/* Takes one of per_day, durably; wall 0: no clock, then it is still the last day. WG_E_LIMIT when
 * there is none left. A day that comes after the last one gives new ones; one before it does not.
 */
WG_MUST_CHECK bool log_quota_take(struct log_quota *quota, wg_time wall, int64_t per_day,
                                  struct wg_error *err);
/* The trail is that order's from now on, durably. */
WG_MUST_CHECK bool log_quota_give(struct log_quota *quota, const char *order, struct wg_error *err);

#endif
